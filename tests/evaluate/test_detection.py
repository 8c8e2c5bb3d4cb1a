from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.data.annotations import read_annotations
from hcutal.errors import HcutalError
from hcutal.evaluate import matching
from hcutal.evaluate.detection import detection_map, interpolated_ap
from hcutal.evaluate.recall import average_recall
from tests.evaluate.reference import TIOU, instance, prediction, slow_ap, slow_recall, table

THUMOS = Path(__file__).resolve().parents[2] / "../shared/data/thumos14/gt.json"


@settings(deadline=None, max_examples=70)
@given(st.lists(instance, max_size=12), st.lists(prediction, max_size=25))
def test_agrees_with_the_definition(instances, predictions):
    truth, found = table(instances), table(predictions, score=True)
    result = detection_map(truth, found, TIOU)
    assert result.classes == sorted(set(truth["label"]))
    expected = [[slow_ap(truth, found, label, value) for label in result.classes] for value in TIOU]
    np.testing.assert_allclose(result.ap, np.reshape(expected, result.ap.shape), atol=1e-9, rtol=0)
    if instances:
        recall = average_recall(truth, found, TIOU, [1, 3, 100])
        for number, value in recall.items():
            assert value == pytest.approx(slow_recall(truth, found, TIOU, number), abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.lists(instance, min_size=1, max_size=12), st.lists(prediction, min_size=1, max_size=25))
def test_small_chunks_change_nothing(instances, predictions):
    truth, found = table(instances), table(predictions, score=True)
    whole = detection_map(truth, found, TIOU).ap
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "CHUNK", 3)
        np.testing.assert_array_equal(detection_map(truth, found, TIOU).ap, whole)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(instance, min_size=1, max_size=12), st.lists(prediction, min_size=1, max_size=25), st.randoms()
)
def test_falls_with_tiou_and_ignores_the_order_of_rows(instances, predictions, random):
    truth, found = table(instances), table(predictions, score=True)
    found["score"] = np.linspace(0, 1, len(found))
    result = detection_map(truth, found, TIOU)
    assert (np.diff(result.ap, axis=0) <= 1e-12).all()
    recall = average_recall(truth, found, TIOU, [1, 5])
    order = list(range(len(found)))
    random.shuffle(order)
    shuffled = found.iloc[order].reset_index(drop=True)
    np.testing.assert_array_equal(detection_map(truth, shuffled, TIOU).ap, result.ap)
    assert average_recall(truth, shuffled, TIOU, [1, 5]) == recall


@settings(deadline=None, max_examples=30)
@given(st.lists(instance, min_size=1, max_size=12))
def test_the_perfect_prediction_scores_one(instances):
    truth = table(instances)
    result = detection_map(truth, truth.assign(score=0.5), [*TIOU, 1.0])
    np.testing.assert_array_equal(result.ap, 1.0)


def test_one_instance_is_found_once():
    truth = table([("v", 0, 10, "run")])
    found = table([("v", 0, 10, "run", 0.5), ("v", 0, 9, "run", 0.9)], score=True)
    result = detection_map(truth, found, [0.5, 0.95])
    # At 0.95 the better scored one is false, so the true one comes second.
    np.testing.assert_allclose(result.ap[:, 0], [1.0, 0.5])
    assert result.average_map == pytest.approx(0.75)


def test_a_taken_instance_gives_way_to_the_next_best():
    truth = table([("v", 0, 10, "run"), ("v", 2, 12, "run")])
    found = table([("v", 0, 10, "run", 0.9), ("v", 0, 11, "run", 0.8)], score=True)
    assert detection_map(truth, found, [0.6]).ap[0, 0] == 1.0


def test_of_equal_overlaps_the_later_instance_is_taken():
    """As in ActivityNet's kit, CoLA, mmaction2 and OpenTAD, whose order of overlaps is a rising one, reversed."""
    truth = table([("v", 0, 1, "run"), ("v", 2, 3, "run")])
    both = table([("v", 0, 3, "run", 0.9), ("v", 2, 3, "run", 0.8)], score=True)
    # The first prediction overlaps both by a third and takes the later one, so that the second finds nothing.
    assert detection_map(truth, both, [0.3]).ap[0, 0] == 0.5
    assert detection_map(truth, both.assign(start=[0, 0], end=[3, 1]), [0.3]).ap[0, 0] == 1.0


def test_equal_scores_choose_in_the_order_of_rows():
    truth = table([("v", 0, 10, "run")])
    rows = [("v", 50, 60, "run", 0.5), ("v", 0, 10, "run", 0.5)]
    assert detection_map(truth, table(rows, score=True), [0.5]).ap[0, 0] == 0.5
    assert detection_map(truth, table(rows[::-1], score=True), [0.5]).ap[0, 0] == 1.0


def test_categories_are_read_like_names():
    truth = table([("v", 0, 10, "run"), ("w", 0, 10, "jump")])
    found = table([("w", 0, 9, "jump", 0.9), ("v", 0, 6, "run", 0.5), ("u", 0, 6, "swim", 0.5)], score=True)
    coded = found.assign(video=found["video"].astype("category"), label=found["label"].astype("category"))
    np.testing.assert_array_equal(detection_map(truth, coded, TIOU).ap, detection_map(truth, found, TIOU).ap)


def test_a_class_without_instances_has_no_ap():
    label, rank = np.array([0, 0, 2]), np.array([1, 3, 2])
    ap = interpolated_ap(label, rank, np.array([2, 0, 1, 4]))
    assert ap.tolist() == pytest.approx([(1 + 2 / 3) / 2, 0, 1 / 2, 0])


def test_without_truth_there_is_no_score():
    result = detection_map(table([]), table([("v", 0, 1, "run", 1)], score=True), [0.5])
    assert result.classes == [] and np.isnan(result.average_map)
    assert np.isnan(average_recall(table([]), table([], score=True), [0.5], [1])[1])


@pytest.mark.parametrize("tiou", [[], [0.0], [0.5, 1.1]])
def test_thresholds_are_checked(tiou):
    with pytest.raises(
        HcutalError, match=r"tIoU thresholds are .*expected one or more, above 0 and at most 1"
    ):
        detection_map(table([]), table([], score=True), tiou)


@pytest.mark.skipif(not THUMOS.exists(), reason="annotations of THUMOS'14 are not here")
def test_on_the_truth_of_thumos14():
    annotations = read_annotations(THUMOS)
    test = annotations.videos.loc[annotations.videos["subset"] == "test", "video"]
    truth = annotations.select(list(test)).instances
    perfect = detection_map(truth, truth.assign(score=1.0), [*TIOU, 1.0])
    np.testing.assert_array_equal(perfect.ap, 1.0)
    assert len(perfect.classes) == 20 and perfect.instances.sum() == len(truth)

    rng = np.random.default_rng(0)
    found = pd.concat([truth] * 3, ignore_index=True)
    found["start"] += rng.normal(0, 1.5, len(found))
    found["end"] = found["start"] + rng.uniform(0.3, 6, len(found))
    found["score"] = rng.uniform(size=len(found)).round(2)
    found["label"] = np.where(rng.uniform(size=len(found)) < 0.8, found["label"], "Diving")
    result = detection_map(truth, found, TIOU)
    expected = [slow_ap(truth, found, label, 0.5) for label in result.classes]
    np.testing.assert_allclose(result.ap[4], expected, atol=1e-9, rtol=0)
    label = "CliffDiving"
    expected = [slow_ap(truth, found, label, value) for value in TIOU]
    np.testing.assert_allclose(result.ap[:, result.classes.index(label)], expected, atol=1e-9, rtol=0)
    assert (np.diff(result.mean_ap) < 0).all()
