"""How many processes extract: as many as there are cores, recordings and memory for, and no more than were given."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.cores import GIVEN, given_cores
from hcutal.extract import workers
from hcutal.extract.many import extract_many
from hcutal.extract.registry import Recipe
from hcutal.extract.workers import count_workers

VECTORS = Recipe("vectors", {"fps": 10.0})
Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight cores were given, with memory for five workers."""

    class Memory:
        available = 5 * 4000 << 20

    monkeypatch.setenv(GIVEN, "8")
    monkeypatch.setattr(workers.psutil, "virtual_memory", Memory)


def test_auto_is_what_cores_memory_and_recordings_allow() -> None:
    assert count_workers("auto", 1, 100, VECTORS) == 5
    assert count_workers("auto", 1, 100, VECTORS, memory_mb=1000) == 8
    assert count_workers("auto", 3, 100, VECTORS) == 2
    assert count_workers("auto", 1, 3, VECTORS) == 3
    assert count_workers("auto", 1, 100, VECTORS, memory_mb=100_000) == 1


def test_memory_of_the_device_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "pick_device", lambda name: torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2 * 4000 << 20, 0))
    assert count_workers("auto", 1, 100, Recipe("i3d", {})) == 2
    assert count_workers("auto", 1, 100, VECTORS) == 5


def test_a_number_is_taken_as_far_as_cores_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert count_workers(16, 1, 100, VECTORS) == 8
    monkeypatch.delenv(GIVEN)
    assert count_workers(16, 1, 100, VECTORS) == 16


@pytest.mark.parametrize("text", ["", "0", "many"])
def test_where_nothing_was_given_the_machine_is(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GIVEN, text)
    assert given_cores() >= 1


def test_one_worker_and_two_give_the_same_bytes(counting: str, recordings: Make, tmp_path: Path) -> None:
    folder = recordings(one="3", two="5", three="2")
    files = {path.stem: path for path in sorted(folder.glob("*.txt"))}
    contents = []
    for count in (1, 2):
        found = extract_many(Recipe(counting, {}), files, tmp_path / str(count), workers=count)
        contents.append(
            {name: [p.read_bytes() for p in sorted(place.iterdir())] for name, place in found.folders.items()}
        )
    assert contents[0] == contents[1]
    assert list(contents[0]) == list(files)


@pytest.mark.parametrize("command", ["extract", "localize"])
def test_a_number_of_workers_that_is_none_is_refused(command: str) -> None:
    done = CliRunner().invoke(main, [command, "film.mp4", "--out", "o", "--run", "a", "--workers", "0"])
    assert done.exit_code == 2
    done = CliRunner().invoke(main, [command, "film.mp4", "--help"])
    assert "as many as cores and" in done.output
