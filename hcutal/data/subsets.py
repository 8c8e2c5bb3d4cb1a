"""Who is trained on and who is tested: `train`, `test`, or `both` where nothing tells them apart."""

import pandas as pd

SUBSETS = ("train", "test", "both")


def belongs(subsets: "pd.Series[str]", role: str) -> "pd.Series[bool]":
    """Which rows have the role `train` or `test`: those of that subset and those of `both`."""
    return subsets.isin((role, "both"))
