"""Names and values of flat metrics, and the table of classes."""

import numpy as np
import pytest

from hcutal.evaluate.evaluation import evaluate
from hcutal.evaluate.metrics import class_table, flat_metrics
from hcutal.evaluate.options import BootstrapOptions, ChanceOptions, DiagnosisOptions
from tests.evaluate.cases import found, truth

TRUTH = truth(("v", 0, 10, "run"), ("v", 20, 30, "jump"), ("w", 0, 10, "run"), ("w", 40, 50, "run"))
FOUND = found(
    ("v", 0, 10, "run", 0.9),
    ("v", 20, 29, "run", 0.8),
    ("w", 0, 4, "run", 0.7),
    ("w", 70, 80, "run", 0.6),
    ("v", 0, 10, "swim", 0.5),
)
ALL = {"bootstrap": BootstrapOptions(20), "chance": ChanceOptions(2), "diagnosis": DiagnosisOptions()}


def test_each_number_has_its_name():
    value = evaluate(TRUTH, FOUND, [0.3, 0.7], recall_at=[1, 10], **ALL)
    metrics = flat_metrics(value)
    assert (metrics["videos"], metrics["instances"], metrics["predictions"]) == (2, 4, 5)
    assert [metrics["mAP/0.3"], metrics["mAP/0.7"]] == value.result.mean_ap.tolist()
    assert metrics["average_mAP"] == value.result.average_map
    assert {"AR/1": metrics["AR/1"], "AR/10": metrics["AR/10"]} == value.named_recall
    ends = value.intervals
    assert [metrics["mAP/0.3/low"], metrics["mAP/0.7/low"]] == ends.low.tolist()
    assert [metrics["mAP/0.3/high"], metrics["mAP/0.7/high"]] == ends.high.tolist()
    assert (metrics["average_mAP/low"], metrics["average_mAP/high"]) == ends.average
    assert [metrics["chance/mAP/0.3"], metrics["chance/mAP/0.7"]] == value.chance.tolist()
    assert metrics["chance/average_mAP"] == value.chance.mean()
    assert metrics["calibration_error"] == value.diagnosis.calibration.error
    gains = {name.removeprefix("gain/"): v for name, v in metrics.items() if name.startswith("gain/")}
    assert gains == value.diagnosis.gains


def test_shares_of_errors_are_those_of_the_best_of_each_class():
    metrics = flat_metrics(evaluate(TRUTH, FOUND, [0.5], diagnosis=DiagnosisOptions()))
    # Of `run`, with three instances, the first three count; of `jump` nothing was predicted.
    errors = {name.removeprefix("errors/"): v for name, v in metrics.items() if name.startswith("errors/")}
    third = pytest.approx(1 / 3)
    expected = {"true": third, "wrong_label": third, "localization": third}
    assert errors == {"double": 0, "confusion": 0, "background": 0} | expected
    # All but the first instance are missed; to the last one nothing points.
    assert (metrics["missed"], metrics["unnoticed"]) == (0.75, 0.25)


def test_shares_of_one_prediction_are_whole():
    metrics = flat_metrics(evaluate(TRUTH, FOUND.head(1), [0.5], diagnosis=DiagnosisOptions()))
    assert metrics["errors/true"] == 1


def test_what_was_not_asked_for_is_absent():
    metrics = flat_metrics(evaluate(TRUTH, FOUND, [0.5], recall_at=[]))
    assert list(metrics) == ["videos", "instances", "predictions", "mAP/0.5", "average_mAP"]


def test_no_predictions_still_have_shares():
    metrics = flat_metrics(evaluate(TRUTH, found(), [0.5], **ALL))
    assert {value for name, value in metrics.items() if name.startswith("errors/")} == {0}
    assert (metrics["missed"], metrics["unnoticed"]) == (1, 1)


def test_without_an_instance_there_are_counts_alone():
    metrics = flat_metrics(evaluate(truth(), FOUND, [0.5], ["v", "w"], **ALL))
    assert metrics == {"videos": 2, "instances": 0, "predictions": 5}


def test_every_class_has_a_row():
    result = evaluate(TRUTH, FOUND, [0.3, 0.7]).result
    table = class_table(result)
    assert list(table.columns) == ["label", "instances", "AP/0.3", "AP/0.7", "average_AP"]
    assert table[["label", "instances"]].to_numpy().tolist() == [["jump", 1], ["run", 3]]
    np.testing.assert_array_equal(table[["AP/0.3", "AP/0.7"]].to_numpy().T, result.ap)
    assert table["average_AP"].tolist() == pytest.approx(result.ap.mean(axis=0).tolist())
    assert table["average_AP"].mean() == pytest.approx(result.average_map)
    assert class_table(evaluate(truth(), FOUND, [0.5]).result).empty
