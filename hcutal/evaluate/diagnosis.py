"""Kinds of false positives among detections, after Alwassel et al., 'Diagnosing error in TAD' (2018)."""

from dataclasses import replace

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.coding import make_task
from hcutal.evaluate.matching import greedy_matches, overlapping_pairs

KINDS = ("true", "double", "wrong_label", "localization", "confusion", "background")


def error_shares(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: float = 0.5, touch: float = 0.1
) -> dict[str, float]:
    """Shares of true positives and of the kinds of false ones among the best predictions; they sum to 1.

    Of each class as many predictions are looked at, best scores first, as it has instances. With o the
    highest tIoU with any instance of the video:

    - double: an instance of the class is reached (tIoU >= `tiou`), but a better prediction has it;
    - wrong_label: o >= `tiou`, with another class;
    - localization: the class is right and touched, `touch` <= tIoU < `tiou`;
    - confusion: `touch` <= o < `tiou`, with other classes only;
    - background: o < `touch`.

    The first that fits counts. All 0 without such predictions. Tables as for `detection_map`.
    """
    if not 0 < touch < tiou <= 1:
        raise HcutalError(f"touch is {touch}, tIoU is {tiou}; expected 0 < touch < tIoU <= 1")
    task = make_task(ground_truth, predictions)
    best = task.rank <= task.counts[task.found_class]
    number = len(task.instance_class)
    own = overlapping_pairs(task.found, task.instances, touch)
    of_video = replace(task.found, group=task.found_video), replace(task.instances, group=task.instance_video)
    any_class = overlapping_pairs(*of_video, touch)

    kind = np.full(len(best), KINDS.index("background"))
    kind[any_class.prediction] = KINDS.index("confusion")
    kind[own.prediction] = KINDS.index("localization")
    kind[any_class.above(tiou).prediction] = KINDS.index("wrong_label")
    kind[own.above(tiou).prediction] = KINDS.index("double")
    kind[greedy_matches(own.above(tiou), number)] = KINDS.index("true")
    shares = np.bincount(kind[best], minlength=len(KINDS)) / max(int(best.sum()), 1)
    return dict(zip(KINDS, shares.tolist(), strict=True))
