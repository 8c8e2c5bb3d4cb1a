"""The segments of the recordings, and which of them are typical of their class."""

import numpy as np
import pandas as pd

from hcutal.localize.choice import Choice
from hcutal.localize.segments import chosen_rows

COLUMNS = ["video", "start", "end", "label", "score"]


def find_segments(proposals: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """The segments of all recordings: columns video, start, end (seconds), label, score; by video and start.

    proposals: the same columns in any order, from many thresholds; `choice` thins them out in each recording.
    """
    table = proposals[COLUMNS].astype({"video": object, "label": object})
    start, end, label, score = (table[name].to_numpy() for name in COLUMNS[1:])
    chosen = [np.zeros(0, np.intp)]
    for _, rows in sorted(table.groupby("video", sort=True).indices.items()):
        own = np.asarray(rows, np.intp)
        chosen.append(own[chosen_rows(start[own], end[own], label[own], score[own], choice=choice)])
    return table.iloc[np.concatenate(chosen)].reset_index(drop=True)


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
