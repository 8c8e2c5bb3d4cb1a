"""A simulated world with the structure of THUMOS'14: made features of untrimmed videos, with known instances.

Nothing in it is real. Lengths, counts and shares follow the published annotations of THUMOS'14;
docs/simulated.md says how features are made and how hard they are.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.annotations import INSTANCE_COLUMNS, VIDEO_COLUMNS, Annotations
from hcutal.data.feature_array import ArrayPlace
from hcutal.data.times import SnippetTimes
from hcutal.datasets.given import take, write_about
from hcutal.datasets.prepared import write_dataset
from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.params.simulated import SimulatedFeatures, SimulatedPrepare, WorldParams
from hcutal.progress import worked

Array = npt.NDArray[np.floating]
Integers = npt.NDArray[np.intp]
Generator = np.random.Generator

# Measured on the 410 annotated videos of THUMOS'14: logarithms of seconds, and the share of a video that is
# action.
# Classes of short instances have more of them: over all instances the median is then 3 s.
CLASS_LENGTH_MEDIAN = 4.2
LENGTH_SPREAD_OF_CLASSES = 0.6
LENGTH_SPREAD_IN_CLASS = 0.6
DURATION_MEDIAN = 130.0
DURATION_SPREAD = 0.8
SHORTEST_DURATION = 15.0
SHORTEST_INSTANCE = 0.4
ACTION_SHARE = (1.3, 3.0)
LARGEST_SHARE = 0.75


@dataclass(frozen=True)
class VideoPlan:
    """What happens in one video: its duration in seconds, its classes, and its instances [n] in order of time."""

    duration: float
    classes: Integers
    starts: Array
    ends: Array
    labels: Integers


@dataclass(frozen=True)
class World:
    """What all videos share: latent vectors [.., L], and the map [L, D] from them to each stream."""

    actions: Array
    scenes: Array
    distractors: Array
    lights: Array
    streams: dict[str, Array]


def prepare(folder: Path, params: SimulatedPrepare, source: Path | None = None) -> None:
    """Write a data set's files and recordings/<stream>/<video>.npy [T, D] float32 into `folder`."""
    plan_rng, world_rng, video_rng = np.random.default_rng(params.seed).spawn(3)
    plans = draw_all_plans(plan_rng, params)
    world = draw_world(world_rng, params)
    with atomic_path(folder / "recordings") as target:
        for stream in params.dimensions:
            (target / stream).mkdir(parents=True)
        generators = video_rng.spawn(len(plans))
        pairs = zip(plans.items(), generators, strict=True)
        for (name, plan), rng in worked(pairs, "prepare", "recording", len(plans)):
            for stream, array in draw_features(rng, plan, world, params).items():
                np.save(target / stream / f"{name}.npy", array, allow_pickle=False)
        write_about(target, params.fps, params.snippet_frames)
    write_dataset(folder, annotate(plans))


def features(recordings: Path, target: Path, params: SimulatedFeatures) -> None:
    """Make a feature store at `target` of recordings/<stream>/<video>.npy."""
    files: dict[str, dict[str, ArrayPlace]] = {}
    for stream in sorted(path.name for path in recordings.iterdir() if path.is_dir()):
        for path in sorted((recordings / stream).glob("*.npy")):
            files.setdefault(path.stem, {})[stream] = ArrayPlace(path)
    take(files, recordings, target, "simulated")


def draw_all_plans(rng: Generator, params: SimulatedPrepare) -> dict[str, VideoPlan]:
    """The plans of all videos by name."""
    for subset in ("train", "test"):
        videos, multi = getattr(params, f"{subset}_videos"), getattr(params, f"{subset}_multi")
        if multi > videos:
            raise HcutalError(
                f"prepare.simulated.{subset}_multi: found {multi}; expected at most {videos} videos"
            )
    medians = class_medians(rng, params.classes)
    train = draw_plans(rng, params.train_videos, params.train_multi, params, medians)
    test = draw_plans(rng, params.test_videos, params.test_multi, params, medians)
    return {
        f"simulated_{subset}_{index:04d}": plan
        for subset, plans in (("train", train), ("test", test))
        for index, plan in enumerate(plans)
    }


def draw_plans(
    rng: Generator, count: int, multi: int, params: SimulatedPrepare, medians: Array
) -> list[VideoPlan]:
    """`count` videos, `multi` of them with two classes of one family; classes are dealt out evenly.

    `medians` [C] are the median lengths of the classes' instances in seconds.
    """
    first = rng.permutation(np.arange(count) % params.classes)
    double = rng.permutation(np.arange(count) < multi)
    durations = np.exp(rng.normal(np.log(DURATION_MEDIAN), DURATION_SPREAD, count))
    durations = durations.clip(SHORTEST_DURATION, params.longest).round(2)
    return [
        _draw(rng, float(durations[i]), _classes(rng, int(first[i]), bool(double[i]), params), medians)
        for i in range(count)
    ]


def class_medians(rng: Generator, classes: int) -> Array:
    """The median length [C] of each class's instances in seconds, spread as in THUMOS'14."""
    spread = rng.permutation(np.linspace(-1.6, 1.6, classes))
    return CLASS_LENGTH_MEDIAN * np.exp(LENGTH_SPREAD_OF_CLASSES * spread)


def _classes(rng: Generator, first: int, double: bool, params: SimulatedPrepare) -> Integers:
    if not double:
        return np.array([first])
    start = first // params.world.family * params.world.family
    family = [c for c in range(start, min(start + params.world.family, params.classes)) if c != first]
    others = family or [c for c in range(params.classes) if c != first]
    return np.array([first, int(rng.choice(others))])


def _draw(rng: Generator, duration: float, classes: Integers, medians: Array) -> VideoPlan:
    share = min(float(rng.beta(*ACTION_SHARE)), LARGEST_SHARE)
    expected = medians[classes].mean() * np.exp(LENGTH_SPREAD_IN_CLASS**2 / 2)
    count = max(round(share * duration / expected), len(classes))
    labels = rng.permutation(np.resize(classes, count))
    lengths = medians[labels] * np.exp(LENGTH_SPREAD_IN_CLASS * rng.normal(size=count))
    lengths = lengths.clip(SHORTEST_INSTANCE, None)
    lengths *= min(1.0, LARGEST_SHARE * duration / lengths.sum())
    gaps = rng.dirichlet(np.ones(count + 1)) * (duration - lengths.sum())
    ends = (np.cumsum(gaps[:-1] + lengths)).round(2)
    starts = (ends - lengths).round(2).clip(0)
    return VideoPlan(duration, classes, starts, ends, labels)


def annotate(plans: dict[str, VideoPlan]) -> Annotations:
    """The annotations of simulated videos; classes are named Action00, Action01 and so on."""
    videos = [(name, name.split("_")[1], plan.duration) for name, plan in plans.items()]
    instances = [
        (name, start, end, f"Action{label:02d}")
        for name, plan in plans.items()
        for start, end, label in zip(plan.starts, plan.ends, plan.labels, strict=True)
    ]
    return Annotations(
        pd.DataFrame(videos, columns=VIDEO_COLUMNS), pd.DataFrame(instances, columns=INSTANCE_COLUMNS)
    )


def draw_world(rng: Generator, params: SimulatedPrepare) -> World:
    """Latent directions, each of length about 1, and the maps."""
    world = params.world
    return World(
        _directions(rng, params.classes, world.latent),
        _directions(rng, world.scenes, world.latent),
        _directions(rng, world.distractors, world.latent),
        _directions(rng, world.lights, world.latent),
        {stream: _directions(rng, world.latent, size) for stream, size in params.dimensions.items()},
    )


def draw_features(
    rng: Generator, plan: VideoPlan, world: World, params: SimulatedPrepare
) -> dict[str, Array]:
    """Features [T, D] of each stream, all in float32."""
    count = max(_times(params).count(plan.duration), 1)
    latent = _background(rng, plan, count, world, params)
    latent = latent + _motion(rng, plan, count, world, params)
    return {
        stream: (latent @ matrix + _noise(rng, count, matrix.shape[1], params.world)).astype(np.float32)
        for stream, matrix in world.streams.items()
    }


def _background(rng: Generator, plan: VideoPlan, count: int, world: World, params: SimulatedPrepare) -> Array:
    """Scene, camera and shots [T, L]."""
    strength = params.world
    size = strength.latent
    own = world.scenes[plan.classes[0] // strength.family % len(world.scenes)]
    mixed = rng.dirichlet(np.full(len(world.scenes), strength.scene_mix)) @ world.scenes
    scene = strength.scene_bond * own + (1 - strength.scene_bond) * mixed / np.linalg.norm(mixed)
    light = strength.light * rng.normal(size=strength.lights) @ world.lights
    camera = np.exp(strength.camera_spread * rng.normal()) * strength.camera * _directions(rng, 1, size)
    cuts = rng.random(count) < _times(params).step / strength.shot_seconds
    shots = _directions(rng, int(cuts.sum()) + 1, size)[np.cumsum(cuts)]
    whole: Array = strength.scene * scene + light + camera + strength.shot * shots
    return whole


def _motion(rng: Generator, plan: VideoPlan, count: int, world: World, params: SimulatedPrepare) -> Array:
    """Actions and distractors [T, L]; both come and go within about a snippet.

    What is seen of an action begins and ends somewhat off the annotated times.
    """
    strength = params.world
    size = strength.latent
    times = _times(params)
    centres, seconds = times.middles(np.arange(count)), times.step
    style = strength.variation * _directions(rng, 1, size)
    own = strength.variation * _directions(rng, len(plan.starts), size)
    moves = strength.action * (world.actions[plan.labels] + own + style)
    bursts = rng.poisson(plan.duration / strength.distractor_every)
    starts = rng.uniform(0, plan.duration, bursts)
    ends = starts + rng.lognormal(np.log(strength.distractor_seconds), LENGTH_SPREAD_IN_CLASS, bursts)
    others = strength.distractor * world.distractors[rng.integers(len(world.distractors), size=bursts)]
    shift = strength.boundary * (plan.ends - plan.starts) * rng.normal(size=(2, len(plan.starts)))
    action: Array = _presence(centres, plan.starts + shift[0], plan.ends + shift[1], seconds) @ moves
    distraction: Array = _presence(centres, starts, ends, seconds) @ others
    return action + distraction


def _times(params: SimulatedPrepare) -> SnippetTimes:
    return SnippetTimes(params.fps, params.snippet_frames, params.snippet_frames)


def _presence(centres: Array, starts: Array, ends: Array, seconds: float) -> Array:
    """How much of each interval is seen in each snippet [T, n]: 0 to 1, with a slope of about a snippet."""
    rise = (centres[:, None] - starts) / seconds + 0.5
    fall = (ends - centres[:, None]) / seconds + 0.5
    presence: Array = np.minimum(rise, fall).clip(0, 1)
    return presence


def _noise(rng: Generator, count: int, size: int, strength: WorldParams) -> Array:
    """Noise [T, D] whose size differs heavily from snippet to snippet (Student's t over snippets)."""
    scale = strength.noise * np.sqrt(strength.tail / rng.chisquare(strength.tail, (count, 1)))
    return scale * _directions(rng, count, size)


def _directions(rng: Generator, count: int, size: int) -> Array:
    """Random vectors [count, size] of length about 1."""
    directions: Array = rng.normal(size=(count, size)) / np.sqrt(size)
    return directions
