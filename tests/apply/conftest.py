"""A project with a small trained run: watch-like recordings, their features by the extractor, an untrained network."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hcutal.apply.trained import TrainedRun, find_run
from hcutal.cluster.mapping import MappingRow, write_mapping
from hcutal.extract.make_store import make_store
from hcutal.extract.registry import Recipe
from hcutal.files import write_json
from hcutal.layout import RunPaths, split_run
from hcutal.model.checkpoint import Localizer, save_model
from hcutal.model.network import HCUTAL, NetworkShape
from hcutal.params.top import TopParams

STREAMS = {"accelerometer": 24, "gyroscope": 24}
SECONDS = {"a": 20, "b": 30, "c": 12}


def write_recordings(folder: Path) -> dict[str, Path]:
    """Six channels at 50 Hz: quiet, with a strong movement in the middle."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for name, seconds in SECONDS.items():
        samples = rng.normal(0, 0.1, (50 * seconds, 6))
        middle = slice(20 * seconds, 30 * seconds)
        samples[middle] += 3 * np.sin(np.arange(10 * seconds) / 4)[:, None]
        np.save(folder / f"{name}.npy", samples.astype(np.float32))
    return {name: folder / f"{name}.npy" for name in SECONDS}


def write_run(run: str, dataset: str) -> None:
    """A network with weights from a seed, two classes of three clusters, parameters of the propose stage."""
    torch.manual_seed(1)
    shape = NetworkShape(inputs=48, embedding=8, outputs=3, clusters=3, hidden=8, shared=False)
    localizer = Localizer(HCUTAL(shape), 60, TopParams(part=5), "unsupervised", None, STREAMS)
    save_model(RunPaths.of(run).model, localizer)
    rows = [MappingRow(0, "jump", 3, 3, 1), MappingRow(1, "run", 2, 2, 1), MappingRow(2, "run", 1, 2, 1)]
    write_mapping(RunPaths.of(run).mapping, rows)
    propose = {"thresholds": {"cas": [0.3, 0.5, 0.7]}, "class_threshold": 0.0}
    experiment, seed = split_run(run)
    runs = {experiment: {str(seed): {"dataset": dataset, "propose": propose}}}
    write_json("resolved.json", {"experiments": {experiment: {"seeds": [seed]}}, "runs": runs})


def write_project() -> None:
    """Recordings in raw/, their features as data set `ds`, and the run `exp.0`."""
    make_store(Recipe("watch", {}), write_recordings(Path("raw")), Path("features/ds"), Path("cache"))
    write_run("exp.0", "ds")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    write_project()
    return tmp_path


@pytest.fixture
def run(project: Path) -> TrainedRun:
    return find_run("exp").load()
