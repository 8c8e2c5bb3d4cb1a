"""Tables of ground truth and predictions as arrays of numbers, ready to be matched."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hcutal.evaluate.matching import Codes, Pairs, Segments, overlapping_pairs
from hcutal.evaluate.ranks import by_group_and_score, place_in_class


@dataclass(frozen=True)
class Task:
    """Detections to be judged against ground truth.

    classes: of the ground truth, sorted; instances: [G], and found: [N], grouped by video and class;
    instance_class: [G] and found_class: [N], positions in `classes`; instance_video: [G] and found_video:
    [N], -1 for a video without instances; rank: [N], place of a prediction in its class from 1; row: [N], place
    of a prediction in its table. Predictions are sorted by class, then falling score; those of classes without
    ground truth are left out.
    """

    classes: list[str]
    instances: Segments
    instance_class: Codes
    instance_video: Codes
    found: Segments
    found_class: Codes
    found_video: Codes
    rank: Codes
    row: Codes

    @property
    def counts(self) -> Codes:
        """Instances of each class, [C]."""
        return np.bincount(self.instance_class, minlength=len(self.classes))


def make_task(ground_truth: pd.DataFrame, predictions: pd.DataFrame) -> Task:
    """Code the tables: columns video, start, end, label; predictions have score as well."""
    classes = pd.Index(sorted(ground_truth["label"].astype(object).unique()), dtype=object)
    videos = pd.Index(ground_truth["video"].astype(object).unique())
    instance_class, instance_video = (
        codes(ground_truth["label"], classes),
        codes(ground_truth["video"], videos),
    )
    label, video = codes(predictions["label"], classes), codes(predictions["video"], videos)
    group = np.where(video < 0, -1, video * len(classes) + label)
    order = by_group_and_score(label, predictions["score"].to_numpy(dtype=np.float64))
    order = order[label[order] >= 0]
    label, video = label[order], video[order]
    return Task(
        classes=list(classes),
        instances=segments(ground_truth, instance_video * len(classes) + instance_class),
        instance_class=instance_class,
        instance_video=instance_video,
        found=segments(predictions, group).take(order),
        found_class=label,
        found_video=video,
        rank=place_in_class(label),
        row=order,
    )


def pairs_by_video(task: Task, minimum: float) -> Pairs:
    """All pairs of a prediction and an instance of its video, of any class, with a tIoU of at least `minimum`."""
    found = replace(task.found, group=task.found_video)
    return overlapping_pairs(found, replace(task.instances, group=task.instance_video), minimum)


def of_own_class(pairs: Pairs, task: Task) -> Pairs:
    """The pairs whose prediction and instance are of one class, in the same order."""
    kept = task.found_class[pairs.prediction] == task.instance_class[pairs.instance]
    return Pairs(pairs.prediction[kept], pairs.instance[kept], pairs.tiou[kept])


def codes(values: "pd.Series[str]", index: "pd.Index[str]") -> Codes:
    """Position of each value in `index`, -1 where it is not there; cheap for categorical values."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        position = np.append(index.get_indexer(values.cat.categories.astype(object)), -1)
        return position[values.cat.codes.to_numpy()].astype(np.int64)
    return index.get_indexer(pd.Index(values, dtype=object)).astype(np.int64)


def segments(table: pd.DataFrame, group: Codes) -> Segments:
    """The columns start and end as segments of the given groups."""
    return Segments(group, table["start"].to_numpy(dtype=np.float64), table["end"].to_numpy(dtype=np.float64))
