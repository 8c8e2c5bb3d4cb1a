"""The whole diagnosis of small tables, and of jittered copies of a real ground truth."""

from pathlib import Path

import numpy as np
import orjson
import pandas as pd
import pytest

from hcutal.data.annotations import Annotations, read_annotations
from hcutal.errors import HcutalError
from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.diagnosis import GROUPS, diagnose
from hcutal.evaluate.diagnosis_errors import KINDS
from hcutal.evaluate.mending import UNNOTICED
from tests.evaluate.cases import found, slow_errors, truth

THUMOS = Path(__file__).resolve().parents[2] / "../shared/data/thumos14/gt.json"
FOUR = truth(("v", 0, 10, "run"), ("v", 20, 22, "jump"), ("w", 0, 10, "jump"), ("w", 40, 50, "run"))
FOUND = found(
    ("v", 0, 10, "run", 0.9), ("v", 20, 22, "run", 0.8), ("w", 0, 4, "jump", 0.7), ("w", 0, 9, "swim", 0.6)
)


def test_everything_is_counted():
    result = diagnose(FOUR, FOUND, pd.Series({"v": 50.0}), bins="thumos14")
    assert (result.classes, result.instances, result.missed, result.unnoticed) == (2, 4, 3, 1)
    assert (result.predictions, result.other_classes) == (4, 1)
    assert result.kinds == dict.fromkeys(KINDS, 0) | {"true": 1, "wrong_label": 1, "localization": 1}
    assert len(result.groups) == GROUPS
    assert result.groups[0] == result.kinds
    assert set(result.gains) == {*KINDS[1:], UNNOTICED}
    assert result.mean_ap == pytest.approx(detection_map(FOUR, FOUND, [0.5]).mean_ap[0])
    assert result.unknown_coverage == 2
    assert {name: [row.instances for row in rows] for name, rows in result.by.items()} == {
        "length": [1, 0, 3, 0, 0],
        "coverage": [0, 1, 0, 0, 1],
        "instances": [0, 4, 0, 0],
    }
    assert sum(row.predictions for row in result.calibration.bins) == 3


def test_coverage_is_left_out_where_no_duration_is_known():
    result = diagnose(FOUR, FOUND, bins="quantiles")
    assert set(result.by) == {"length", "instances"}
    assert result.unknown_coverage == 4


def test_perfect_predictions_have_no_errors():
    result = diagnose(FOUR, FOUR.assign(score=1.0))
    assert result.kinds == dict.fromkeys(KINDS, 0) | {"true": 4}
    assert set(result.gains.values()) == {0}
    assert result.missed == result.unnoticed == 0
    assert result.mean_ap == result.normalised_map == 1
    assert result.calibration.error == 0
    assert {row.missed_share for rows in result.by.values() for row in rows if row.instances} == {0}


def test_no_predictions_miss_everything():
    result = diagnose(FOUR, found())
    assert (result.mean_ap, result.missed, result.unnoticed) == (0, 4, 4)
    assert result.calibration.bins == []


def test_it_is_json():
    values = orjson.loads(orjson.dumps(diagnose(FOUR, FOUND, bins="thumos14").as_dict()))
    assert values["by"]["length"][0] == {
        "name": "XS",
        "above": 0,
        "up_to": 3,
        "instances": 1,
        "missed": 1,
        "missed_share": 1,
        "normalised_map": 0,
    }
    # Empty bins have no share.
    assert values["by"]["length"][1]["missed_share"] is None


def test_order_of_rows_does_not_matter_where_scores_differ():
    rng = np.random.default_rng(0)
    first = diagnose(FOUR, FOUND).as_dict()
    order = rng.permutation(len(FOUND))
    assert diagnose(FOUR, FOUND.iloc[order].reset_index(drop=True)).as_dict()["gains"] == first["gains"]


def test_without_instances_there_is_nothing_to_diagnose():
    with pytest.raises(HcutalError, match="no instance in the ground truth; expected one or more"):
        diagnose(truth(), FOUND)


@pytest.fixture(scope="module")
def thumos() -> Annotations:
    if not THUMOS.exists():
        pytest.skip(f"{THUMOS} is not there")
    annotations = read_annotations(THUMOS)
    return annotations.select(annotations.videos["video"][annotations.videos["subset"] == "test"].tolist())


def test_the_truth_of_thumos_has_no_errors(thumos):
    # Instances that occur twice in the file get two predictions, which share them out.
    result = diagnose(thumos.instances, thumos.instances.assign(score=0.5))
    assert result.mean_ap == result.normalised_map == 1
    assert result.missed == 0
    assert set(result.gains.values()) == {0}


def test_jittered_copies_of_thumos_are_diagnosed_as_by_a_slow_loop(thumos):
    rng = np.random.default_rng(0)
    some = thumos.select(thumos.videos["video"].iloc[::6].tolist()).instances
    copies = pd.concat([some] * 3, ignore_index=True)
    length = copies["end"] - copies["start"]
    shift = rng.normal(0, 0.5, len(copies)) * length
    label = copies["label"].where(rng.random(len(copies)) < 0.8, rng.permutation(copies["label"]))
    jittered = copies.assign(
        start=copies["start"] + shift, end=copies["end"] + shift, label=label, score=rng.random(len(copies))
    )
    result = diagnose(some, jittered)
    slow = [kind for kind, _ in slow_errors(some, jittered).values()]
    assert result.kinds == {kind: slow.count(kind) for kind in KINDS}
    assert min(result.kinds.values()) > 0
    assert result.missed == len(some) - slow.count("true")
    assert sum(row.missed for row in result.by["length"]) == result.missed
    assert min(result.gains.values()) >= 0
    assert result.gains["localization"] > 0.01
    assert result.gains["wrong_label"] > 0.01
