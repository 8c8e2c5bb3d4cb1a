"""The page of an evaluation that stands alone: one HTML file that asks nothing of the network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcutal.evaluate.diagnosis import Diagnosis
from hcutal.evaluate.evaluation import Evaluation
from hcutal.evaluate.metrics import class_table, flat_metrics
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
            metrics, class_table(evaluation.result), class_colours(classes), DPI, level, "these proposals"
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
            average=evaluation.result.average_map,
            interval=interval(metrics, "average_mAP"),
            level=level,
            evaluation=evaluation,
            classes=len(classes),
        )
    )
    with atomic_path(path) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")


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
