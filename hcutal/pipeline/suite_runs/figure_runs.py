"""The figures of suites: made from what the stages of one run of each variant wrote, anew where that changes."""

from collections.abc import Callable, Sequence
from pathlib import Path

import hcutal.report.figures
from hcutal.code import tree_digest
from hcutal.files import json_digest, read_json
from hcutal.layout import FigureFiles
from hcutal.pipeline.graph import Graph, stages_of, state_of
from hcutal.pipeline.suite_runs.suite_call import PlannedSuites
from hcutal.report.figures.compared import ComparedRuns, NothingToDrawError
from hcutal.report.figures.suite_figures import FIGURES, write_figure
from hcutal.report.kit.page import Picture
from hcutal.report.run_outputs import read_outputs
from hcutal.report.sections.suite_figures_section import ShownFigure
from hcutal.suites.suites import SUITES


def make_figures(plan: PlannedSuites, graph: Graph, say: Callable[[str], None]) -> list[ShownFigure]:
    """Draw the figures of a call and write them as PNG, SVG and PDF; those that are there already are read.

    A figure that the data set has not what is needed for is not drawn, and says why.
    """
    return [_figure(suite, plan, graph, say) for suite in plan.figures]


def _figure(suite: str, plan: PlannedSuites, graph: Graph, say: Callable[[str], None]) -> ShownFigure:
    files = FigureFiles.of(suite, plan.call.dataset, plan.call.preset)
    runs = {variant: plan.run_of(variant) for variant in SUITES[suite].variants}
    fingerprint = figure_fingerprint(suite, list(runs.items()), plan, graph)
    if not _is_made(files, fingerprint):
        say(f"{suite}: drawn from {', '.join(runs.values())}")
        compared = ComparedRuns(
            {variant: read_outputs(run, plan.call.dataset) for variant, run in runs.items()},
            plan.call.recordings,
            plan.call.label,
        )
        try:
            write_figure(files, FIGURES[suite](compared), fingerprint)
        except NothingToDrawError as error:
            say(f"{suite}: not drawn: {error}")
            for path in (*files.pictures, files.about):
                path.unlink(missing_ok=True)
            return ShownFigure(suite, SUITES[suite].about, None, reason=str(error))
    about = read_json(files.about)
    picture = Picture(suite, about["alt"], files.png.read_bytes(), about["width"], about["height"])
    names = [path.name for path in files.pictures]
    return ShownFigure(suite, SUITES[suite].about, picture, about["caption"], about["choice"], files=names)


def figure_fingerprint(suite: str, runs: Sequence[tuple[str, str]], plan: PlannedSuites, graph: Graph) -> str:
    """One fingerprint of all that a figure follows from: results, what was asked for, the code that draws it."""
    folder = Path(hcutal.report.figures.__file__).parent
    return json_digest(
        {
            "suite": suite,
            "runs": {variant: [run, state_of(stages_of(graph, run))] for variant, run in runs},
            "asked": [list(plan.call.recordings), plan.call.label],
            "code": {path.name: tree_digest(path) for path in sorted(folder.glob("*.py"))},
        }
    )


def _is_made(files: FigureFiles, fingerprint: str) -> bool:
    if not files.about.exists() or not all(path.exists() for path in files.pictures):
        return False
    about = read_json(files.about)
    return isinstance(about, dict) and about.get("fingerprint") == fingerprint
