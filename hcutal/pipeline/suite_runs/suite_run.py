"""A run of suites: their experiments brought up to date, then tables, figures, the page, and MLflow."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.layout import PAGE, FigureFiles, SuiteFiles, suites_dir
from hcutal.pipeline.compare import Summarised, summarised
from hcutal.pipeline.graph import read_graph
from hcutal.pipeline.run import run_pipeline
from hcutal.pipeline.suite_runs.figure_runs import make_figures
from hcutal.pipeline.suite_runs.suite_call import PlannedSuites
from hcutal.pipeline.suite_runs.suite_differences import differences
from hcutal.pipeline.suite_runs.suite_experiments import write_experiments
from hcutal.pipeline.suite_runs.suite_page import against_full, suites_report
from hcutal.pipeline.suite_runs.suite_rules import suite_states
from hcutal.pipeline.suite_runs.suite_tables import write_suite
from hcutal.pipeline.suite_runs.suite_tracking import track_suites
from hcutal.report.figures.asked_for import check_label, check_recordings, those_with
from hcutal.report.pages.suites_page import write_suites_page
from hcutal.report.run_outputs import annotated_test_part
from hcutal.suites.suites import variants_of

Say = Callable[[str], None]


def bring_up_to_date(plan: PlannedSuites, cores: str, profile: Path, say: Say) -> int:
    """Write the experiments of a call into params.yaml and run them, and no others; returns the exit status.

    Raises `HcutalError`, before anything is trained, for recordings and a class that the data set has not.
    """
    if plan.call.recordings or plan.call.label:
        status = run_pipeline([f"prepare@{plan.call.dataset}"], cores, False, say, profile)
        if status:
            return status
        check_asked(plan)
    for name in write_experiments(plan.entries):
        say(f"params.yaml: experiments.{name} is written")
    # Experiments that have a training in common take it from the first, which is to be complete by then.
    status = run_pipeline(plan.first, cores, False, say, profile)
    if status == 0 and len(plan.first) < len(plan.experiments):
        status = run_pipeline(plan.experiments, cores, False, say, profile)
    return status


def check_asked(plan: PlannedSuites) -> None:
    """Raise `HcutalError` for recordings and a class of a call that the prepared data set has not."""
    call, truth = plan.call, annotated_test_part(plan.call.dataset)
    if truth is None:
        raise HcutalError(
            f"--recordings, --class: data set {call.dataset} has no annotated test recording; leave them out"
        )
    if call.label is not None:
        check_label(call.label, truth)
    check_recordings(call.recordings, truth)
    if call.label is not None and call.recordings and "figure4" in plan.figures:
        those_with(call.recordings, call.label, truth)


def show_suites(plan: PlannedSuites, say: Say) -> list[str]:
    """Write tables, figures and the page of a call whose experiments are complete; returns the tables as Markdown."""
    call = plan.call
    found = _results(plan)
    graph = read_graph()
    states = suite_states(plan.rules, plan.entries, call.preset, say)
    away = differences(variants_of(plan.tables), found)
    tables = [
        write_suite(suite, call.dataset, call.preset, found, states[suite], against_full(away))
        for suite in plan.tables
    ]
    figures = make_figures(plan, graph, say)
    page = page_path(plan)
    write_suites_page(page, suites_report(plan, found, states, away, figures, graph))
    track_suites(plan, graph, [page, *_files(plan)])
    return tables


def page_path(plan: PlannedSuites) -> Path:
    """The page of a call."""
    return suites_dir(plan.call.dataset, plan.call.preset) / PAGE


def _results(plan: PlannedSuites) -> Mapping[str, Summarised]:
    """The results of the experiments of a call, by variant."""
    by_name = {each.name: each for each in summarised(patterns=plan.experiments)}
    return {variant: by_name[name] for variant, (name, _) in plan.entries.items() if name in by_name}


def _files(plan: PlannedSuites) -> list[Path]:
    """The tables and figures of a call."""
    where = plan.call.dataset, plan.call.preset
    tables = [SuiteFiles.of(suite, *where) for suite in plan.tables]
    figures = [FigureFiles.of(suite, *where) for suite in plan.figures]
    return [
        *(path for files in tables for path in (files.csv, files.markdown, files.latex)),
        *(path for files in figures for path in files.pictures),
    ]
