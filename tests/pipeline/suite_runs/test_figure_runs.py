"""Figures of suites are drawn once for the same results, and again where what they follow from changes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from hcutal.layout import FigureFiles
from hcutal.params.document import Experiment
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.suite_runs import figure_runs
from hcutal.pipeline.suite_runs.figure_runs import make_figures
from hcutal.pipeline.suite_runs.suite_call import PlannedSuites, SuiteCall
from hcutal.pipeline.suite_runs.suite_costs import SuiteCosts
from hcutal.report.figures.compared import ComparedRuns, DrawnFigure, NothingToDrawError

ENTRY = Experiment.model_validate({"dataset": "toy", "seeds": [0, 1, 2], "supervision": "unsupervised"})
PLAN = PlannedSuites(
    SuiteCall(["figure5"], "toy", "default", [1, 2]),
    ["figure5"],
    {},
    {"spectral": ("toy-spectral", ENTRY), "full": ("toy", ENTRY)},
    ["toy-spectral", "toy"],
    SuiteCosts([], [], 0, None, 0),
)


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[ComparedRuns]:
    """What figure5 was drawn from, each time that it was."""
    monkeypatch.chdir(tmp_path)
    calls: list[ComparedRuns] = []

    def draw(compared: ComparedRuns) -> DrawnFigure:
        calls.append(compared)
        if compared.label == "nothing":
            raise NothingToDrawError("nothing to be seen")
        return DrawnFigure(Figure(), "in words", "how to read it", "by a rule")

    monkeypatch.setattr(figure_runs, "FIGURES", {"figure5": draw})
    monkeypatch.setattr(figure_runs, "read_outputs", lambda run, dataset: run)
    return calls


def graph(content: str = "1") -> dict[str, Stage]:
    runs = ("toy-spectral.1", "toy.1", "toy.2")
    return {f"train@{run}": Stage(f"train@{run}", (), True, True, {"outs": content}, {}, {}) for run in runs}


def asking(**values: Any) -> PlannedSuites:
    return replace(PLAN, call=replace(PLAN.call, **values))


def test_the_runs_of_the_first_seed_are_shown_and_drawn_once(drawn: list[ComparedRuns]) -> None:
    said: list[str] = []
    (first,) = make_figures(PLAN, graph(), said.append)
    (second,) = make_figures(PLAN, graph(), said.append)
    assert [dict(each.runs) for each in drawn] == [{"spectral": "toy-spectral.1", "full": "toy.1"}]
    assert said == ["figure5: drawn from toy-spectral.1, toy.1"]
    assert first == second and first.picture is not None
    assert (first.picture.alt, first.caption, first.choice) == ("in words", "how to read it", "by a rule")
    assert first.files == ["figure5.png", "figure5.svg", "figure5.pdf"]


def test_other_results_other_names_and_missing_files_are_drawn_anew(drawn: list[ComparedRuns]) -> None:
    make_figures(PLAN, graph(), str)
    make_figures(PLAN, graph("2"), str)
    make_figures(asking(recordings=["one"]), graph("2"), str)
    assert [list(each.recordings) for each in drawn] == [[], [], ["one"]]
    FigureFiles.of("figure5", "toy", "default").svg.unlink()
    make_figures(asking(recordings=["one"]), graph("2"), str)
    assert len(drawn) == 4


def test_a_figure_that_cannot_be_drawn_says_why_and_stops_nothing(drawn: list[ComparedRuns]) -> None:
    make_figures(PLAN, graph(), str)
    (shown,) = make_figures(asking(label="nothing"), graph(), str)
    assert (shown.picture, shown.reason) == (None, "nothing to be seen")
    # What was drawn before is not of these results.
    assert not FigureFiles.of("figure5", "toy", "default").png.exists()
