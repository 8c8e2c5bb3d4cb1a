"""What `hcutal evaluate` does: read, select, judge, and write the results."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from hcutal.commands.evaluate_checks import UNCHECKED, checked_meeting, lies_on, unit_notes
from hcutal.commands.evaluate_inputs import read_names, read_tiou
from hcutal.commands.evaluate_text import comparison_text, evaluation_text, selection_text
from hcutal.data.activitynet import named_alike
from hcutal.data.ground_truth import read_ground_truth
from hcutal.data.selection import Selection, select
from hcutal.errors import HcutalError
from hcutal.evaluate.evaluation import ACTIVITYNET_TIOU, RECALL_AT, Evaluation, compare, evaluate
from hcutal.evaluate.options import BootstrapOptions, DiagnosisOptions
from hcutal.evaluate.predictions import read_predictions
from hcutal.evaluate.sensitivity import QUANTILES
from hcutal.files import sha256, write_json

THUMOS14 = "thumos14"
TIOU = {THUMOS14: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], "activitynet": list(ACTIVITYNET_TIOU)}


@dataclass(frozen=True)
class Request:
    """The options of the command, by their names there; predictions: one file or two."""

    predictions: tuple[Path, ...]
    ground_truth: Path
    subset: str | None = None
    tiou: str | None = None
    dataset: str | None = None
    test_videos: str | None = None
    videos: Path | None = None
    subsets: Path | None = None
    labels: Path | None = None
    skip_ambiguous: bool = False
    strict: bool = False
    metrics: str = "all"
    draws: int = 1000
    seed: int = 0
    output: Path | None = None
    html: Path | None = None

    @property
    def writes(self) -> bool:
        """Whether the result is written to a file, which says where it comes from."""
        return self.output is not None or self.html is not None


@dataclass(frozen=True)
class Judged:
    """One file of predictions, what it scores, and how its names and times meet those of the ground truth."""

    path: Path
    evaluation: Evaluation
    notes: list[str]


def run(request: Request) -> Iterator[str]:
    """Evaluate, write what is asked for, and give the lines to print. Raises `HcutalError` for bad input."""
    if request.draws < 0:
        raise HcutalError(f"--draws is {request.draws}; expected 0 or more")
    if request.draws == 0 and len(request.predictions) > 1:
        raise HcutalError("--draws is 0; two files are compared by 1 or more draws")
    if request.html is not None and len(request.predictions) > 1:
        raise HcutalError("--html shows one file of predictions; two are given")
    labels = None if request.labels is None else read_names(request.labels)
    truth = read_ground_truth(request.ground_truth, request.subsets, labels)
    survivors = None if request.videos is None else read_names(request.videos)
    selection = select(truth, request.subset, request.test_videos, survivors)
    dataset = request.dataset or truth.dataset
    tiou = TIOU[dataset or THUMOS14] if request.tiou is None else read_tiou(request.tiou)
    if request.strict:
        _refuse(request, selection)
    stamp = _stamp(request, selection, tiou) if request.writes else None
    judged = [
        _judge(path, request, selection, tiou, dataset or QUANTILES, stamp) for path in request.predictions
    ]
    yield from selection_text(request.ground_truth, selection, tiou)
    for each in judged:
        yield from evaluation_text(each.path, each.evaluation, each.notes)
    if len(judged) == 2:
        yield from _compare(request, judged[0], judged[1])
    else:
        yield from _write_one(request, judged[0])


def _judge(
    path: Path,
    request: Request,
    selection: Selection,
    tiou: list[float],
    bins: str,
    stamp: dict[str, object] | None,
) -> Judged:
    table = read_predictions(path)
    names = named_alike(list(table["video"].cat.categories), list(selection.videos["video"]))
    renamed = sum(old != new for old, new in names.items())
    table["video"] = table["video"].cat.rename_categories(dict(names))
    notes = list(checked_meeting(path, table, request.ground_truth, selection))
    unit = unit_notes(path, table, selection)
    if request.strict:
        _refuse_left_out(path, table, selection, unit)
    on_ambiguous = lies_on(table, selection.ambiguous)
    if request.skip_ambiguous:
        table = table[~on_ambiguous]
    if stamp is not None:
        source = {"file": str(path), "sha256": sha256(path), "videos_renamed": renamed}
        stamp = stamp | {"predictions": source}
    evaluation = evaluate(
        selection.instances,
        table,
        tiou,
        list(selection.videos["video"]),
        without=selection.without,
        bootstrap=BootstrapOptions(request.draws, request.seed) if request.draws else None,
        recall_at=RECALL_AT if request.metrics == "all" else (),
        diagnosis=DiagnosisOptions(bins=bins) if request.metrics == "all" else None,
        durations=selection.videos.set_index("video")["duration"],
        stamp=stamp,
    )
    # The selection has left them out already.
    ignored = evaluation.ignored | {"instances in videos left out": selection.left_out}
    if request.skip_ambiguous:
        ignored["predictions on ambiguous segments"] = int(on_ambiguous.sum())
    return Judged(path, replace(evaluation, ignored=ignored), notes + unit)


def _stamp(request: Request, selection: Selection, tiou: list[float]) -> dict[str, object]:
    # Slow to look up, and of interest in a file alone.
    from hcutal import __version__

    lists = {"videos": request.videos, "labels": request.labels, "subsets": request.subsets}
    given = {name: {"file": str(path), "sha256": sha256(path)} for name, path in lists.items() if path}
    return {
        "hcutal": __version__,
        "ground_truth": {
            "file": str(request.ground_truth),
            "sha256": sha256(request.ground_truth),
            **selection.stamp,
        },
        "lists": given,
        "tiou": tiou,
        "recall_tiou": list(ACTIVITYNET_TIOU),
    }


def _refuse(request: Request, selection: Selection) -> None:
    """Under --strict: list what is wrong with the ground truth."""
    wrong = [flaw.message for flaw in selection.flaws]
    wrong += [f"{request.ground_truth}: {video}: is not in the file" for video in selection.absent]
    if wrong:
        raise HcutalError("\n".join([f"{len(wrong)} flaws of the ground truth (--strict)", *wrong]))


def _refuse_left_out(path: Path, table: pd.DataFrame, selection: Selection, unit: list[str]) -> None:
    """Under --strict: list labels and videos that the ground truth does not have, and doubts about times."""
    known = {
        "label": set(selection.instances["label"]),
        "video": {*selection.videos["video"], *selection.without},
    }
    wrong = [
        f"{path}: {count} predictions of the {column} {name!r}, which the ground truth does not have"
        for column, names in known.items()
        for name, count in table[column].value_counts(sort=False).items()
        if count and name not in names
    ]
    wrong += [f"{path}: {text}" for text in unit if text != UNCHECKED]
    if wrong:
        raise HcutalError("\n".join([f"{len(wrong)} flaws of the predictions (--strict)", *wrong]))


def _compare(request: Request, a: Judged, b: Judged) -> Iterator[str]:
    comparison = compare(a.evaluation, b.evaluation)
    yield from comparison_text(a.path, b.path, comparison)
    if request.output is not None:
        found = {"a": a.evaluation.as_dict(), "b": b.evaluation.as_dict(), "comparison": comparison.as_dict()}
        write_json(request.output, found)
        yield f"written to {request.output}"


def _write_one(request: Request, judged: Judged) -> Iterator[str]:
    if request.output is not None:
        write_json(request.output, judged.evaluation.as_dict())
        yield f"written to {request.output}"
    if request.html is not None:
        from hcutal.report.pages.evaluation_page import write_evaluation_page

        title = f"{judged.path.name} against {request.ground_truth.name}"
        write_evaluation_page(request.html, judged.evaluation, judged.evaluation.diagnosis, title)
        yield f"written to {request.html}"
