"""The section of recall: how many instances some proposal reaches."""

from hcutal.evaluate.evaluation import Evaluation
from hcutal.report.kit.page import PageSection


def make_recall(evaluation: Evaluation) -> PageSection | None:
    """Average recall by the number of proposals; None where it was not computed."""
    if not evaluation.recall:
        return None
    values = {"recall": evaluation.recall, "area": evaluation.recall_auc}
    return PageSection("recall", "Average recall", values)
