"""Train stage: features of the training videos to a model, pseudo-labels and curves.

An unsupervised experiment reads no annotation: its supervision file holds no labels.
"""

import copy
import csv
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import click
import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hcutal.cluster.assigned import write_assigned
from hcutal.code import stage_digest
from hcutal.data.pieces import Piece, cut
from hcutal.data.store import FeatureMeta, FeatureStore
from hcutal.data.subsets import belongs
from hcutal.data.video_labels import checked_labels
from hcutal.device import pick_device
from hcutal.errors import HcutalError
from hcutal.files import atomic_path, json_digest, read_json, write_json
from hcutal.layout import (
    MADE,
    PSEUDO_LABELS,
    DatasetFiles,
    RunPaths,
    features_dir,
    live_curves,
    state_folder,
    training_dir,
)
from hcutal.model.checkpoint import Localizer, save_model
from hcutal.model.cost import Cost, expected_cost
from hcutal.model.kept_states import KeptState, write_states
from hcutal.model.made_trainings import note_training, take_training
from hcutal.model.packed import TrainingFeatures
from hcutal.model.resumption import SECONDS, KeptTraining
from hcutal.model.start import agreements
from hcutal.model.training import CURVES, Row, Trainer, Training
from hcutal.params.section import read_run_section
from hcutal.params.train import FEWEST_SNIPPETS, PieceRule, TrainParams
from hcutal.progress import tell
from hcutal.stages.command import seeded_stage
from hcutal.tables import read_table, write_table

FEWEST_RECORDINGS = 2
# Seconds from one kept state to the next; no parameter, since it has no part in the result.
SECONDS_VARIABLE = "HCUTAL_STATE_SECONDS"


def run(name: str, dataset: str) -> None:
    """Read the resolved parameters of the run `name` and train."""
    params = read_run_section(TrainParams, name, "train")
    data, results = DatasetFiles.of(dataset), RunPaths.of(name)
    videos = read_table(data.videos, {"video": str, "subset": str})
    listed = videos.loc[belongs(videos["subset"], "train"), "video"].tolist()
    names = FeatureStore(features_dir(dataset)).available(listed)
    with _live_curves(live_curves(name)) as live:
        supervision = data.supervision(params.supervision)
        names = trained_on(supervision, names)
        train(params, features_dir(dataset), names, supervision, results, live, training_dir(name))


def train(
    params: TrainParams,
    features: Path,
    videos: list[str],
    supervision: Path,
    results: RunPaths,
    live: "_Live",
    state: Path,
) -> None:
    """Train on `videos` of the store at `features` and write the results; meanwhile the state is kept in `state`.

    What another run has trained already on the same is taken from there.
    """
    # The number of threads changes sums in the last bit; as a parameter it does not hang on the machine's load.
    torch.set_num_threads(params.threads)
    device = pick_device(params.device)
    # Some operations have no deterministic form on CUDA: there, torch warns instead of refusing.
    torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
    # Torch would write NaN over all memory that it is given, though nothing is read before it is written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    classes, truth = read_supervision(supervision, videos)
    store = FeatureStore(features)
    if len(videos) < FEWEST_RECORDINGS:
        raise HcutalError(f"{features}: {len(videos)} recordings to train on; expected 2 or more")
    pieces = None
    if params.pieces and params.supervision != "weak":
        pieces = pieces_of(store, videos, params.pieces)
    tell("reading features")
    training = TrainingFeatures(store, videos, device, pieces=pieces)
    if truth is not None:
        truth = truth[torch.from_numpy(training.recordings)]
    params = fitted(params, training)
    tell("looking at how many groups there are")
    params, estimated = with_clusters(params, training, None if classes is None else len(classes))
    identity = _identity(params, training, store.meta, classes, truth, device)
    kept = KeptTraining(state, identity, state_seconds(), click.echo)
    if source := take_training(MADE, identity, results.model):
        click.echo(f"train: the same training as that of {source}, taken from there")
        kept.remove()
        return
    trainer = Trainer(training, params, truth, device, live.write, kept.after_step)
    cost = None
    if not kept.restore(trainer):
        cost = expected_cost(training, params, truth, device)
        click.echo(_told(cost, training, params))
    with kept.until_asked_to_end():
        result = trainer.run(cost.part) if cost else trainer.run()
    tell("writing results")
    localizer = Localizer(
        result.network, trainer.snippets, params.top, params.supervision, classes, store.meta.streams
    )
    save_model(results.model, localizer)
    write_table(results.curves, result.curves, CURVES)
    assignment = result.assignment if result.assignment is not None else truth
    assert assignment is not None
    write_assigned(results.pseudo_labels, _assigned(training.pieces, store.meta, assignment))
    _write_states(results.states, result.states, localizer, training.pieces, store.meta)
    write_json(
        results.metrics("train"),
        _summary(result, assignment.cpu().max(dim=1).indices)
        | _start(result)
        | estimated
        | {"snippets": trainer.snippets},
    )
    note_training(MADE, identity, results.model)
    kept.remove()


def pieces_of(store: FeatureStore, videos: list[str], rule: PieceRule) -> list[Piece]:
    """The pieces of recordings that `train.pieces` asks for.

    Raises:
        HcutalError: where a piece has too few snippets, or no recording is longer than one: seconds in another unit.
    """
    if store.meta.own_times:
        raise HcutalError(
            "train.pieces: recordings have snippets of different lengths (rates or rescaled); expected whole "
            "recordings: leave train.pieces out"
        )
    lengths, step = [store.length(video) for video in videos], store.meta.times.step
    fewest, most = FEWEST_SNIPPETS * step, max(lengths) * step
    size = rule.size(step)
    if not FEWEST_SNIPPETS <= size < max(lengths):
        raise HcutalError(
            f"train.pieces.seconds: found {rule.seconds:g}; expected {fewest:g} s "
            f"({FEWEST_SNIPPETS} snippets) or more, and less than the longest recording, {most:g} s"
        )
    return cut(videos, lengths, size, rule.hop(step))


def _assigned(pieces: Sequence[Piece], meta: FeatureMeta, assignment: Tensor) -> list[dict[str, object]]:
    """Rows of pseudo_labels.csv of an assignment [N, C]: a piece begins with its first snippet, ends with its last."""
    confidence, clusters = assignment.cpu().max(dim=1)
    rows: list[dict[str, object]] = []
    for piece, cluster, value in zip(pieces, clusters.tolist(), confidence.tolist(), strict=True):
        times = meta.times_of(piece.video)
        start, end = times.edges(np.array([piece.first, piece.last]), 1, 1).tolist()
        seconds = {"start": f"{start:.3f}", "end": f"{end:.3f}"}
        rows.append({"video": piece.video, **seconds, "cluster": cluster, "confidence": f"{value:.6f}"})
    return rows


def _write_states(
    folder: Path, states: Sequence[KeptState], last: Localizer, pieces: Sequence[Piece], meta: FeatureMeta
) -> None:
    """Write the states that were kept; `last` is the model that the network of each is put into."""
    with atomic_path(folder) as target:
        write_states(target, states)
        for state in states:
            network = copy.deepcopy(last.network)
            network.load_state_dict(state.network)
            own = target / state_folder(state.step)
            save_model(own, replace(last, network=network))
            write_assigned(own / PSEUDO_LABELS, _assigned(pieces, meta, state.assignment))


def _identity(
    params: TrainParams,
    features: TrainingFeatures,
    meta: FeatureMeta,
    classes: list[str] | None,
    truth: Tensor | None,
    device: torch.device,
) -> dict[str, str]:
    """All that the bytes of the results depend on, by names that a message can use."""
    times = [asdict(meta.times_of(video)) for video in features.videos]
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else torch.backends.cpu.get_cpu_capability()
    )
    return {
        "parameters": json_digest(params.model_dump(mode="json")),
        "code": stage_digest("train"),
        "features": json_digest([features.digest(), meta.streams, times]),
        "labels": json_digest([classes, None if truth is None else truth.tolist()]),
        "libraries": f"torch {torch.__version__}, numpy {np.__version__}, "
        f"scikit-learn {version('scikit-learn')}",
        "device": f"{device}: {name}",
    }


def state_seconds() -> float:
    """How often the state of a training is kept: the environment's number of seconds, or two minutes.

    Raises `HcutalError` when that is no number from 0 on.
    """
    text = os.environ.get(SECONDS_VARIABLE, str(SECONDS))
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds >= 0:
        raise HcutalError(f"{SECONDS_VARIABLE}: found {text!r}; expected a number of seconds, 0 or more")
    return seconds


def _told(cost: Cost, features: TrainingFeatures, params: TrainParams) -> str:
    """What is about to be trained, and how long it will take."""
    pieces = f" in {len(features.pieces):,} pieces" if features.is_cut else ""
    return (
        f"train: {len(features.videos)} recordings{pieces}, T = {params.snippets}; {cost.steps:,} steps, "
        f"about {timedelta(seconds=math.ceil(cost.seconds))} on this machine"
    )


def fitted(params: TrainParams, features: TrainingFeatures) -> TrainParams:
    """The parameters with sizes that fit the training videos: T where a rule is given, batch and number of steps."""
    pieces = len(features.pieces)
    batch = min(params.batch, pieces)
    most = params.steps if params.passes is None else math.ceil(params.passes * pieces / batch)
    rule = params.snippets
    if isinstance(rule, int):
        snippets = rule
    else:
        # A piece is short, and has a share of its snippets in common with the next: none of them is left out.
        snippets = (
            min(int(features.lengths.max()), rule.most) if features.is_cut else rule.of(features.lengths)
        )
    return params.model_copy(update={"snippets": snippets, "batch": batch, "steps": min(params.steps, most)})


def with_clusters(
    params: TrainParams, features: TrainingFeatures, classes: int | None
) -> tuple[TrainParams, dict[str, float]]:
    """The parameters with a number of clusters, and what was estimated for it.

    Where none is given it is the number of classes when training knows their names, else an estimate.
    """
    video = params.video
    if isinstance(video.clusters, int):
        return params, {}
    if classes is not None:
        return _replaced(params, max(classes, 2)), {}
    # scikit-learn is slow to import and not needed otherwise.
    from hcutal.cluster.estimate import estimate_clusters

    how = video.clusters.estimate
    found = estimate_clusters(
        features.pooled(), how.neighbours, how.most, video.components, how.draws, params.seed
    )
    stability = {f"stability/{clusters}": value for clusters, value in found.stability.items()}
    estimated = {
        "estimated_clusters": float(found.clusters),
        "estimated_clusters/fewest": float(found.fewest),
        "estimated_clusters/most": float(found.most),
        "estimated_clusters/stable": float(found.stable),
    }
    return _replaced(params, found.clusters), estimated | stability


def _replaced(params: TrainParams, clusters: int) -> TrainParams:
    return params.model_copy(update={"video": params.video.model_copy(update={"clusters": clusters})})


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


def _summary(result: Training, cluster: Tensor) -> dict[str, float]:
    """The mean of each loss over the last tenth of the steps, and how the clusters are used."""
    last = (
        pd.DataFrame(result.curves[-max(1, len(result.curves) // 10) :]).drop(columns=["step"]).astype(float)
    )
    summary = {str(name): float(value) for name, value in last.mean().items() if np.isfinite(value)}
    return {**summary, "clusters": float(cluster.unique().numel())}


def _start(result: Training) -> dict[str, float]:
    """What the warm-ups were chosen by, and which kind was: 1 for each rule of pooling that it has, else 0."""
    if result.start is None:
        return {}
    kind = result.warmups[result.start].kind
    found = {"start/neighbours": float(kind.neighbours)}
    for pooling in sorted({each.kind.pooling for each in result.warmups}):
        found[f"start/pooling/{pooling}"] = float(kind.pooling == pooling)
    for kind, values in agreements(result.warmups).items():
        found[f"start/agreement/{kind.pooling}/{kind.neighbours}"] = float(np.mean(values))
    for each in result.warmups:
        name = f"start/loss/{each.kind.pooling}/{each.kind.neighbours}"
        found[name] = min(each.loss, found.get(name, np.inf))
    return found


class _Live:
    """Appends rows of the curves to a file that others may read meanwhile."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w", newline="", buffering=1)
        self._writer = csv.DictWriter(self._stream, CURVES, lineterminator="\n")
        self._writer.writeheader()

    def write(self, row: Row) -> None:
        self._writer.writerow(row)

    def close(self) -> None:
        self._stream.close()


@contextmanager
def _live_curves(path: Path) -> Iterator[_Live]:
    path.parent.mkdir(parents=True, exist_ok=True)
    live = _Live(path)
    try:
        yield live
    finally:
        live.close()


if __name__ == "__main__":
    seeded_stage("train", run)()
