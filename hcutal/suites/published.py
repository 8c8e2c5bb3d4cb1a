"""The published numbers: Tables 2 to 8 of HC-UTAL (https://doi.org/10.1016/j.patcog.2025.111421)."""

from pathlib import Path

import pandas as pd

from hcutal.tables import read_table

FILE = Path(__file__).with_name("published.csv")
COLUMNS = {
    "table": int,
    "row": int,
    "supervision": str,
    "method": str,
    "reference": str,
    "dataset": str,
    "metric": str,
    "tiou": str,
    "value": float,
}


def published(table: int | None = None) -> pd.DataFrame:
    """The published numbers of a table of the paper, or of all: a row a printed number, in the order of the paper.

    Columns:
        table, row: where the number stands; rows from 1 on.
        supervision: full, weak or unsupervised.
        method: as printed, with the year; a star marks results that were reproduced by the authors of the paper. In the
            ablations, the parts that are there.
        reference: its number in the paper's references; empty where there is none.
        dataset: thumos14, activitynet12 or activitynet13.
        metric: mAP or average_mAP (percent); ARI or NMI.
        tiou: threshold of the mAP; empty for other metrics. The average is over .1 to .7 on THUMOS'14, over .5 to .95
            on ActivityNet.
        value: as printed.

    >>> dict(zip(published(7)["metric"], published(7)["value"].head(3)))
    {'ARI': 0.04, 'NMI': 0.39, 'average_mAP': 28.6}
    """
    numbers = read_table(FILE, COLUMNS)
    return numbers if table is None else numbers[numbers["table"] == table].reset_index(drop=True)
