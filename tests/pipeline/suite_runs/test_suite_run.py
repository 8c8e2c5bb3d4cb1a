"""What a call of suites does before it trains."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hcutal.data.annotations import VIDEO_COLUMNS, Annotations, instance_table, write_annotations
from hcutal.errors import HcutalError
from hcutal.layout import DatasetFiles
from hcutal.pipeline.suite_runs import suite_run
from hcutal.pipeline.suite_runs.suite_call import PlannedSuites, SuiteCall
from hcutal.pipeline.suite_runs.suite_costs import SuiteCosts
from hcutal.pipeline.suite_runs.suite_run import bring_up_to_date

PLAN = PlannedSuites(
    SuiteCall(["figure4"], "toy", "default", [0]),
    ["figure4"],
    {},
    {},
    ["toy"],
    SuiteCosts([], [], 0, None, 0),
)
VIDEOS = pd.DataFrame([("a", "test", 9.0), ("b", "test", 9.0), ("c", "train", 9.0)], columns=VIDEO_COLUMNS)
INSTANCES = [("a", 1.0, 2.0, "run"), ("b", 1.0, 2.0, "jump"), ("c", 1.0, 2.0, "swim")]


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the pipeline was asked to bring up to date, and `written` where params.yaml was."""
    monkeypatch.chdir(tmp_path)
    found: list[str] = []

    def run(names: Sequence[str], *_: Any) -> int:
        found.extend(names)
        if "prepare@toy" in names:
            write_annotations(
                DatasetFiles.of("toy").annotations, Annotations(VIDEOS, instance_table(INSTANCES))
            )
        return 0

    def write(entries: Any) -> list[str]:
        found.append("written")
        return []

    monkeypatch.setattr(suite_run, "run_pipeline", run)
    monkeypatch.setattr(suite_run, "write_experiments", write)
    return found


def bring(**asked: Any) -> int:
    return bring_up_to_date(replace(PLAN, call=replace(PLAN.call, **asked)), "1", Path("profile"), print)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"label": "swim"}, "--class: found 'swim'; expected one of jump, run"),
        ({"recordings": ["c"]}, "--recordings: found 'c'; expected an annotated test recording, such as a"),
        ({"recordings": ["a"], "label": "jump"}, "none has an instance of jump; expected one of b"),
    ],
)
def test_what_figures_cannot_show_is_refused_before_anything_is_trained(
    asked: dict[str, Any], message: str, brought: list[str]
) -> None:
    with pytest.raises(HcutalError, match=message):
        bring(**asked)
    assert brought == ["prepare@toy"]


def test_what_they_can_show_is_trained(brought: list[str]) -> None:
    assert bring(recordings=["b"], label="jump") == 0
    assert brought == ["prepare@toy", "written", "toy"]


def test_where_nothing_is_asked_for_the_data_is_not_looked_at_beforehand(brought: list[str]) -> None:
    assert bring() == 0
    assert brought == ["written", "toy"]
