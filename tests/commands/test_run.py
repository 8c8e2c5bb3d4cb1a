"""What `hcutal run` tells at its end."""

from pathlib import Path

import pytest

from hcutal.commands.run import TOLD, _first_of
from hcutal.files import write_json
from hcutal.layout import PLAN
from hcutal.pipeline.compare import Summarised
from hcutal.pipeline.outlook import Step, write_plan

MANY = [Summarised(f"{data}{n:02d}", {"dataset": data, "seeds": [0]}, {}) for data in "ab" for n in range(30)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    PLAN.parent.mkdir(parents=True)


def names(experiments: list[Summarised]) -> list[str]:
    return [each.name for each in experiments]


def test_of_many_experiments_the_first_of_each_data_set_are_told() -> None:
    write_plan([])
    assert names(_first_of(MANY)) == [f"{data}{n:02d}" for data in "ab" for n in range(TOLD)]


def test_few_are_all_told_in_their_order() -> None:
    few = MANY[:TOLD]
    assert _first_of(few) == few
    assert _first_of([]) == []


def test_what_the_run_brought_up_to_date_is_told_in_its_place() -> None:
    write_plan([Step("train@b27.0", "runs", ""), Step("summary@b27", "may run", "")])
    assert names(_first_of(MANY))[2 * TOLD :] == ["b27"]
    write_plan([Step(f"summary@{each.name}", "runs", "") for each in MANY])
    assert len(_first_of(MANY)) == 2 * TOLD


def test_a_plan_that_cannot_be_read_changes_nothing() -> None:
    write_json(PLAN, {"no": "plan"})
    assert len(_first_of(MANY)) == 2 * TOLD
