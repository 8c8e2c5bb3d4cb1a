"""The files of an experiment as the stages write them, drawn from a generator."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from hcutal.cluster.assigned import write_assigned
from hcutal.cluster.mapping import map_clusters, write_mapping
from hcutal.data.annotations import read_annotations
from hcutal.evaluate.diagnosis import diagnose
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import write_json
from hcutal.tables import write_table

EXERCISES = ["Pendulum", "Abduction", "Forward elevation", "Internal rotation", "External rotation", "Row"]
TIOU = [0.3, 0.4, 0.5, 0.6, 0.7]
Records = list[dict[str, Any]]


@dataclass(frozen=True)
class World:
    """How large the made-up experiment is; times in seconds."""

    classes: tuple[str, ...] = tuple(EXERCISES)
    train: int = 48
    test: int = 24
    duration: float = 120.0
    instances: int = 5
    noise: int = 6
    clusters: int = 8
    steps: int = 300
    supervision: str = "unsupervised"


def write_experiment(root: Path, world: World, seed: int = 0) -> None:
    """Write all inputs of the report of experiment `demo` on data set `toy` below `root`."""
    rng = np.random.default_rng(seed)
    database = {name: _recording(rng, world, name.split("_")[0]) for name in _names(world)}
    tests = [name for name, entry in database.items() if entry["subset"] == "test"]
    labels = {
        name: sorted({part["label"] for part in entry["annotations"]}) for name, entry in database.items()
    }
    write_json(root / "data/toy/annotations.json", {"version": "1", "database": database})
    write_json(root / "data/toy/labels.json", labels)
    results = {name: _proposals(rng, world, database[name]) for name in tests}
    write_json(
        root / "results/demo/seed-0/propose/proposals.json",
        {"version": "1", "results": results, "external_data": {}},
    )
    cas = {name: _cas(rng, world, database[name]) for name in tests}
    np.savez(
        root / "results/demo/seed-0/propose/cas.npz",
        classes=np.array(world.classes),
        allow_pickle=False,
        **cas,
    )
    write_json(
        root / "results/demo/seed-0/propose/metrics.json", {"proposals": sum(map(len, results.values()))}
    )
    _write_features(root, database)
    _write_training(rng, root, world, {name: labels[name] for name in labels if name not in tests})
    _write_evaluation(rng, root, world, database)
    _write_diagnosis(root, tests)
    _write_settings(root, world)


def _names(world: World) -> list[str]:
    return [f"train_{n:04d}" for n in range(world.train)] + [f"test_{n:04d}" for n in range(world.test)]


def _recording(rng: np.random.Generator, world: World, subset: str) -> dict[str, Any]:
    """Instances that do not overlap, of one class, in one recording of five of two."""
    count = 2 if rng.random() < 0.2 else 1
    own = rng.choice(world.classes, count, replace=False).tolist()
    duration = float(world.duration * rng.uniform(0.7, 1.3))
    count = world.instances if subset == "test" else max(world.instances, 1)
    edges = np.sort(rng.uniform(0.02 * duration, 0.98 * duration, 2 * count)).reshape(-1, 2)
    parts = [{"segment": segment, "label": str(rng.choice(own))} for segment in edges.tolist()]
    return {"subset": subset, "duration": round(duration, 2), "annotations": parts}


def _proposals(rng: np.random.Generator, world: World, recording: dict[str, Any]) -> Records:
    """About the instances, at two scales, and some of any class anywhere, sorted by score."""
    found = []
    for part in recording["annotations"]:
        start, end = part["segment"]
        for scale in (0.12, 0.5):
            shifts = rng.normal(0, scale * (end - start), 2)
            found.append((part["label"], rng.beta(6 - 5 * scale, 2), start + shifts[0], end + shifts[1]))
    for _ in range(world.noise):
        start = rng.uniform(0, 0.9 * recording["duration"])
        found.append((str(rng.choice(world.classes)), rng.beta(2, 5), start, start + rng.gamma(2, 4)))
    records = [
        {
            "label": label,
            "score": float(score),
            "segment": [max(0.0, min(a, b)), min(max(a, b), recording["duration"])],
        }
        for label, score, a, b in found
    ]
    return sorted(
        (r for r in records if r["segment"][0] < r["segment"][1]), key=lambda record: -record["score"]
    )


def _cas(rng: np.random.Generator, world: World, recording: dict[str, Any]) -> np.ndarray:
    """Smooth noise for every class, and a hill over every instance, at 2 snippets a second."""
    times = np.arange(int(recording["duration"] * 2)) / 2
    noise = rng.gamma(1.0, 0.5, (len(times), len(world.classes)))
    kernel = np.hanning(9) / np.hanning(9).sum()
    cas = np.apply_along_axis(np.convolve, 0, noise, kernel, "same")
    for part in recording["annotations"]:
        start, end = part["segment"]
        hill = expit(2 * (times - start)) * expit(2 * (end - times))
        cas[:, world.classes.index(part["label"])] += hill * rng.uniform(1.5, 4)
    return cas.astype(np.float32)


def _write_features(root: Path, database: dict[str, Any]) -> None:
    lengths = {name: int(entry["duration"] * 2) for name, entry in database.items()}
    sidecar = {"extractor": "toy", "fps": 50.0, "snippet_frames": 50, "stride": 25, "weights": None}
    streams = {"accelerometer": 42, "gyroscope": 42}
    write_json(
        root / "features/toy/features.json",
        {**sidecar, "streams": streams, "videos": len(lengths), "lengths": lengths},
    )


def _write_training(rng: np.random.Generator, root: Path, world: World, labels: dict[str, list[str]]) -> None:
    """Clusters that follow the first class four times in five; losses that fall."""
    home = {name: position % world.clusters for position, name in enumerate(world.classes)}
    clusters = {
        video: home[own[0]] if rng.random() < 0.8 else int(rng.integers(world.clusters))
        for video, own in labels.items()
    }
    write_assigned(
        root / "results/demo/seed-0/train/pseudo_labels.csv",
        [
            {"video": video, "start": 0, "end": 9, "cluster": cluster, "confidence": 0.9}
            for video, cluster in clusters.items()
        ],
    )
    write_mapping(root / "results/demo/seed-0/map/mapping.csv", map_clusters(clusters, labels))
    write_json(
        root / "results/demo/seed-0/map/metrics.json",
        {"ARI": 0.583, "NMI": 0.691, "accuracy": 0.71, "undefined": None},
    )
    tasks = ["horizontal", "vertical", "classification", "instance", "boundary", "total"]
    columns = ["step", *tasks, "weight_video", "weight_instance", "weight_boundary", "clusters"]
    curves = []
    for step in range(world.steps):
        losses = {
            task: (3 - k / 3) * np.exp(-step / 80) + 0.3 + rng.normal(0, 0.06) for k, task in enumerate(tasks)
        }
        weights = {name: 1 + 0.2 * np.sin(step // 25 + k) for k, name in enumerate(columns[7:10])}
        curves.append(
            {"step": step, **losses, **weights, "clusters": world.clusters if step % 50 == 0 else None}
        )
    write_table(root / "results/demo/seed-0/train/curves.csv", curves, columns)
    write_json(
        root / "results/demo/seed-0/train/metrics.json", {"total": 1.234567, "clusters": world.clusters}
    )


def _write_evaluation(rng: np.random.Generator, root: Path, world: World, database: dict[str, Any]) -> None:
    """Plausible figures: AP that falls with the tIoU, from another level in each class."""
    tests = [entry for entry in database.values() if entry["subset"] == "test"]
    names = [part["label"] for entry in tests for part in entry["annotations"]]
    level = rng.beta(3, 2, len(world.classes))
    ap = level[:, None] * (1.2 - np.array(TIOU))[None]
    rows = [
        {"label": label, "instances": names.count(label), "average_AP": float(values.mean())}
        | {f"AP/{tiou:g}": float(value) for tiou, value in zip(TIOU, values, strict=True)}
        for label, values in zip(world.classes, ap, strict=True)
    ]
    columns = ["label", "instances", *(f"AP/{tiou:g}" for tiou in TIOU), "average_AP"]
    write_table(root / "results/demo/seed-0/evaluate/per_class.csv", rows, columns)
    metrics = {f"mAP/{tiou:g}": value for tiou, value in zip(TIOU, ap.mean(axis=0), strict=True)}
    chance = {f"chance/mAP/{tiou:g}": 0.06 * (1 - tiou) for tiou in TIOU}
    averages = {"average_mAP": ap.mean(), "chance/average_mAP": 0.03}
    ends = {
        f"{name}/{end}": float(value) + shift
        for name, value in (metrics | {"average_mAP": ap.mean()}).items()
        for end, shift in (("low", -0.02), ("high", 0.03))
    }
    write_json(
        root / "results/demo/seed-0/evaluate/metrics.json",
        metrics | chance | averages | ends | {"instances": len(names)},
    )


def _write_diagnosis(root: Path, tests: list[str]) -> None:
    truth = read_annotations(root / "data/toy/annotations.json").select(tests)
    found: dict[str, Any] = {"reason": "no instance is annotated in the subset test"}
    if not truth.instances.empty:
        proposals = read_predictions(root / "results/demo/seed-0/propose/proposals.json")
        durations = truth.videos.set_index("video")["duration"]
        found = diagnose(truth.instances, proposals, durations).as_dict()
    write_json(root / "results/demo/seed-0/evaluate/diagnosis.json", found)


def _write_settings(root: Path, world: World) -> None:
    settings = {
        "dataset": "toy",
        "preset": "default",
        "train": {"seed": 3, "supervision": world.supervision, "weights": {"dynamic": True}},
        "map": {"fraction": 0.5},
        "evaluate": {"bootstrap": {"level": 0.95}},
        "report": {"timelines": 8, "dpi": 100},
    }
    write_json(root / "resolved.json", {"runs": {"demo": {"0": settings}}})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes the files of a `World` in a fresh folder and goes there."""

    def make(**changes: Any) -> Path:
        monkeypatch.chdir(tmp_path)
        write_experiment(tmp_path, World(**changes))
        return tmp_path

    return make
