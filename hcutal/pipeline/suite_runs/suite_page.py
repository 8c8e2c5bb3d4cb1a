"""What the page of suites says, gathered from the experiments, the graph and the executions."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from hcutal.pipeline.compare import Summarised, differing
from hcutal.pipeline.executions import Execution, execution_of
from hcutal.pipeline.graph import Graph, Stage, stages_of, state_of
from hcutal.pipeline.mlflow_log.run_data import data_tags
from hcutal.pipeline.suite_runs.suite_call import PlannedSuites
from hcutal.pipeline.suite_runs.suite_differences import METRICS, orders
from hcutal.pipeline.suite_runs.suite_tables import (
    ByRule,
    rule_notes,
    shown_text,
    suite_numbers,
    suite_title,
    words_of,
)
from hcutal.pipeline.tracking import git_tags
from hcutal.report.pages.suites_page import SuitesReport
from hcutal.report.sections.suite_differences_section import Differences, difference_text
from hcutal.report.sections.suite_figures_section import ShownFigure
from hcutal.report.sections.suite_origin_section import ExperimentOrigin
from hcutal.report.sections.suite_tables_section import IntervalRow, ShownTable
from hcutal.report.sections.suite_variants_section import ShownVariant
from hcutal.suites.suites import SUITES
from hcutal.suites.variants import VARIANTS


def suites_report(
    plan: PlannedSuites,
    found: Mapping[str, Summarised],
    by_rule: Mapping[str, ByRule],
    away: Differences,
    figures: Sequence[ShownFigure],
    graph: Graph,
) -> SuitesReport:
    """What the page of a call says.

    Args:
        plan: the experiments of the call.
        found: their results, by variant.
        by_rule: by suite, results of states that other rules than the last chose.
        away: how far the variants are from `full`.
        figures: those of the call.
        graph: of which the experiments are complete.
    """
    call = plan.call
    stages = {name: stages_of(graph, name) for name in plan.experiments}
    return SuitesReport(
        suites=plan.suites,
        dataset=call.dataset,
        preset=call.preset,
        seeds=sorted({seed for _, entry in plan.entries.values() for seed in entry.seeds}),
        level=_level(found),
        tables=[_table(suite, plan, found, by_rule[suite], away) for suite in plan.tables],
        figures=figures,
        differences=away,
        variants=_variants(plan, found),
        origins=[
            ExperimentOrigin(name, len(entry.seeds), state_of(stages[name]), _seconds(stages[name], True))
            for name, entry in plan.entries.values()
        ],
        about=_about([stage for own in stages.values() for stage in own]),
        data=_seconds(stages[plan.experiments[0]], False),
    )


def against_full(away: Differences) -> dict[str, dict[str, str]]:
    """How far each variant is from `full`, as tables say it, by variant and metric."""
    return {
        variant: {metric: difference_text(pair, metric) for metric, pair in pairs.items()}
        for variant, pairs in away.items()
    }


def _table(
    suite: str,
    plan: PlannedSuites,
    found: Mapping[str, Summarised],
    by_rule: ByRule,
    away: Differences,
) -> ShownTable:
    numbers = suite_numbers(suite, found, by_rule)
    text = shown_text(numbers, against_full(away))
    # What is the same in all rows needs no column here.
    text = text.drop(
        columns=[name for name in ("supervision", "seeds") if name in text and text[name].nunique() == 1]
    )
    own = {variant: found[variant] for variant in SUITES[suite].variants if variant in found}
    return ShownTable(
        suite=suite,
        title=suite_title(suite, plan.call.dataset, plan.call.preset).partition(": ")[2],
        text=text,
        words=words_of(text),
        rules=rule_notes(by_rule),
        orders=orders(suite, numbers, own),
        intervals={
            metric: interval_rows(own, metric) for metric in METRICS if metric in (*numbers, METRICS[0])
        },
    )


def interval_rows(found: Mapping[str, Summarised], metric: str) -> list[IntervalRow]:
    """A metric of some variants with its interval and the value of each seed; without those that have none."""
    rows = []
    for variant, each in found.items():
        if not math.isnan(each.get(metric)):
            seeds = [float(table[metric][0]) for table in each.runs.values() if metric in table]
            low, high = each.get(f"{metric}/low"), each.get(f"{metric}/high")
            rows.append(IntervalRow(variant, each.get(metric), low, high, seeds))
    return rows


def _level(found: Mapping[str, Summarised]) -> float | None:
    for each in found.values():
        bootstrap = each.values.get("evaluate", {}).get("bootstrap")
        return float(bootstrap["level"]) if bootstrap else None
    return None


def _variants(plan: PlannedSuites, found: Mapping[str, Summarised]) -> list[ShownVariant]:
    """All variants of the call, with the values of the parameters in which they differ."""
    table = differing(list(found.values())) if len(found) > 1 else pd.DataFrame()
    return [
        ShownVariant(
            variant,
            VARIANTS[variant].about,
            VARIANTS[variant].source,
            name,
            {str(key): _cell(table[key][name]) for key in table} if name in table.index else {},
        )
        for variant, (name, _) in plan.entries.items()
    ]


def _cell(value: object) -> str:
    """A value as text; what an experiment has not is a dash."""
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:g}"
    return "–" if value is None else str(value)


def _seconds(stages: Sequence[Stage], own: bool) -> dict[str, float]:
    """What stages took, by kind: those of the experiment itself (`own`), or those of its data."""
    found: dict[str, float] = {}
    for stage in stages:
        seconds = execution_of(stage.fingerprint).seconds
        if (stage.experiment is not None) == own and seconds is not None:
            found[stage.kind] = found.get(stage.kind, 0.0) + seconds
    return found


def _about(stages: Sequence[Stage]) -> dict[str, str]:
    """What is common to all: commit, features, machines."""
    tags, executions = git_tags(), [execution_of(stage.fingerprint) for stage in stages]
    commit = tags.get("mlflow.source.git.commit", "not in git")
    changed = tags.get("hcutal.git_dirty") == "true"
    return {
        "commit": f"{commit}, and changes since" if changed else commit,
        "features": data_tags(stages).get("hcutal.features", "not known"),
        "machine": _named(executions, "machine"),
        "device": _named(executions, "device"),
    }


def _named(executions: Sequence[Execution], name: str) -> str:
    values = sorted({str(value) for each in executions if (value := getattr(each, name))})
    return ", ".join(values) or "not known"
