import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.evaluate.checked_tables import ground_truth_table, prediction_table
from tests.evaluate.reference import table

ROWS = [("v", 0.0, 1.0, "run", 0.5), ("w", 2.0, 3.0, "jump", 0.25)]
GOOD = table(ROWS, score=True)
TYPES = [("video", "U8"), ("start", "f8"), ("end", "f8"), ("label", "U8"), ("score", "f4")]


@pytest.mark.parametrize(
    "value",
    [
        GOOD,
        GOOD.astype({"video": "category", "label": "category"}),
        GOOD.set_index(np.array([7, 7])),
        np.array(ROWS, dtype=TYPES),
        {name: [row[place] for row in ROWS] for place, (name, _) in enumerate(TYPES)},
    ],
)
def test_tables_and_arrays_are_read_alike(value):
    checked = prediction_table(value)
    assert checked.astype({"video": str, "label": str}).to_numpy().tolist() == [list(row) for row in ROWS]
    assert list(checked.index) == [0, 1]
    assert list(ground_truth_table(value).columns) == ["video", "start", "end", "label"]


def test_whole_numbers_are_names_too():
    checked = ground_truth_table({"video": np.array([3, 4]), "start": [0, 1], "end": [1, 2], "label": [7, 7]})
    assert checked["video"].tolist() == ["3", "4"] and checked["label"].tolist() == ["7", "7"]
    assert prediction_table(GOOD.head(0)).empty


def test_a_segment_may_have_no_length():
    assert prediction_table(GOOD.assign(end=GOOD["start"]))["end"].tolist() == [0, 2]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            GOOD.drop(columns="score"),
            "predictions: no column score; there is video, start, end, label, expected",
        ),
        ({}, "no column video, start, end, label, score; there is none"),
        ({"video": ["v"], "start": [1, 2]}, "predictions: cannot be read as a table"),
        (GOOD.assign(start=["a", "b"]), "predictions: start is of type .*; expected numbers"),
        (GOOD.assign(score=[0.5, np.nan]), "predictions: row 1: score is nan; expected a finite number"),
        (GOOD.assign(end=[np.inf, 3]), "row 0: end is inf; expected a finite number"),
        (GOOD.assign(end=[1.0, 1.5]), "row 1: ends at 1.5 s, before its start at 2 s"),
        (GOOD.assign(label=["run", None]), "row 1: label is .*; expected a name"),
        (GOOD.assign(label=["run", 3]), "row 1: label is 3; expected a name, or integers throughout"),
        (GOOD.assign(video=[0.5, 1.5]), "row 0: video is .*; expected a name"),
        (GOOD.assign(video=pd.Categorical(["v", None])), "row 1: video is nan; expected a name"),
    ],
)
def test_bad_tables_are_named(value, message):
    with pytest.raises(HcutalError, match=message):
        prediction_table(value)
