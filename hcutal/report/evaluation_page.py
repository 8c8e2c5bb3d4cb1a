"""The page of an evaluation that stands alone: one HTML file that asks nothing of the network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from hcutal.evaluate.diagnosis import Diagnosis
from hcutal.evaluate.evaluation import Evaluation
from hcutal.files import atomic_path
from hcutal.report.rendering import environment
from hcutal.report.section_diagnosis import diagnosis_section
from hcutal.report.section_results import interval, result_section
from hcutal.report.sections import Section, flatten
from hcutal.report.style import class_colours

DPI = 150


def write_evaluation_page(
    path: str | Path, evaluation: Evaluation, diagnosis: Diagnosis | None, title: str
) -> None:
    """Write results, recall, diagnosis (where there is one) and stamps as one HTML file with inlined figures.

    The same values give the same bytes.
    """
    metrics, level = flat_metrics(evaluation), evaluation.intervals.level if evaluation.intervals else None
    classes = evaluation.result.classes
    found = {"reason": "no diagnosis was asked for"} if diagnosis is None else diagnosis.as_dict()
    sections = [
        result_section(
            metrics, class_table(evaluation), class_colours(classes), DPI, level, "these proposals"
        ),
        _recall_section(evaluation),
        diagnosis_section(found, DPI),
        _stamp_section(evaluation),
    ]
    html = (
        environment()
        .get_template("evaluation.html.j2")
        .render(
            sections=[section for section in sections if section is not None],
            title=title,
            average=metrics["average_mAP"],
            interval=interval(metrics, "average_mAP"),
            level=level,
            evaluation=evaluation,
            classes=len(classes),
        )
    )
    with atomic_path(path) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")


def flat_metrics(evaluation: Evaluation) -> dict[str, float]:
    """mAP by tIoU and its average, with the ends of their intervals, by the names of the evaluate stage."""
    result, ends = evaluation.result, evaluation.intervals
    names = [f"mAP/{tiou:g}" for tiou in result.tiou]
    metrics = dict(zip(names, map(float, result.mean_ap), strict=True)) | {"average_mAP": result.average_map}
    if ends is not None:
        for name, low, high in zip(names, ends.low, ends.high, strict=True):
            metrics |= {f"{name}/low": float(low), f"{name}/high": float(high)}
        metrics |= {"average_mAP/low": ends.average[0], "average_mAP/high": ends.average[1]}
    return metrics


def class_table(evaluation: Evaluation) -> pd.DataFrame:
    """A row a class: label, instances, `AP/...` by tIoU, average_AP."""
    result = evaluation.result
    columns: dict[str, Any] = {"label": result.classes, "instances": result.instances}
    columns |= {f"AP/{tiou:g}": row for tiou, row in zip(result.tiou, result.ap, strict=True)}
    return pd.DataFrame(columns | {"average_AP": result.ap.mean(axis=0)})


def _recall_section(evaluation: Evaluation) -> Section | None:
    if not evaluation.recall:
        return None
    values = {"recall": evaluation.recall, "area": evaluation.recall_auc}
    return Section("recall", "Average recall", "recall.html.j2", values)


def _stamp_section(evaluation: Evaluation) -> Section:
    stamp: Mapping[str, Any] = evaluation.stamp
    ignored = [(reason, f"{count:,}") for reason, count in evaluation.ignored.items()]
    values = {"stamp": flatten(stamp), "ignored": ignored}
    return Section("stamp", "What was evaluated", "stamp.html.j2", values)
