"""Each false positive put into one kind, after Alwassel et al., 'Diagnosing error in TAD' (2018)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.coding import Task, make_task, of_own_class, pairs_by_video
from hcutal.evaluate.matching import Codes, Flags, Pairs, greedy_assignment

KINDS = ("true", "double", "wrong_label", "localization", "confusion", "background")


@dataclass(frozen=True)
class Errors:
    """What each prediction is, and what became of each instance.

    kind: [N], positions in `KINDS`; target: [N], the instance that a true positive got, or that a localization
    error or a wrong label overlaps most, -1 for the other kinds; tiou, touch: the thresholds of `find_errors`.
    N and G as in `task`.
    """

    task: Task
    tiou: float
    touch: float
    kind: Codes
    target: Codes

    def are(self, kind: str) -> Flags:
        """Which predictions are of a kind, [N]."""
        chosen: Flags = self.kind == KINDS.index(kind)
        return chosen

    @property
    def missed(self) -> Flags:
        """Instances without a true positive (false negatives), [G]."""
        return self._untouched(self.are("true"))

    @property
    def unnoticed(self) -> Flags:
        """Missed instances that no localization error and no wrong label points to either, [G]."""
        return self._untouched(self.target >= 0)

    def _untouched(self, by: Flags) -> Flags:
        free = np.ones(len(self.task.instance_class), dtype=bool)
        free[self.target[by]] = False
        return free


def find_errors(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: float = 0.5, touch: float = 0.1
) -> Errors:
    """Put every prediction of a class of the ground truth into one of `KINDS`; the others are left out.

    With o the highest tIoU with any instance of the video:

    - true: it gets an instance, as in `detection_map` at `tiou`;
    - double: an instance of the class is reached (tIoU >= `tiou`), but a better prediction has it;
    - wrong_label: o >= `tiou`, with another class;
    - localization: the class is right and touched, `touch` <= tIoU < `tiou`;
    - confusion: `touch` <= o < `tiou`, with other classes only;
    - background: o < `touch`.

    The first that fits counts. Tables as for `detection_map`. Raises `HcutalError` unless
    0 < touch < tiou <= 1.

    >>> truth = pd.DataFrame({"video": "v", "start": [0, 20], "end": [10, 30], "label": ["run", "jump"]})
    >>> found = pd.DataFrame(
    ...     {"video": "v", "start": [0, 0, 20, 50], "end": [10, 9, 30, 60], "label": "run", "score": [4, 3, 2, 1]}
    ... )
    >>> errors = find_errors(truth, found)
    >>> [KINDS[kind] for kind in errors.kind], errors.target.tolist()
    (['true', 'double', 'wrong_label', 'background'], [0, -1, 1, -1])
    """
    task = make_task(ground_truth, predictions)
    return sort_errors(task, pairs_by_video(task, touch), tiou, touch)


def sort_errors(task: Task, touched: Pairs, tiou: float, touch: float) -> Errors:
    """`find_errors` where the pairs of one video with a tIoU of at least `touch` are known."""
    if not 0 < touch < tiou <= 1:
        raise HcutalError(f"touch is {touch}, tIoU is {tiou}; expected 0 < touch < tIoU <= 1")
    own = of_own_class(touched, task)
    kind = np.full(len(task.found_class), KINDS.index("background"))
    target = np.full(len(task.found_class), -1)
    kind[touched.prediction] = KINDS.index("confusion")
    for name, pairs in (("localization", own), ("wrong_label", touched.above(tiou))):
        prediction, instance = _best(pairs)
        kind[prediction], target[prediction] = KINDS.index(name), instance
    reached = own.above(tiou)
    kind[reached.prediction], target[reached.prediction] = KINDS.index("double"), -1
    prediction, instance = greedy_assignment(reached, len(task.instance_class))
    kind[prediction], target[prediction] = KINDS.index("true"), instance
    return Errors(task, tiou, touch, kind, target)


def _best(pairs: Pairs) -> tuple[Codes, Codes]:
    """Each prediction with the instance of its highest tIoU."""
    prediction, first = np.unique(pairs.prediction, return_index=True)
    return prediction, pairs.instance[first]


def count_kinds(errors: Errors) -> dict[str, int]:
    """Predictions of each kind."""
    return dict(zip(KINDS, np.bincount(errors.kind, minlength=len(KINDS)).tolist(), strict=True))


def count_groups(errors: Errors, groups: int) -> Iterator[dict[str, int]]:
    """Predictions of each kind among the best G of every class, the next G and so on, for `groups` groups.

    G is the number of instances of the class.
    """
    task = errors.task
    group = (task.rank - 1) // task.counts[task.found_class]
    within = group < groups
    cells = np.bincount(
        group[within] * len(KINDS) + errors.kind[within], minlength=groups * len(KINDS)
    ).reshape(groups, len(KINDS))
    for row in cells.tolist():
        yield dict(zip(KINDS, row, strict=True))
