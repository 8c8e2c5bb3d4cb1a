"""Whether predictions can be of the recordings, classes and times that they are judged against."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.meeting import Meeting
from hcutal.data.problems import some
from hcutal.data.selection import Selection
from hcutal.data.units import by_video, check_unit, far_beyond
from hcutal.errors import HcutalError

UNCHECKED = "the ground truth has no durations: whether times are seconds cannot be checked"


def checked_meeting(path: Path, table: pd.DataFrame, truth: Path, selection: Selection) -> Iterator[str]:
    """Lines that say which videos and labels of the predictions are those of the ground truth.

    Raises `HcutalError` naming both sides where no video or no label is.
    """
    # Those that are left out on purpose are known, though not evaluated.
    known = {*selection.videos["video"], *selection.without}
    videos = Meeting.of(selection.videos["video"], set(table["video"]) - selection.without)
    if len(table) and not Meeting.of(known, set(table["video"])).both:
        raise HcutalError(
            f"{path}: none of its videos is evaluated; {truth} has, for instance, {videos.first[0]}, "
            f"the predictions have {some(videos.second)}"
        )
    labels = Meeting.of(selection.instances["label"], set(table["label"]))
    if len(table) and not labels.both:
        raise HcutalError(
            f"{path}: none of its labels is one of {truth}: it has {some(labels.second)}; expected some of "
            f"{some(labels.first, 10)}"
        )
    yield videos.text("videos", "evaluated", "predicted")
    yield labels.text("labels", "annotated", "predicted")


def unit_notes(path: Path, table: pd.DataFrame, selection: Selection) -> list[str]:
    """What is doubtful about the times of predictions; empty where they are seconds.

    Raises `HcutalError` where they are not.
    """
    last = by_video(table.groupby("video", observed=True)["end"].max())
    found = check_unit(last, by_video(selection.videos.set_index("video")["duration"]))
    found.refuse(path, "predictions")
    if found.is_doubtful:
        return [found.text("predictions")]
    return [] if found.checked else [UNCHECKED, *_beyond_annotations(last, selection)]


def lies_on(table: pd.DataFrame, segments: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows lie on one of the segments of their video by more than half of their length [n]."""
    covered = np.zeros(len(table), dtype=bool)
    video, start, end = (table[name].to_numpy() for name in ("video", "start", "end"))
    for name, low, high in segments[["video", "start", "end"]].itertuples(index=False):
        overlap = np.minimum(end, high) - np.maximum(start, low)
        covered |= (video == name) & (2 * overlap > end - start)
    return covered


def _beyond_annotations(last: dict[str, float], selection: Selection) -> Iterator[str]:
    factor = far_beyond(last, by_video(selection.instances.groupby("video")["end"].max()))
    if factor is not None:
        yield f"predictions end at {factor:.3g} times the last annotated end (median): are they in frames?"
