"""Untrimmed recordings put together from real smart-watch data (package seglearn).

Real: every sample. The data are series of one exercise each, 50 Hz, accelerometer and gyroscope, of ten
people with the watch on the left or right wrist. Arranged: a recording takes series of one person and one
side, and lays stretches cut from them end to end: background, a bout of an exercise, background, and so on.
The samples at a seam are joined as they are, so a step may stand there that a continuous recording would not
have. Recordings of one person share material, as series are shorter than what is asked of them; people are
disjoint between the subsets.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.annotations import INSTANCE_COLUMNS, VIDEO_COLUMNS, Annotations
from hcutal.data.restricted_pickle import read_object_array
from hcutal.datasets.prepared import write_dataset
from hcutal.errors import HcutalError
from hcutal.extract.make_store import make_store
from hcutal.extract.registry import Recipe
from hcutal.files import atomic_path, sha256, write_json
from hcutal.layout import EXTRACTED, RECORDINGS_ABOUT
from hcutal.params.extractors import WatchFeatures
from hcutal.params.watch import WatchPrepare

RATE = 50.0
PACKAGE_FILE = Path("data", "watch_dataset.npy")
SHA256 = "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Series:
    """Samples [n, 6] of one exercise of one person: acceleration x, y, z and rotation x, y, z."""

    exercise: str
    person: int
    side: int
    samples: Samples


@dataclass(frozen=True)
class ArrangedRecording:
    """Samples [n, 6] and the bouts in them: (start s, end s, exercise)."""

    samples: Samples
    bouts: list[tuple[float, float, str]]


def prepare(folder: Path, params: WatchPrepare, source: Path | None = None) -> None:
    """Write a data set's files and recordings/<video>.npy [samples, 6] float32 into `folder`."""
    recordings = arrange(read_series(), params)
    videos = [(name, name.split("_")[1], len(item.samples) / RATE) for name, item in recordings.items()]
    instances = [(name, *bout) for name, item in recordings.items() for bout in item.bouts]
    with atomic_path(folder / "recordings") as target:
        target.mkdir()
        for name, item in recordings.items():
            np.save(target / f"{name}.npy", item.samples, allow_pickle=False)
        write_json(target / RECORDINGS_ABOUT, {"rate": RATE})
    write_dataset(
        folder,
        Annotations(
            pd.DataFrame(videos, columns=VIDEO_COLUMNS), pd.DataFrame(instances, columns=INSTANCE_COLUMNS)
        ),
    )


def features(recordings: Path, target: Path, params: WatchFeatures) -> None:
    """Make a feature store at `target` of recordings/<name>.npy."""
    files = {path.stem: path for path in sorted(recordings.glob("*.npy"))}
    recipe = Recipe("watch", params.model_dump(mode="json"))
    make_store(recipe, files, target, EXTRACTED / target.name, max_failed=0.0)


def read_series() -> list[Series]:
    """The 140 series of seglearn 1.2.5; `HcutalError` when the package or its known file is missing."""
    path = _locate()
    data = read_object_array(path)
    names = data["y_labels"]
    return [
        Series(names[int(label)], int(person), int(side), samples.astype(np.float32))
        for samples, label, person, side in zip(
            data["X"], data["y"], data["subject"], data["side"], strict=True
        )
    ]


def _locate() -> Path:
    # The package's code is not run: only its folder is looked up.
    spec = importlib.util.find_spec("seglearn")
    if spec is None or not spec.submodule_search_locations:
        raise HcutalError("data set watch: package seglearn is missing; install seglearn==1.2.5")
    path = Path(spec.submodule_search_locations[0]) / PACKAGE_FILE
    if not path.is_file():
        raise HcutalError(f"{path}: no such file; install seglearn==1.2.5")
    found = sha256(path)
    if found != SHA256:
        raise HcutalError(f"{path}: sha256 is {found}; expected {SHA256} (seglearn==1.2.5)")
    return path


def arrange(series: list[Series], params: WatchPrepare) -> dict[str, ArrangedRecording]:
    """Recordings by name; exercises, people and sides are dealt out evenly. Same parameters, same samples."""
    exercises = sorted({item.exercise for item in series})
    unknown = sorted(set(params.background) - set(exercises))
    actions = [name for name in exercises if name not in params.background]
    if unknown or len(actions) < 2:
        raise HcutalError(
            f"prepare.watch.background: found {params.background}; "
            f"expected some of {', '.join(exercises)}, leaving two or more"
        )
    rng = np.random.default_rng(params.seed)
    people = rng.permutation(sorted({item.person for item in series}))
    held_out = min(max(round(params.test_people * len(people)), 1), len(people) - 1)
    subsets = [
        ("train", params.train_recordings, people[held_out:]),
        ("test", params.test_recordings, people[:held_out]),
    ]
    recordings = {}
    for subset, count, group in subsets:
        for index, (person, side, classes) in enumerate(_deal(rng, count, group, actions, params)):
            own = {
                item.exercise: item.samples for item in series if (item.person, item.side) == (person, side)
            }
            recordings[f"watch_{subset}_{index:03d}"] = _arrange_one(rng, own, classes, params)
    return recordings


def _deal(
    rng: np.random.Generator,
    count: int,
    people: npt.NDArray[np.int_],
    actions: list[str],
    params: WatchPrepare,
) -> list[tuple[int, int, list[str]]]:
    """Person, side and classes of each recording, each as often as the others, in random order."""
    turn = np.arange(count)
    first = rng.permutation(turn % len(actions))
    # A step of 1 to C-1 to another class never ends at the same one.
    second = (first + rng.integers(1, len(actions), count)) % len(actions)
    double = rng.permutation(turn < round(params.two_class_share * count))
    wearer = rng.permutation(turn % (2 * len(people)))
    return [
        (
            int(people[wearer[i] // 2]),
            int(wearer[i] % 2),
            [actions[first[i]], actions[second[i]]] if double[i] else [actions[first[i]]],
        )
        for i in turn
    ]


def _arrange_one(
    rng: np.random.Generator, series: dict[str, Samples], classes: list[str], params: WatchPrepare
) -> ArrangedRecording:
    low, high = params.bouts
    # Each of two classes has its turn.
    count = max(int(rng.integers(low, high + 1)), len(classes))
    exercises = rng.permutation([classes[i % len(classes)] for i in range(count)])
    background = np.concatenate([series[name] for name in params.background])
    parts, bouts, position = [_cut(rng, background, params.pause_seconds)], [], 0
    for exercise in exercises:
        position = sum(map(len, parts))
        parts.append(_cut(rng, series[str(exercise)], params.bout_seconds))
        bouts.append((position / RATE, (position + len(parts[-1])) / RATE, str(exercise)))
        parts.append(_cut(rng, background, params.pause_seconds))
    return ArrangedRecording(np.concatenate(parts), bouts)


def _cut(rng: np.random.Generator, samples: Samples, seconds: list[float]) -> Samples:
    """A stretch of random length and place, no longer than the series."""
    length = min(round(rng.uniform(seconds[0], seconds[1]) * RATE), len(samples))
    start = int(rng.integers(0, len(samples) - length + 1))
    return samples[start : start + length]
