"""How far the variants of a table are from each other: paired differences, and orders that differ from the paper's."""

import itertools
import math
from collections.abc import Mapping, Sequence

import pandas as pd

from hcutal.evaluate.over_seeds import Difference
from hcutal.pipeline.compare import Summarised, compare_two
from hcutal.pipeline.suite_runs.suite_tables import PAPER, PERCENT
from hcutal.report.sections.suite_tables_section import OrderCheck
from hcutal.suites.suites import SUITES

# The variant that the others are compared with, and by what.
REFERENCE = "full"
METRICS = ("average_mAP", "mAP/0.5", "ARI", "NMI")
WITHIN, BEYOND = ", within noise (≈)", ", beyond noise"


def differences(variants: Sequence[str], found: Mapping[str, Summarised]) -> dict[str, dict[str, Difference]]:
    """By variant and metric, by how much it is above `full` over the recordings and seeds that both have.

    What cannot be paired, and `full` itself, is left out.
    """
    if REFERENCE not in found:
        return {}
    result: dict[str, dict[str, Difference]] = {}
    for variant in variants:
        if variant == REFERENCE or variant not in found:
            continue
        pairs = {name: compare_two(found[variant], found[REFERENCE], name) for name in METRICS}
        result[variant] = {
            name: pair for name, pair in pairs.items() if pair is not None and not math.isnan(pair.value)
        }
    return result


def orders(suite: str, numbers: pd.DataFrame, found: Mapping[str, Summarised]) -> list[OrderCheck]:
    """What of the paper's order of the rows of a table comes out, and what comes out reversed, by metric.

    Args:
        suite: its name.
        numbers: as `hcutal.pipeline.suite_runs.suite_tables.suite_numbers` makes it.
        found: the experiments, by variant.
    """
    # The rows of other methods and of other rules are no variants with results of the last state.
    own = numbers[numbers["row"].isin(SUITES[suite].variants)].drop_duplicates("row").set_index("row")
    checks = []
    for metric in METRICS:
        if metric in own and f"{metric}/{PAPER}" in own:
            known = own[[metric, f"{metric}/{PAPER}"]].dropna()
            check = _checked(metric, known[metric], known[f"{metric}/{PAPER}"], found)
            checks += [check] if check.pairs else []
    return checks


def _checked(
    metric: str, ours: "pd.Series[float]", theirs: "pd.Series[float]", found: Mapping[str, Summarised]
) -> OrderCheck:
    """The orders of all pairs of rows that are told apart in the paper."""
    pairs = [
        (one, other) if theirs[one] > theirs[other] else (other, one)
        for one, other in itertools.combinations(theirs.index, 2)
        if theirs[one] != theirs[other]
    ]
    digits = 1 if metric.startswith(PERCENT) else 2
    same, beyond, sentences = 0, 0, []
    for high, low in pairs:
        same += bool(ours[high] == ours[low])
        if ours[high] < ours[low]:
            noise = _noise(low, high, metric, found)
            beyond += noise == BEYOND
            sentences.append(
                f"{low} is above {high}: {ours[low]:.{digits}f} to {ours[high]:.{digits}f}{noise}; "
                f"published: {theirs[low]:g} to {theirs[high]:g}."
            )
    return OrderCheck(metric, len(pairs), same, sentences, beyond)


def _noise(low: str, high: str, metric: str, found: Mapping[str, Summarised]) -> str:
    """Whether a difference is within noise, in words; empty where that is not known."""
    pair = compare_two(found[low], found[high], metric) if {low, high} <= found.keys() else None
    return "" if pair is None or pair.is_noise is None else WITHIN if pair.is_noise else BEYOND
