"""All that is measured of a set of predictions, as one value: for the command, the stage and other projects."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.bootstrap import MapComparison, MapIntervals, compare_drawn, map_intervals
from hcutal.evaluate.chance import chance_map
from hcutal.evaluate.checked_tables import Table, ground_truth_table, prediction_table
from hcutal.evaluate.coding import make_task, of_own_class, pairs_by_video
from hcutal.evaluate.detection import DetectionResult, Matches, checked_tiou, match, match_pairs
from hcutal.evaluate.diagnosis import Diagnosis, diagnose_errors
from hcutal.evaluate.diagnosis_errors import sort_errors
from hcutal.evaluate.matching import Floats
from hcutal.evaluate.options import BootstrapOptions, ChanceOptions, DiagnosisOptions
from hcutal.evaluate.recall import recall_and_area

# Thresholds of ActivityNet, for average recall and for its own mAP.
ACTIVITYNET_TIOU = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
RECALL_AT = (1, 5, 10, 50, 100)
UNKNOWN_LABELS = "predictions of unknown labels"


@dataclass(frozen=True)
class Evaluation:
    """What predictions score against ground truth.

    result: AP by tIoU and class; recall: average recall by the number of proposals per video, empty where none
    was asked for; recall_auc: its area, see `recall_and_area`; intervals: of the mAP; chance: mAP by chance,
    [n_tiou]; diagnosis: of the errors. The last three are None where they were not asked for and where there is no
    instance. videos: evaluated; instances: in these; predictions: all but those in videos left out, also of unknown
    labels; elsewhere: those of known labels in videos that are not evaluated, which are false; ignored: rows left out,
    by reason; stamp: where ground truth and predictions come from, and what else decides the numbers.
    """

    result: DetectionResult
    recall: dict[int, float]
    recall_auc: float
    intervals: MapIntervals | None
    chance: Floats | None
    diagnosis: Diagnosis | None
    videos: int
    instances: int
    predictions: int
    elsewhere: int
    ignored: dict[str, int]
    stamp: dict[str, object] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """Predictions of the labels of the ground truth."""
        return self.predictions - self.ignored[UNKNOWN_LABELS]

    @property
    def named_recall(self) -> dict[str, float]:
        """Average recall by the name of the metric, `AR/10`."""
        return {f"AR/{number}": value for number, value in self.recall.items()}

    def as_dict(self) -> dict[str, Any]:
        """For JSON: all of it, nested; `flat_metrics` has the names of DVC and MLflow."""
        result, chance = self.result, self.chance
        return {
            "mAP": _by_tiou(result, result.mean_ap),
            "average_mAP": result.average_map,
            "per_class": {
                label: {
                    "instances": int(result.instances[column]),
                    "AP": _by_tiou(result, result.ap[:, column]),
                    "average_AP": float(result.average_ap[column]),
                }
                for column, label in enumerate(result.classes)
            },
            "recall": self.named_recall | {"AUC": self.recall_auc} if self.recall else None,
            "intervals": None if self.intervals is None else self.intervals.as_dict(),
            "chance": None
            if chance is None
            else {"mAP": _by_tiou(result, chance), "average_mAP": float(chance.mean())},
            "diagnosis": None if self.diagnosis is None else self.diagnosis.as_dict(),
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
    bootstrap: BootstrapOptions | None = None,
    chance: ChanceOptions | None = None,
    diagnosis: DiagnosisOptions | None = None,
    durations: "Mapping[str, float] | pd.Series[float] | None" = None,
    stamp: Mapping[str, object] | None = None,
) -> Evaluation:
    """Score predictions by the rules of `detection_map` and `average_recall`.

    ground_truth: a DataFrame, a structured array or a mapping of columns, with video, start, end (seconds)
    and label, a row an instance; predictions: the same and score. Videos and labels are strings or integers.
    videos: those that are evaluated, also the ones without an instance; by default those of the ground truth.
    Instances in others are left out, and so is all that lies in `without` and what is predicted for a video
    whose instances are left out. Predictions for any other video that is not evaluated are false, as in
    ActivityNet's kit. recall_at: numbers of proposals per video, none for no average recall.
    bootstrap, chance, diagnosis: whether and how these are measured. durations: seconds by
    video, for chance and diagnosis. Raises `HcutalError` naming column and row for tables that cannot be judged,
    and for thresholds and options that cannot be.

    >>> truth = {"video": ["v", "v"], "start": [0, 20], "end": [10, 30], "label": ["run", "jump"]}
    >>> found = {"video": ["v"], "start": [0], "end": [9], "label": ["run"], "score": [0.7]}
    >>> evaluation = evaluate(truth, found, tiou=[0.5, 0.95], diagnosis=DiagnosisOptions(tiou=0.5))
    >>> evaluation.result.classes, evaluation.result.mean_ap.tolist(), evaluation.result.average_map
    (['jump', 'run'], [0.5, 0.0], 0.25)
    >>> evaluation.recall[100], evaluation.diagnosis.missed
    (0.45, 1)
    """
    truth, found, names, left_out = _select(ground_truth, predictions, videos, without)
    if truth.empty:
        bootstrap = chance = diagnosis = None
    seconds = _seconds(durations)
    matches, diagnosed = _judge(truth, found, checked_tiou(tiou), diagnosis, seconds)
    judged = matches.task.row
    recall, area = recall_and_area(truth, found, recall_tiou, recall_at) if recall_at else ({}, float("nan"))
    return Evaluation(
        result=matches.result(),
        recall=recall,
        recall_auc=area,
        intervals=None
        if bootstrap is None
        else map_intervals(matches, truth, found, names, bootstrap.draws, bootstrap.seed, bootstrap.level),
        chance=None
        if chance is None
        else chance_map(truth, found, seconds, matches.tiou, chance.draws, chance.seed),
        diagnosis=diagnosed,
        videos=len(names),
        instances=len(truth),
        predictions=len(found),
        elsewhere=int((~found["video"].isin(names)).to_numpy()[judged].sum()),
        ignored=left_out | {UNKNOWN_LABELS: len(found) - len(judged)},
        stamp=dict(stamp or {}),
    )


def compare(a: Evaluation, b: Evaluation) -> MapComparison:
    """Which of two sets of predictions is better: the paired bootstrap over the draws that both were given.

    Both are of the same ground truth and videos, with the same thresholds and `bootstrap`; `HcutalError` where
    one has no intervals, and where the draws cannot be the same ones.

    >>> truth = {"video": ["v", "w"], "start": [0, 0], "end": [10, 10], "label": ["run", "run"]}
    >>> good, bad = truth | {"score": [1, 1]}, truth | {"score": [1, 1], "end": [2, 2]}
    >>> a, b = (evaluate(truth, found, [0.5], bootstrap=BootstrapOptions(100)) for found in (good, bad))
    >>> compare(a, b).intervals.average
    (1.0, 1.0)
    """
    if a.intervals is None or b.intervals is None:
        raise HcutalError("an evaluation has no intervals; two are compared by the draws of the bootstrap")
    return compare_drawn(a.result.mean_ap, a.intervals, b.result.mean_ap, b.intervals)


def _select(
    ground_truth: Table, predictions: Table, videos: Collection[str] | None, without: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[str], dict[str, int]]:
    """The tables of what is evaluated, the names of the videos, and how many rows were left out, by reason."""
    truth, found = ground_truth_table(ground_truth), prediction_table(predictions)
    present = set(truth["video"])
    names = sorted((present if videos is None else set(videos)) - set(without))
    out = (present | set(without)) - set(names)
    kept_truth, kept_found = (table[~table["video"].isin(out)] for table in (truth, found))
    left_out = {
        "instances in videos left out": len(truth) - len(kept_truth),
        "predictions in videos left out": len(found) - len(kept_found),
    }
    return kept_truth.reset_index(drop=True), kept_found.reset_index(drop=True), names, left_out


def _judge(
    truth: pd.DataFrame,
    found: pd.DataFrame,
    tiou: list[float],
    options: DiagnosisOptions | None,
    durations: "pd.Series[float]",
) -> tuple[Matches, Diagnosis | None]:
    """Matches and, where it is asked for, the diagnosis; what overlaps is looked for once for both."""
    if options is None:
        return match(truth, found, tiou), None
    task = make_task(truth, found)
    pairs = pairs_by_video(task, min(*tiou, options.touch))
    errors = sort_errors(task, pairs.above(options.touch), options.tiou, options.touch)
    diagnosis = diagnose_errors(errors, truth, found, durations, options.bins)
    return match_pairs(task, of_own_class(pairs, task), tiou), diagnosis


def _seconds(durations: "Mapping[str, float] | pd.Series[float] | None") -> "pd.Series[float]":
    """Durations by the name of the video, as the checked tables have it."""
    seconds = pd.Series({} if durations is None else durations, dtype=np.float64)
    seconds.index = seconds.index.astype(str)
    return seconds


def _by_tiou(result: DetectionResult, values: Floats) -> dict[str, float]:
    return {f"{tiou:g}": float(value) for tiou, value in zip(result.tiou, values, strict=True)}
