"""The segments of the recordings, and which of them are typical of their class."""

import pandas as pd

from hcutal.localize.choice import Choice
from hcutal.localize.segments import select

COLUMNS = ["video", "start", "end", "label", "score"]


def find_segments(proposals: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """The segments of all recordings: columns video, start, end (seconds), label, score; by video and start.

    proposals: the same columns in any order, from many thresholds; `choice` thins them out in each recording.
    """
    table = proposals[COLUMNS].astype({"video": object, "label": object})
    chosen = [table.iloc[:0]]
    for recording, own in table.groupby("video", sort=True):
        chosen.append(select(own[COLUMNS[1:]], choice).assign(video=recording)[COLUMNS])
    return pd.concat(chosen, ignore_index=True)


def typical_segments(segments: pd.DataFrame, count: int, per_recording: int) -> pd.DataFrame:
    """Of each class up to `count` segments, up to `per_recording` of them in one recording; by class and score.

    The best of each recording come before the second best of any, so that they show different recordings where
    there are some. Equal scores: by recording and time.
    """
    ordered = segments.sort_values(
        ["score", "video", "start"], ascending=[False, True, True], kind="stable", ignore_index=True
    )
    turn = ordered.groupby(["label", "video"]).cumcount()
    waiting = ordered[turn < per_recording].assign(turn=turn)
    chosen = waiting.sort_values("turn", kind="stable").groupby("label").head(count)
    # The index is the place by score.
    return chosen.sort_index().sort_values("label", kind="stable", ignore_index=True)[COLUMNS]
