"""All that is measured of a set of predictions, as one value: for the command, the stage and other projects."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from hcutal.evaluate.bootstrap import MapIntervals, map_intervals
from hcutal.evaluate.detection import DetectionResult, match
from hcutal.evaluate.matching import Floats
from hcutal.evaluate.recall import recall_and_area
from hcutal.evaluate.checked_tables import Table, ground_truth_table, prediction_table

# Thresholds of ActivityNet, for average recall and for its own mAP.
ACTIVITYNET_TIOU = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
RECALL_AT = (1, 5, 10, 50, 100)


@dataclass(frozen=True)
class Evaluation:
    """What predictions score against ground truth.

    result: AP by tIoU and class; recall: average recall by the number of proposals per video; recall_auc:
    its area, see `recall_and_area`; intervals: of the mAP, None without draws; videos: evaluated;
    instances: in these; predictions: that were judged; elsewhere: those of them in videos that are not
    evaluated, which are false; ignored: rows left out, by reason; stamp: where ground truth and predictions
    come from, and what else decides the numbers.
    """

    result: DetectionResult
    recall: dict[int, float]
    recall_auc: float
    intervals: MapIntervals | None
    videos: int
    instances: int
    predictions: int
    elsewhere: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    stamp: dict[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """For JSON: mAP, average_mAP, per_class, recall, intervals, the counts, ignored, stamp."""
        return {
            "mAP": _by_tiou(self.result, self.result.mean_ap),
            "average_mAP": self.result.average_map,
            "per_class": {
                label: {
                    "instances": int(self.result.instances[column]),
                    "AP": _by_tiou(self.result, self.result.ap[:, column]),
                    "average_AP": float(self.result.ap[:, column].mean()),
                }
                for column, label in enumerate(self.result.classes)
            },
            "recall": {f"AR@{number}": value for number, value in self.recall.items()}
            | {"AUC": self.recall_auc},
            "intervals": None if self.intervals is None else self.intervals.as_dict(),
            "videos": self.videos,
            "instances": self.instances,
            "predictions": self.predictions,
            "predictions_elsewhere": self.elsewhere,
            "ignored": self.ignored,
            "stamp": self.stamp,
        }


def evaluate(
    ground_truth: Table,
    predictions: Table,
    tiou: Sequence[float],
    videos: Collection[str] | None = None,
    *,
    without: Collection[str] = (),
    recall_tiou: Sequence[float] = ACTIVITYNET_TIOU,
    recall_at: Sequence[int] = RECALL_AT,
    draws: int = 0,
    seed: int = 0,
    stamp: Mapping[str, object] | None = None,
) -> Evaluation:
    """Score predictions by the rules of `detection_map` and `average_recall`.

    ground_truth: a DataFrame, a structured array or a mapping of columns, with video, start, end (seconds)
    and label, a row an instance; predictions: the same and score. Videos and labels are strings or integers.
    videos: those that are evaluated, also the ones without an instance; by default those of the ground truth.
    Instances in others are left out, and so is all that lies in `without` and what is predicted for a video
    whose instances are left out. Predictions for any other video that is not evaluated are false, as in
    ActivityNet's kit. draws: of the bootstrap over videos, from `seed`; none without. Raises `HcutalError`
    naming column and row for tables that cannot be judged, and for thresholds outside (0, 1].
    """
    truth, found = ground_truth_table(ground_truth), prediction_table(predictions)
    present = set(truth["video"])
    names = sorted((present if videos is None else set(videos)) - set(without))
    out = (present | set(without)) - set(names)
    (truth, instances_out), (found, predictions_out) = leave_out(truth, out), leave_out(found, out)
    matches = match(truth, found, tiou)
    judged = matches.task.row
    recall, area = recall_and_area(truth, found, recall_tiou, recall_at)
    return Evaluation(
        result=matches.result(),
        recall=recall,
        recall_auc=area,
        intervals=map_intervals(matches, truth, found, names, draws, seed) if draws else None,
        videos=len(names),
        instances=len(truth),
        predictions=len(judged),
        elsewhere=int((~found["video"].isin(names)).to_numpy()[judged].sum()),
        ignored={
            "instances in videos left out": instances_out,
            "predictions in videos left out": predictions_out,
            "predictions of unknown labels": len(found) - len(judged),
        },
        stamp=dict(stamp or {}),
    )


def leave_out(table: pd.DataFrame, videos: Collection[str]) -> tuple[pd.DataFrame, int]:
    """The table without the rows of `videos`, and how many those are."""
    dropped = table["video"].isin(videos)
    return table[~dropped].reset_index(drop=True), int(dropped.sum())


def _by_tiou(result: DetectionResult, values: Floats) -> dict[str, float]:
    return {f"{tiou:g}": float(value) for tiou, value in zip(result.tiou, values, strict=True)}
