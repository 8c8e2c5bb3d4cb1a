"""Predictions in full, alone and beside the annotations that they are to be judged against."""

from pathlib import Path

import pandas as pd

from hcutal.data.activitynet import named_alike
from hcutal.data.annotation_check import alike
from hcutal.data.ground_truth import GroundTruth
from hcutal.data.meeting import Meeting
from hcutal.data.problems import ERROR, NOTE, WARNING, Findings
from hcutal.data.units import by_video, check_unit, far_beyond
from hcutal.errors import HcutalError
from hcutal.evaluate.predictions import read_predictions

FORM = 'expected {"results": {video: [{"label", "score", "segment": [start, end]}]}}'


def check_predictions(path: Path, truth: GroundTruth | None = None) -> Findings:
    """Read predictions in full; with `truth` also names, labels and times beside it."""
    found = Findings()
    try:
        table = read_predictions(path)
    except HcutalError as error:
        found.add(ERROR, "predictions", str(error), FORM)
        return found
    found.summary |= {
        "predictions": len(table),
        "predicted recordings": int(table["video"].nunique()),
        "predicted labels": int(table["label"].nunique()),
    }
    if table.empty:
        found.add(
            WARNING,
            "no-predictions",
            f"{path.name}: no prediction",
            "run the detector, or lower its threshold",
        )
        return found
    _check_rows(table, found)
    if truth is None:
        text = f"{path.name}: names and times cannot be checked without annotations"
        found.add(
            NOTE, "unchecked", text, "name the annotations as well: hcutal doctor gt.json predictions.json"
        )
    else:
        _check_beside(table, truth, path, found)
    return found


def _check_rows(table: pd.DataFrame, found: Findings) -> None:
    scores = table["score"]
    if len(table) > 1 and scores.nunique() == 1:
        text = (
            f"all {len(table)} predictions have the score {scores.iat[0]:g}: their order is that of the file"
        )
        found.add(WARNING, "equal-scores", text, "write the scores of the detector")
    negative = table.loc[table["start"] < 0, "video"].astype(str)
    found.add_each(WARNING, "negative-start", negative, "predictions start before 0", "clip them")
    empty = table.loc[table["start"] == table["end"], "video"].astype(str)
    found.add_each(
        WARNING, "no-length", empty, "predictions have no length and overlap nothing", "leave them out"
    )
    same = alike(table["label"].cat.categories)
    found.add_each(
        WARNING,
        "labels-alike",
        same,
        "groups of predicted labels differ in spelling alone",
        "write each in one way",
    )


def _check_beside(table: pd.DataFrame, truth: GroundTruth, path: Path, found: Findings) -> None:
    names = named_alike(list(table["video"].cat.categories), list(truth.videos["video"]))
    renamed = table.assign(video=table["video"].cat.rename_categories(dict(names)))
    for what, column, known in (
        ("videos", "video", truth.videos["video"]),
        ("labels", "label", truth.instances["label"]),
    ):
        meeting = Meeting.of(known, set(renamed[column]))
        found.summary[what] = meeting.counts("annotated", "predicted")
        if not meeting.both:
            remedy = "write names as the annotations have them"
            found.add(
                ERROR,
                f"no-{column}-meets",
                f"{path.name}: no {column} is annotated: {found.summary[what]}",
                remedy,
            )
        else:
            count = int(renamed[column].isin(meeting.second).sum())
            text = f"predicted {what} are not annotated ({count} predictions)"
            found.add_each(
                WARNING,
                f"{column}-not-annotated",
                meeting.second,
                text,
                "write names as the annotations have them",
            )
    last = by_video(renamed.groupby("video", observed=True)["end"].max())
    unit = check_unit(last, by_video(truth.videos.set_index("video")["duration"]))
    if unit.is_doubtful:
        gravity = ERROR if unit.is_wrong else WARNING
        found.add(gravity, "predicted-unit", f"{path.name}: {unit.text('predictions')}", unit.remedy())
    elif unit.beyond:
        found.add_each(
            WARNING,
            "beyond-duration",
            unit.beyond,
            "recordings have predictions after their end",
            "clip them",
        )
    if not unit.checked:
        _check_by_instances(last, truth, path, found)


def _check_by_instances(last: dict[str, float], truth: GroundTruth, path: Path, found: Findings) -> None:
    factor = far_beyond(last, by_video(truth.instances.groupby("video")["end"].max()))
    if factor is not None:
        text = f"{path.name}: predictions end at {factor:.3g} times the last annotated end (median)"
        found.add(WARNING, "predicted-unit", text, "are they in frames? write seconds")
