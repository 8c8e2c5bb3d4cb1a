"""What the sections share."""

from collections.abc import Callable
from pathlib import Path

from hcutal.params.report import ReportParams
from hcutal.report.kit.colours import PALETTE
from hcutal.report.material import collect
from hcutal.report.run_outputs import read_outputs

Project = Callable[..., Path]


def test_timelines_are_of_recordings_evenly_spaced_in_all(project: Project) -> None:
    project()
    found = collect(read_outputs("demo.0", "toy"), ReportParams(timelines=3))
    assert [timeline.recording for timeline in found.timelines] == ["test_0000", "test_0012", "test_0023"]
    assert found.folder == Path("results/demo/seed-0/report")


def test_annotated_classes_that_are_drawn_have_the_first_claim_to_colours(project: Project) -> None:
    project(classes=tuple(f"class {n}" for n in range(30)), clusters=30)
    found = collect(read_outputs("demo.0", "toy"), ReportParams(timelines=3))
    true = list(dict.fromkeys(label for timeline in found.timelines for label in timeline.true_classes))
    assert [found.colours[label] for label in true] == list(PALETTE[: len(true)])
    assert set(found.colours) >= set(found.curves.classes)
