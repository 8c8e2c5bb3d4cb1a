import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.errors import HcutalError
from hcutal.evaluate.bootstrap import bootstrap_map, compare_maps
from hcutal.evaluate.chance import chance_map
from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.diagnosis import diagnose
from hcutal.evaluate.evaluation import compare, evaluate
from hcutal.evaluate.options import BootstrapOptions, ChanceOptions, DiagnosisOptions
from hcutal.evaluate.recall import average_recall
from tests.evaluate.reference import TIOU, instance, prediction, table

TRUTH = table([("v", 0, 10, "run"), ("v", 20, 30, "run"), ("w", 0, 10, "jump"), ("gone", 0, 9, "run")])
FOUND = table(
    [
        ("v", 0, 9, "run", 0.9),
        ("w", 0, 6, "jump", 0.8),
        ("gone", 0, 9, "run", 0.7),
        ("vanished", 0, 9, "run", 0.95),
        ("unknown", 0, 9, "run", 0.99),
        ("v", 0, 9, "swim", 0.5),
    ],
    score=True,
)


def test_is_made_of_its_parts():
    found = evaluate(TRUTH, FOUND, TIOU, bootstrap=BootstrapOptions(20, 3), stamp={"made": "by hand"})
    result = detection_map(TRUTH, FOUND, TIOU)
    np.testing.assert_array_equal(found.result.ap, result.ap)
    assert found.recall == average_recall(
        TRUTH, FOUND, [0.5 + 0.05 * i for i in range(10)], [1, 5, 10, 50, 100]
    )
    ends = bootstrap_map(TRUTH, FOUND, ["gone", "v", "w"], TIOU, 20, 3)
    assert found.intervals is not None and found.intervals.as_dict() == ends.as_dict()
    assert (found.videos, found.instances, found.predictions, found.elsewhere) == (3, 4, 6, 2)
    assert found.judged == 5
    assert found.ignored["predictions of unknown labels"] == 1
    assert found.stamp == {"made": "by hand"}


def test_chance_and_diagnosis_are_measured_where_they_are_asked_for():
    durations = {"v": 60.0, "w": 30.0}
    found = evaluate(
        TRUTH,
        FOUND,
        TIOU,
        chance=ChanceOptions(3, 1),
        diagnosis=DiagnosisOptions(0.6, 0.2, "thumos14"),
        durations=durations,
    )
    np.testing.assert_array_equal(found.chance, chance_map(TRUTH, FOUND, pd.Series(durations), TIOU, 3, 1))
    expected = diagnose(TRUTH, FOUND, pd.Series(durations), 0.6, 0.2, "thumos14")
    assert str(found.diagnosis) == str(expected)
    plain = evaluate(TRUTH, FOUND, TIOU)
    assert plain.intervals is plain.chance is plain.diagnosis is None
    np.testing.assert_array_equal(plain.result.ap, found.result.ap)
    values = found.as_dict()
    assert values["chance"]["average_mAP"] == found.chance.mean()
    assert values["chance"]["mAP"]["0.5"] == found.chance[4]
    assert values["diagnosis"] == found.diagnosis.as_dict()


@settings(deadline=None, max_examples=40)
@given(st.lists(instance, min_size=1, max_size=10), st.lists(prediction, max_size=20))
def test_one_search_for_overlaps_serves_map_and_diagnosis(instances, predictions):
    truth, found = table(instances), table(predictions, score=True)
    both = evaluate(truth, found, [0.3, 0.7], diagnosis=DiagnosisOptions(0.5, 0.1))
    np.testing.assert_array_equal(both.result.ap, detection_map(truth, found, [0.3, 0.7]).ap)
    assert str(both.diagnosis) == str(diagnose(truth, found))


def test_two_evaluations_are_compared_on_their_draws():
    worse = FOUND.assign(end=FOUND["end"] - 3)
    options = {"videos": ["v", "w", "gone", "empty"], "bootstrap": BootstrapOptions(50, 2, 0.9)}
    a, b = (evaluate(TRUTH, table, TIOU, **options) for table in (FOUND, worse))
    expected = compare_maps(TRUTH, FOUND, worse, sorted(options["videos"]), TIOU, 50, 2, 0.9)
    assert compare(a, b).as_dict() == expected.as_dict()
    assert compare(a, b).intervals.level == 0.9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "an evaluation has no intervals"),
        (
            {"bootstrap": BootstrapOptions(20, 1)},
            r"are \(\[0.5\], 0, 0.95, 20\) for A, \(\[0.5\], 1, 0.95, 20\) for B",
        ),
        ({"bootstrap": BootstrapOptions(21)}, "expected the same for both"),
        ({"bootstrap": BootstrapOptions(20, level=0.9)}, "expected the same for both"),
    ],
)
def test_other_draws_are_not_compared(options, message):
    a, b = (
        evaluate(TRUTH, FOUND, [0.5], **given) for given in ({"bootstrap": BootstrapOptions(20)}, options)
    )
    with pytest.raises(HcutalError, match=message):
        compare(a, b)


def test_durations_of_numbered_videos_are_known():
    numbers = TRUTH.assign(video=[1, 1, 2, 3]), FOUND.assign(video=[1, 2, 3, 4, 5, 1])
    found = evaluate(*numbers, [0.5], diagnosis=DiagnosisOptions(), durations={1: 60.0, 2: 60.0, 3: 60.0})
    assert found.diagnosis.unknown_coverage == 0


def test_nothing_is_diagnosed_where_there_is_no_instance():
    asked = {
        "bootstrap": BootstrapOptions(),
        "chance": ChanceOptions(),
        "diagnosis": DiagnosisOptions(),
    }
    found = evaluate(table([]), FOUND, [0.5], ["v", "w"], **asked)
    assert found.intervals is found.chance is found.diagnosis is None
    assert (found.videos, found.instances, found.predictions, found.judged) == (2, 0, 6, 0)


def test_what_lies_in_left_out_videos_does_not_count():
    found = evaluate(TRUTH, FOUND, TIOU, ["v", "w", "nothing here"], without=["vanished"])
    kept = TRUTH[TRUTH["video"] != "gone"], FOUND[~FOUND["video"].isin(["gone", "vanished"])]
    np.testing.assert_array_equal(found.result.ap, detection_map(*kept, TIOU).ap)
    assert (found.videos, found.instances, found.predictions, found.elsewhere) == (3, 3, 4, 1)
    assert found.ignored == {
        "instances in videos left out": 1,
        "predictions in videos left out": 2,
        "predictions of unknown labels": 1,
    }
    assert found.intervals is None


def test_predictions_elsewhere_are_false():
    # The best prediction of `run` lies in a video that nobody knows.
    assert evaluate(TRUTH, FOUND, [0.5], ["v", "w"]).result.ap[0, 1] == pytest.approx(1 / 3 / 2)
    assert evaluate(TRUTH, FOUND, [0.5], ["v", "w"], without=["unknown", "vanished"]).result.ap[0, 1] == 0.5


def test_arrays_are_judged_like_tables():
    types = [("video", "U8"), ("start", "f8"), ("end", "f8"), ("label", "U8"), ("score", "f8")]
    rows = [tuple(row) for row in FOUND.itertuples(index=False)]
    columns = {name: TRUTH[name].to_numpy() for name in TRUTH}
    arrays = evaluate(columns, np.array(rows, dtype=types), TIOU)
    assert arrays.as_dict() == evaluate(TRUTH, FOUND, TIOU).as_dict()


def test_as_dict_has_the_documented_form():
    found = evaluate(TRUTH, FOUND, [0.1, 0.5], bootstrap=BootstrapOptions(5)).as_dict()
    assert list(found["mAP"]) == ["0.1", "0.5"]
    assert found["average_mAP"] == pytest.approx(np.mean(list(found["mAP"].values())))
    assert found["per_class"]["jump"] == {"instances": 1, "AP": {"0.1": 1.0, "0.5": 1.0}, "average_AP": 1.0}
    assert list(found["recall"]) == ["AR/1", "AR/5", "AR/10", "AR/50", "AR/100", "AUC"]
    assert list(found["intervals"]["mAP"]) == ["0.1", "0.5"] and found["intervals"]["draws"] <= 5
    assert (found["videos"], found["instances"], found["predictions"]) == (3, 4, 6)
    assert evaluate(TRUTH, FOUND, [0.5]).as_dict()["intervals"] is None
