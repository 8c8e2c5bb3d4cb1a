"""What mending one kind of error would gain, after Bolya et al., 'TIDE' (2020)."""

import numpy as np
import pandas as pd

from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.diagnosis_errors import KINDS, Errors
from hcutal.evaluate.matching import Codes, Flags

UNNOTICED = "unnoticed"
# Kinds that are put onto the instance that they point to; the others are removed.
MOVED = ("wrong_label", "localization")


def gains(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, errors: Errors, tiou: float
) -> tuple[float, dict[str, float]]:
    """The mAP at `tiou`, and by how much it rises when one kind of error is mended and the others stay.

    The mended predictions are evaluated anew by `detection_map`. How the false positives are mended:
    `mended`. `unnoticed` leaves the instances of that name out of the ground truth; a class that loses all of its
    instances leaves the mean, and NaN is the gain where no instance is left.

    `errors` as of `find_errors` at the same tIoU. No gain is below 0: what is removed or moved held no
    instance, and what is put onto an instance takes it from nobody.
    """

    def score(truth: pd.DataFrame, found: pd.DataFrame) -> float:
        return float(detection_map(truth, found, [tiou]).mean_ap[0])

    before = score(ground_truth, predictions)
    after = {kind: score(ground_truth, mended(predictions, errors, kind)) for kind in KINDS[1:]}
    after[UNNOTICED] = score(ground_truth[~errors.unnoticed], predictions)
    return before, {kind: value - before for kind, value in after.items()}


def mended(predictions: pd.DataFrame, errors: Errors, kind: str) -> pd.DataFrame:
    """The predictions with one kind of false positive mended, in the order of their rows.

    Of the localization errors and the wrong labels that point to the same missed instance, the best by score
    gets its place and its label (equal scores: order of the rows). All others of the kind are removed. So are
    predictions of classes without ground truth, which count for nothing.
    """
    task, wrong = errors.task, errors.are(kind)
    start, end, label = task.found.start.copy(), task.found.end.copy(), task.found_class.copy()
    score = predictions["score"].to_numpy()[task.row]
    if kind in MOVED:
        moved = _first_to_ask(errors, wrong, score)
        instance = errors.target[moved]
        start[moved], end[moved] = task.instances.start[instance], task.instances.end[instance]
        label[moved] = task.instance_class[instance]
        wrong[moved] = False
    kept = np.flatnonzero(~wrong)
    kept = kept[np.argsort(task.row[kept])]
    return pd.DataFrame(
        {
            "video": predictions["video"].array.take(task.row[kept]),
            "start": start[kept],
            "end": end[kept],
            "label": pd.Categorical.from_codes(label[kept], categories=pd.Index(task.classes, dtype=object)),
            "score": score[kept],
        }
    )


def _first_to_ask(
    errors: Errors, asking: Flags, score: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> Codes:
    """Of the predictions `asking`, the best one for each missed instance."""
    candidates = np.flatnonzero(asking & errors.missed[errors.target])
    order = candidates[np.lexsort((errors.task.row[candidates], -score[candidates]))]
    return order[np.unique(errors.target[order], return_index=True)[1]]
