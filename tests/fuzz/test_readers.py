"""Damaged files for every reader, few of them: `benchmarks/faults.py fuzz` reads many."""

from pathlib import Path

import pytest

from tests.fuzz.campaign import attack, damaged
from tests.fuzz.sample import write_sample
from tests.fuzz.targets import TARGETS, Target

INPUTS = 40


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz") / "sample"
    write_sample(folder)
    return folder


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name.replace("/", "."))
def test_a_damaged_file_is_taken_or_refused_with_our_own_error(
    target: Target, sample: Path, tmp_path: Path
) -> None:
    outcome = attack(target, sample, tmp_path / "copy", int(INPUTS * target.weight), seed=1)
    assert outcome.faults == {}
    assert outcome.taken + outcome.refused == int(INPUTS * target.weight)


def test_an_input_is_the_same_whenever_it_is_asked_for(sample: Path) -> None:
    valid = (sample / TARGETS[0].file).read_bytes()
    made = [damaged(TARGETS[0], valid, 0, number) for number in range(50)]
    assert made == [damaged(TARGETS[0], valid, 0, number) for number in range(50)]
    assert len(set(made)) > 40
    assert made != [damaged(TARGETS[0], valid, 1, number) for number in range(50)]
