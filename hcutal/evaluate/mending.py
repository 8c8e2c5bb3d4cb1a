"""What mending one kind of error would gain, after Bolya et al., 'TIDE' (2020)."""

import numpy as np

from hcutal.evaluate.detection import interpolated_ap
from hcutal.evaluate.diagnosis_errors import KINDS, Errors
from hcutal.evaluate.matching import Codes, Flags, Floats
from hcutal.evaluate.ranks import place_in_class

UNNOTICED = "unnoticed"
# Kinds that are put onto the instance that they point to; the others are removed.
MOVED = ("wrong_label", "localization")


def gains(errors: Errors, scores: Floats) -> tuple[float, dict[str, float]]:
    """The mAP at the tIoU of `errors`, and by how much it rises when one kind is mended and the others stay.

    Of the localization errors and the wrong labels that point to the same missed instance, the best by score
    gets its place and its label (equal scores: order of the rows). All others of the kind, and all false
    positives of other kinds, are removed. `unnoticed` leaves the instances of that name out of the ground truth; a
    class that loses all of its instances leaves the mean, and NaN is the gain where no instance is left.

    scores: of all predictions, in the order of their rows. The mended predictions need not be matched anew: what is
    removed or moved held no instance, and no other prediction reaches a missed one, so that the true
    positives stay what they are, and those that were moved join them. For the same reason no gain is below 0.

    A false positive stands before the true one: precision 1/2 for one of two instances, 1 without it.

    >>> import pandas as pd
    >>> from hcutal.evaluate.diagnosis_errors import find_errors
    >>> truth = pd.DataFrame({"video": "v", "start": [0, 20], "end": [10, 30], "label": "run"})
    >>> found = pd.DataFrame(
    ...     {"video": "v", "start": [50, 0], "end": [60, 10], "label": "run", "score": [0.9, 0.8]}
    ... )
    >>> mean_ap, gained = gains(find_errors(truth, found), found["score"].to_numpy())
    >>> mean_ap, gained["background"], gained["unnoticed"]
    (0.25, 0.25, 0.25)
    """
    task = errors.task
    own = scores[task.row]
    before = _mean_ap(task.found_class, errors.are("true"), task.counts)
    after = {kind: _mended_map(errors, own, kind) for kind in KINDS[1:]}
    unnoticed = np.bincount(task.instance_class[errors.unnoticed], minlength=len(task.classes))
    after[UNNOTICED] = _mean_ap(task.found_class, errors.are("true"), task.counts - unnoticed)
    return before, {kind: value - before for kind, value in after.items()}


def _mended_map(errors: Errors, scores: Floats, kind: str) -> float:
    """The mAP of the predictions with one kind mended; scores [N] in the order of the task."""
    task, wrong = errors.task, errors.are(kind)
    label, true = task.found_class.copy(), errors.are("true")
    if kind in MOVED:
        moved = _first_to_ask(errors, wrong, scores)
        label[moved] = task.instance_class[errors.target[moved]]
        true[moved], wrong[moved] = True, False
    kept = np.flatnonzero(~wrong)
    if kind == "wrong_label":
        kept = kept[np.lexsort((task.row[kept], -scores[kept], label[kept]))]
    return _mean_ap(label[kept], true[kept], task.counts)


def _mean_ap(label: Codes, true: Flags, instances: Codes) -> float:
    """Mean over the classes that have instances; predictions are sorted by class, then falling score."""
    ap = interpolated_ap(label[true], place_in_class(label)[true], instances)[instances > 0]
    return float(ap.mean()) if ap.size else float("nan")


def _first_to_ask(errors: Errors, asking: Flags, scores: Floats) -> Codes:
    """Of the predictions `asking`, the best one for each missed instance."""
    candidates = np.flatnonzero(asking & errors.missed[errors.target])
    order = candidates[np.lexsort((errors.task.row[candidates], -scores[candidates]))]
    return order[np.unique(errors.target[order], return_index=True)[1]]
