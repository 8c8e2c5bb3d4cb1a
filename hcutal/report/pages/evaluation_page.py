"""The page of an evaluation that stands alone."""

from pathlib import Path

from hcutal.evaluate.diagnosis import Diagnosis
from hcutal.evaluate.evaluation import Evaluation
from hcutal.evaluate.metrics import class_table, flat_metrics
from hcutal.report.kit.colours import class_colours
from hcutal.report.kit.page import render_page, write_page
from hcutal.report.sections.diagnosis_section import make_diagnosis
from hcutal.report.sections.recall_section import make_recall
from hcutal.report.sections.results_section import interval, make_results
from hcutal.report.sections.stamp_section import make_stamp
from hcutal.report.sections.terms_section import EVALUATION, make_terms

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
    results = make_results(
        metrics, class_table(evaluation.result), class_colours(classes), DPI, level, "these proposals"
    )
    sections = [
        results,
        make_recall(evaluation),
        make_diagnosis(found, DPI),
        make_stamp(evaluation),
        make_terms(EVALUATION),
    ]
    html = render_page(
        "pages/evaluation_page.html.j2",
        [section for section in sections if section is not None],
        title=title,
        average=evaluation.result.average_map,
        interval=interval(metrics, "average_mAP"),
        level=level,
        evaluation=evaluation,
        classes=len(classes),
    )
    write_page(path, html)
