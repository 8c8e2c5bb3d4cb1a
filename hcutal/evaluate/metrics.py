"""An evaluation as flat metrics, by the names that files, DVC and MLflow have, and as a table of classes."""

from typing import Any

import pandas as pd

from hcutal.evaluate.bootstrap import MapIntervals
from hcutal.evaluate.detection import DetectionResult
from hcutal.evaluate.diagnosis import Diagnosis
from hcutal.evaluate.evaluation import Evaluation
from hcutal.evaluate.matching import Floats


def flat_metrics(evaluation: Evaluation) -> dict[str, float]:
    """Every number of an evaluation by its name; without an annotated instance, the counts alone.

    Counts: videos, instances, predictions. Scores in [0, 1]: `mAP/0.5`, `average_mAP`, `AR/10`; of intervals
    `mAP/0.5/low`, `/high`; of chance `chance/mAP/0.5`, `chance/average_mAP`; of the diagnosis `errors/KIND` (share
    among the best G of each class), `gain/KIND`, `missed` and `unnoticed` (shares of the instances),
    `calibration_error`. What was not asked for is absent.

    >>> from hcutal.evaluate.evaluation import evaluate
    >>> truth = {"video": ["v", "v"], "start": [0, 20], "end": [10, 30], "label": ["run", "jump"]}
    >>> found = {"video": ["v"], "start": [0], "end": [9], "label": ["run"], "score": [0.7]}
    >>> metrics = flat_metrics(evaluate(truth, found, tiou=[0.5], recall_tiou=[0.5], recall_at=[1]))
    >>> {name: metrics[name] for name in ("instances", "predictions", "AR/1", "mAP/0.5", "average_mAP")}
    {'instances': 2, 'predictions': 1, 'AR/1': 0.5, 'mAP/0.5': 0.5, 'average_mAP': 0.5}
    """
    counts = {name: getattr(evaluation, name) for name in ("videos", "instances", "predictions")}
    if not evaluation.instances:
        return counts
    result, chance = evaluation.result, evaluation.chance
    metrics = counts | evaluation.named_recall
    metrics |= _scores("mAP/{:g}", result.tiou, result.mean_ap) | {"average_mAP": result.average_map}
    if evaluation.intervals is not None:
        metrics |= _interval_metrics(evaluation.intervals)
    if chance is not None:
        metrics |= _scores("chance/mAP/{:g}", result.tiou, chance)
        metrics["chance/average_mAP"] = float(chance.mean())
    if evaluation.diagnosis is not None:
        metrics |= _diagnosis_metrics(evaluation.diagnosis)
    return metrics


def class_table(result: DetectionResult) -> pd.DataFrame:
    """A row a class: label, instances, `AP/0.5` for every tIoU, average_AP.

    >>> import numpy as np
    >>> result = DetectionResult(np.array([[1.0], [0.5]]), ["run"], [0.3, 0.5], np.array([4]))
    >>> class_table(result).iloc[0].to_dict()
    {'label': 'run', 'instances': 4, 'AP/0.3': 1.0, 'AP/0.5': 0.5, 'average_AP': 0.75}
    """
    columns: dict[str, Any] = {"label": result.classes, "instances": result.instances}
    columns |= {f"AP/{tiou:g}": row for tiou, row in zip(result.tiou, result.ap, strict=True)}
    return pd.DataFrame(columns | {"average_AP": result.average_ap})


def _interval_metrics(ends: MapIntervals) -> dict[str, float]:
    low, high = ends.average
    return (
        _scores("mAP/{:g}/low", ends.tiou, ends.low)
        | _scores("mAP/{:g}/high", ends.tiou, ends.high)
        | {"average_mAP/low": low, "average_mAP/high": high}
    )


def _diagnosis_metrics(diagnosis: Diagnosis) -> dict[str, float]:
    best = diagnosis.groups[0]
    number = max(sum(best.values()), 1)
    return (
        {f"errors/{kind}": count / number for kind, count in best.items()}
        | {f"gain/{kind}": gain for kind, gain in diagnosis.gains.items()}
        | {
            "missed": diagnosis.missed / diagnosis.instances,
            "unnoticed": diagnosis.unnoticed / diagnosis.instances,
            "calibration_error": diagnosis.calibration.error,
        }
    )


def _scores(name: str, tiou: list[float], values: Floats) -> dict[str, float]:
    return {name.format(threshold): float(value) for threshold, value in zip(tiou, values, strict=True)}
