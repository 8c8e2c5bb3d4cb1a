"""The section of origins: from which states, by which code and on which machine the numbers are, and what they took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hcutal.report.kit.page import PageSection

STAGES = ("train", "map", "propose", "evaluate", "report")


@dataclass(frozen=True)
class ExperimentOrigin:
    """Where the numbers of an experiment are from.

    Attributes:
        seeds: how many there are.
        fingerprint: of the state of all of its stages.
        seconds: of each stage, all seeds together; a stage whose execution is not known is missing.
    """

    experiment: str
    seeds: int
    fingerprint: str
    seconds: Mapping[str, float]


def make_suite_origin(
    origins: Sequence[ExperimentOrigin], about: Mapping[str, str], data: Mapping[str, float]
) -> PageSection:
    """The table of experiments and what is common to all.

    Args:
        about: what is common, such as the commit and the machines, by name.
        data: seconds of the stages of the data set.
    """
    sums = [sum(each.seconds.values()) if each.seconds else None for each in origins]
    rows = [
        {"origin": each, "seconds": [each.seconds.get(stage) for stage in STAGES], "sum": total}
        for each, total in zip(origins, sums, strict=True)
    ]
    known = [value for value in sums if value is not None]
    total = sum(known) + sum(data.values()) if known else None
    values = {"rows": rows, "about": about, "data": data, "stages": STAGES, "total": total}
    return PageSection("suite_origin", "Where it is from", values)
