"""What training knows of labels: the file of supervision that its experiment may read."""

from pathlib import Path

import torch
from torch import Tensor

from hcutal.data.video_labels import checked_labels
from hcutal.errors import HcutalError
from hcutal.files import read_json


def trained_on(path: Path, videos: list[str]) -> list[str]:
    """Those of the videos that training is to see: all, or where the supervision is partial those with a label."""
    found = read_json(path)
    if not isinstance(found, dict) or found.get("partial") is not True:
        return videos
    labels = checked_labels(path, found.get("labels"))
    return [video for video in videos if labels.get(video)]


def read_supervision(path: Path, videos: list[str]) -> tuple[list[str] | None, Tensor | None]:
    """Class names and multi-hot labels [N, K] of the training videos; both None where there are no labels.

    Raises:
        HcutalError: when the file holds something else, or a training video has no label in a file that has labels.
    """
    found = read_json(path)
    if not isinstance(found, dict) or "labels" not in found:
        raise HcutalError(f"{path}: labels are missing; expected a list of labels a recording, or null")
    if found["labels"] is None:
        return None, None
    labels = checked_labels(path, found["labels"])
    missing = [video for video in videos if not labels.get(video)]
    if missing:
        raise HcutalError(
            f"{path}: no label for {missing[0]} and {len(missing) - 1} more; expected one or more each"
        )
    classes = sorted({label for video in videos for label in labels[video]})
    column = {label: index for index, label in enumerate(classes)}
    truth = torch.zeros(len(videos), len(classes))
    for row, video in enumerate(videos):
        truth[row, [column[label] for label in labels[video]]] = 1
    return classes, truth
