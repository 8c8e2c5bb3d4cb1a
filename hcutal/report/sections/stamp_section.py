"""The section of what was evaluated: files and lists, and what was left out."""

from hcutal.evaluate.evaluation import Evaluation
from hcutal.report.kit.page import PageSection
from hcutal.report.kit.rendering import flatten


def make_stamp(evaluation: Evaluation) -> PageSection:
    """Where ground truth and predictions come from, and how many records did not count."""
    ignored = [(reason, f"{count:,}") for reason, count in evaluation.ignored.items()]
    values = {"stamp": flatten(evaluation.stamp), "ignored": ignored}
    return PageSection("stamp", "What was evaluated", values)
