"""Train stage: features of the training videos to a model, pseudo-labels and curves.

An unsupervised experiment reads no annotation: its supervision file holds no labels.
"""

import csv
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import click
import numpy as np
import torch
from torch import Tensor

from hcutal.code import stage_digest
from hcutal.data.store import FeatureMeta, FeatureStore
from hcutal.data.subsets import belongs
from hcutal.device import pick_device
from hcutal.errors import HcutalError
from hcutal.files import json_digest
from hcutal.layout import (
    MADE,
    DatasetFiles,
    RunPaths,
    features_dir,
    live_curves,
    training_dir,
)
from hcutal.model.cost import Cost, expected_cost
from hcutal.model.made_trainings import note_training, take_training
from hcutal.model.packed import TrainingFeatures
from hcutal.model.results import write_results
from hcutal.model.resumption import SECONDS, KeptTraining
from hcutal.model.sizes import fitted, pieces_of, with_clusters
from hcutal.model.supervision import read_supervision, trained_on
from hcutal.model.training import CURVES, Row, Trainer, Training
from hcutal.model.training_bar import TrainingBar
from hcutal.params.section import read_run_section
from hcutal.params.train import TrainParams
from hcutal.progress import tell
from hcutal.stages.command import seeded_stage
from hcutal.tables import read_table

FEWEST_RECORDINGS = 2
# The folder of the state of the training from which the number of clusters is estimated.
FIRST_LOOK = "first-look"
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
    device = _ready_device(params)
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
    identity = _identity(params, training, store.meta, classes, truth, device)
    kept = KeptTraining(state, identity, state_seconds(), click.echo)
    if source := take_training(MADE, identity, results.model):
        click.echo(f"train: the same training as that of {source}, taken from there")
        kept.remove()
        return

    first: TrainingBar | None = None

    def first_look(short: TrainParams) -> np.ndarray:
        """Its state is kept beside that of the training itself, and with it what was found."""
        nonlocal first
        what = "first, to estimate the number of clusters"
        looked = KeptTraining(state / FIRST_LOOK, identity, state_seconds(), click.echo, f"train: {what}")
        trainer = Trainer(training, short, None, device)
        first = _bar(trainer, looked, None, behind=params.steps, note="first, to count groups")
        _trained(trainer, looked, first)
        looked.keep(trainer)
        tell("counting groups anew")
        return trainer.level.means().cpu().numpy()

    tell("looking at how many groups there are")
    params, estimated = with_clusters(params, training, None if classes is None else len(classes), first_look)
    trainer = Trainer(training, params, truth, device, live.write)
    result = _trained(trainer, kept, _bar(trainer, kept, truth, first))
    tell("writing results")
    write_results(results, trainer, result, store.meta, classes, estimated)
    note_training(MADE, identity, results.model)
    kept.remove()


def _bar(
    trainer: Trainer,
    kept: KeptTraining,
    truth: Tensor | None,
    before: TrainingBar | None = None,
    behind: int = 0,
    note: str = "",
) -> TrainingBar:
    """The bar of a training from where that was interrupted; says what it is and how long it will take."""
    cost = None
    if not kept.restore(trainer):
        tell("timing a few steps")
        cost = expected_cost(trainer.features, trainer.params, truth, trainer.generator.device)
        click.echo(f"{kept.what}: {_told(cost, trainer.features, trainer.params)}")
    return TrainingBar(trainer, cost, before, behind, note)


def _trained(trainer: Trainer, kept: KeptTraining, bar: TrainingBar) -> Training:
    """Train to the end."""

    def after_step(trainer: Trainer) -> None:
        bar.after_step(trainer)
        kept.after_step(trainer)

    trainer.after_step = after_step
    with kept.until_asked_to_end(), bar:
        return trainer.run()


def _ready_device(params: TrainParams) -> torch.device:
    """The device, with torch set so that the same training on the same machine ends with the same bytes."""
    # The number of threads changes sums in the last bit; as a parameter it does not hang on the machine's load.
    torch.set_num_threads(params.threads)
    device = pick_device(params.device)
    # Some operations have no deterministic form on CUDA: there, torch warns instead of refusing.
    torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
    # Torch would write NaN over all memory that it is given, though nothing is read before it is written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return device


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
        f"{len(features.videos)} recordings{pieces}, T = {params.snippets}; {cost.steps:,} steps, "
        f"about {timedelta(seconds=math.ceil(cost.seconds))} on this machine"
    )


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
