"""How far the variants of a table are from each other: paired differences, and orders that differ from the paper's."""

import itertools
import math
from collections.abc import Mapping, Sequence

import pandas as pd

from hcutal.evaluate.over_seeds import Difference
from hcutal.pipeline.compare import Summarised, compare_two
from hcutal.pipeline.suite_tables import PAPER, PERCENT
from hcutal.suites.suites import SUITES

# The variant that the others are compared with, and by what.
REFERENCE = "full"
METRICS = ("average_mAP", "ARI", "NMI")
WORDS = {"average_mAP": "average mAP"}


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


def orders(suite: str, numbers: pd.DataFrame, found: Mapping[str, Summarised]) -> list[str]:
    """What of the paper's order of the rows of a table comes out, and what comes out reversed, in sentences.

    Args:
        suite: its name.
        numbers: as `hcutal.pipeline.suite_tables.suite_numbers` makes it.
        found: the experiments, by variant.
    """
    sentences = []
    # The rows of other methods and of other rules are no variants with results of the last state.
    own = numbers[numbers["row"].isin(SUITES[suite].variants)].drop_duplicates("row").set_index("row")
    for metric in METRICS:
        if metric not in own or f"{metric}/{PAPER}" not in own:
            continue
        known = own[[metric, f"{metric}/{PAPER}"]].dropna()
        pairs = [
            (one, other)
            if known[f"{metric}/{PAPER}"][one] > known[f"{metric}/{PAPER}"][other]
            else (other, one)
            for one, other in itertools.combinations(known.index, 2)
            if known[f"{metric}/{PAPER}"][one] != known[f"{metric}/{PAPER}"][other]
        ]
        reversed_ = [(high, low) for high, low in pairs if known[metric][high] < known[metric][low]]
        if pairs:
            kept = len(pairs) - len(reversed_)
            sentences.append(
                f"{WORDS.get(metric, metric)}: {kept} of {len(pairs)} orders of two rows are as published."
            )
        sentences += [_reversed(metric, high, low, known, found) for high, low in reversed_]
    return sentences


def _reversed(metric: str, high: str, low: str, known: pd.DataFrame, found: Mapping[str, Summarised]) -> str:
    """A pair whose order is not that of the paper, where `high` is above `low`."""
    digits = 1 if metric.startswith(PERCENT) else 2
    ours, theirs = known[metric], known[f"{metric}/{PAPER}"]
    noise = ""
    if high in found and low in found and (pair := compare_two(found[low], found[high], metric)):
        noise = ", within noise (≈)" if pair.is_noise else "" if pair.is_noise is None else ", beyond noise"
    return (
        f"Reversed in {WORDS.get(metric, metric)}: {low} is above {high}, {ours[low]:.{digits}f} to "
        f"{ours[high]:.{digits}f}{noise}; published: {theirs[low]:g} to {theirs[high]:g}."
    )
