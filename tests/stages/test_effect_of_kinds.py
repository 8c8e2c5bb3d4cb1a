"""Every parameter of `prepare` and `features` of each kind has an effect: another value changes what it should."""

import functools
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from hcutal.datasets import watch
from hcutal.errors import HcutalError
from hcutal.extract.video import flow, i3d_extractor
from hcutal.files import read_json, write_json
from hcutal.params.kinds import KINDS, stage_model
from hcutal.stages import features, prepare
from tests.extract.video.videos import numbered, write_video
from tests.params.effects import Change, differing, nested, uncovered

# Outputs of both stages: the list of recordings, the instances, the recordings (or where they are) and what is said of
# them; of the store the arrays of each stream, and by its sidecar the times of snippets, the sizes and how they were
# made; or the error that a stage ends with.
LIST, INSTANCES, RECORDINGS, ABOUT = "videos.csv", "annotations.json", "recordings", "recordings.json"
TIMES, SIZES, MADE, ERROR = "times", "sizes", "made", "error"
ARRANGED = {LIST, INSTANCES, RECORDINGS}
WATCH = {"accelerometer", "gyroscope"}
DRAWN = {RECORDINGS, "rgb", "flow"}
VECTORS = {"posture", "motion"}
FILM = {"rgb", "flow"}
SIDECAR = {
    TIMES: ["fps", "snippet_frames", "stride", "offset", "own_times"],
    SIZES: ["streams", "videos", "lengths", "failed"],
    MADE: ["extractor", "weights", "settings"],
}
# One of the recordings cannot be read.
BASE: dict[tuple[str, str], dict[str, Any]] = {
    ("watch", "prepare"): {"train_recordings": 3, "test_recordings": 2},
    ("watch", "features"): {},
    ("simulated", "prepare"): {
        "classes": 4,
        "train_videos": 6,
        "test_videos": 3,
        "train_multi": 2,
        "test_multi": 1,
        "dimensions": {"rgb": 5, "flow": 4},
        "longest": 150.0,
    },
    ("simulated", "features"): {},
    ("features", "prepare"): {"tolerance": 0.4},
    ("features", "features"): {},
    ("recordings", "prepare"): {},
    ("recordings", "features"): {
        "extractor": "vectors",
        "max_failed": 0.5,
        "vectors.fps": 10.0,
        "vectors.snippet_frames": 2,
        "vectors.stride": 2,
        "vectors.window_frames": 6,
    },
}
FOLDERS = {"watch": None, "simulated": None, "features": "mine", "recordings": "vectors"}
WRIST = {"folder": "wrist"}
I3D = {
    "folder": "film",
    "extractor": "i3d",
    "i3d.snippet_frames": 8,
    "i3d.stride": 8,
    "i3d.resize": 40,
    "i3d.crop": 32,
    "i3d.flow": "dis",
    "i3d.weights": {"rgb": "weights/a", "flow": "weights/a"},
}
# Fields of the extractor `vectors` that are of tables: another value, what changes, and the values of other fields.
TABLES: dict[str, tuple[Any, set[str], dict[str, Any]]] = {
    "columns": (["x", "y"], VECTORS | {SIZES, MADE}, {}),
    "ignore": (["y"], VECTORS | {SIZES, MADE}, {}),
    "time": ("", {ERROR}, {}),
    "time_unit": ("ms", ARRANGED | VECTORS | {SIZES, MADE}, {}),
    "longest_gap": (0.3, ARRANGED | VECTORS | {SIZES, MADE}, {}),
    "likelihood": (0.9, VECTORS | {MADE}, {"folder": "poses"}),
    "separator": ("semicolon", {ERROR}, {}),
    "decimal": ("comma", {ERROR}, {"folder": "semicolons"}),
}
# By kind and stage, by field: another value; the outputs of both stages that change; what the other fields are.
CHANGES: dict[tuple[str, str], dict[str, Change]] = {
    ("watch", "prepare"): {
        "train_recordings": Change(4, ARRANGED | WATCH | {SIZES}),
        "test_recordings": Change(3, ARRANGED | WATCH | {SIZES}),
        "test_people": Change(0.5, {RECORDINGS} | WATCH),
        "background": Change(["PEN", "ABD"], {INSTANCES, RECORDINGS} | WATCH),
        "bouts": Change([2, 3], ARRANGED | WATCH | {SIZES}),
        "bout_seconds": Change([3.0, 4.0], ARRANGED | WATCH | {SIZES}),
        "pause_seconds": Change([2.0, 3.0], ARRANGED | WATCH | {SIZES}),
        "two_class_share": Change(1.0, {INSTANCES, RECORDINGS} | WATCH),
        "seed": Change(1, ARRANGED | WATCH | {SIZES}),
    },
    ("watch", "features"): {
        "rate": Change(40.0, WATCH | {TIMES, MADE}),
        "snippet_samples": Change(20, WATCH | {TIMES, SIZES, MADE}),
        "window_samples": Change(160, WATCH | {MADE}),
        "bands": Change([0.3, 1.0, 9.6], WATCH | {SIZES, MADE}),
        "floor.accelerometer": Change(0.1, {"accelerometer", MADE}),
        "floor.gyroscope": Change(0.1, {"gyroscope", MADE}),
        "orientation": Change("raw", WATCH | {MADE}),
    },
    ("simulated", "prepare"): {
        "classes": Change(5, ARRANGED | DRAWN | {SIZES}),
        "train_videos": Change(7, ARRANGED | DRAWN | {SIZES}),
        "test_videos": Change(4, ARRANGED | DRAWN | {SIZES}),
        "train_multi": Change(1, ARRANGED | DRAWN | {SIZES}),
        "test_multi": Change(0, {INSTANCES} | DRAWN),
        "dimensions": Change({"rgb": 6, "flow": 4}, {RECORDINGS, "rgb", SIZES}),
        "fps": Change(20.0, DRAWN | {ABOUT, TIMES, SIZES}),
        "snippet_frames": Change(8, DRAWN | {ABOUT, TIMES, SIZES}),
        "longest": Change(60.0, ARRANGED | DRAWN | {SIZES}),
        "seed": Change(1, ARRANGED | DRAWN | {SIZES}),
        "world.latent": Change(32, DRAWN),
        "world.family": Change(3, ARRANGED | DRAWN | {SIZES}),
        "world.scenes": Change(2, DRAWN),
        "world.scene": Change(1.0, DRAWN),
        "world.scene_mix": Change(1.0, DRAWN),
        "world.scene_bond": Change(0.2, DRAWN),
        "world.camera": Change(1.0, DRAWN),
        "world.shot": Change(1.0, DRAWN),
        "world.shot_seconds": Change(2.0, DRAWN),
        "world.camera_spread": Change(1.0, DRAWN),
        "world.light": Change(0.5, DRAWN),
        "world.lights": Change(3, DRAWN),
        "world.action": Change(1.0, DRAWN),
        "world.variation": Change(1.0, DRAWN),
        "world.boundary": Change(0.5, DRAWN),
        "world.distractor": Change(1.0, DRAWN),
        "world.distractors": Change(2, DRAWN),
        "world.distractor_every": Change(2.0, DRAWN),
        "world.distractor_seconds": Change(1.0, DRAWN),
        "world.noise": Change(1.0, DRAWN),
        "world.tail": Change(9.0, DRAWN),
    },
    ("simulated", "features"): {},
    ("features", "prepare"): {
        "fps": Change(24.0, {LIST, INSTANCES, ABOUT, TIMES}),
        "snippet_frames": Change(15, {LIST, INSTANCES, ABOUT, TIMES}),
        "stride": Change(15, {LIST, INSTANCES, ABOUT, TIMES}),
        "offset": Change(0.1, {LIST, INSTANCES, ABOUT, TIMES}),
        "rates": Change("rates.csv", {LIST, INSTANCES, ABOUT, TIMES}),
        "rescaled": Change(True, {ERROR}),
        "axes": Change("DT", {ERROR}),
        "crop": Change(1, {ABOUT, "features"}, {"axes": "TCD", "folder": "crops"}),
        "parts": Change(
            [{"stream": "b", "size": 1}, {"stream": "a", "size": 3}],
            {ABOUT, SIZES, "features", "a", "b"},
            {"folder": "joined"},
        ),
        "tolerance": Change(0.1, {ERROR}),
        "trim": Change(0, {ERROR}, {"folder": "uneven", "trim": 1}),
        "ground_truth": Change("other.json", {INSTANCES}),
        "subsets": Change("other.csv", {LIST, INSTANCES}, {"folder": "bmn", "ground_truth": "bmn.json"}),
        "blocked": Change("blocked.txt", ARRANGED | {ABOUT, "rgb", "flow", SIZES}),
        "missing": Change("refuse", {ERROR}, {"folder": "gap", "missing": "leave_out"}),
        # A list of THUMOS'14, which this is not.
        "test_videos": Change("210", {ERROR}),
    },
    ("features", "features"): {
        "extractor": Change("i3d", {MADE}),
        "weights": Change("0123", {MADE}),
    },
    ("recordings", "prepare"): {
        "annotations": Change("gt.json", {LIST, INSTANCES}),
        "dropped": Change("dropped.csv", ARRANGED | VECTORS | {SIZES}),
        "names": Change("path", ARRANGED | VECTORS | {SIZES}, {"folder": "days"}),
    },
    ("recordings", "features"): {
        "extractor": Change("watch", ARRANGED | VECTORS | WATCH | {TIMES, SIZES, MADE}, WRIST),
        "max_failed": Change(0.1, {ERROR}),
        "vectors.fps": Change(20.0, ARRANGED | VECTORS | {TIMES, SIZES, MADE}, {"folder": "tables"}),
        "vectors.snippet_frames": Change(3, VECTORS | {TIMES, SIZES, MADE}),
        "vectors.stride": Change(1, VECTORS | {TIMES, SIZES, MADE}),
        "vectors.window_frames": Change(8, VECTORS | {MADE}),
        "vectors.centre": Change(True, VECTORS | {MADE}),
        **{
            f"vectors.{name}": Change(value, expected, {"folder": "tables", **base})
            for name, (value, expected, base) in TABLES.items()
        },
        "options": Change({"rate": 40.0}, ARRANGED | WATCH | {TIMES, MADE}, {**WRIST, "extractor": "watch"}),
        "i3d.streams": Change(["rgb"], {"flow", SIZES, MADE}, I3D),
        "i3d.fps": Change(20.0, FILM | {TIMES, MADE}, I3D),
        "i3d.snippet_frames": Change(10, FILM | {TIMES, MADE}, I3D),
        "i3d.stride": Change(6, FILM | {TIMES, SIZES, MADE}, I3D),
        # A folder of pictures becomes a film.
        "i3d.picture_rate": Change(25.0, ARRANGED | FILM | {SIZES, MADE}, I3D),
        "i3d.resize": Change(36, FILM | {MADE}, I3D),
        "i3d.crop": Change(36, FILM | {MADE}, I3D),
        "i3d.flow": Change("tvl1", {"flow", MADE}, I3D),
        "i3d.flow_bound": Change(2.0, {"flow", MADE}, I3D),
        "i3d.max_lost": Change(0.9, FILM | {SIZES, MADE}, I3D),
        "i3d.weights.rgb": Change("weights/b", {"rgb", MADE}, I3D),
        "i3d.weights.flow": Change("weights/b", {"flow", MADE}, I3D),
    },
}
WITHOUT_EFFECT: dict[tuple[str, str], dict[str, str]] = {
    ("features", "prepare"): dict.fromkeys(
        ("parts.stream", "parts.size"), "the list of parts is tried as a whole"
    ),
    ("recordings", "prepare"): {
        "annotations_sha256": "filled in, so that the stage runs anew when the file of the annotations changes",
        **dict.fromkeys(
            ("previews", *(f"previews.{name}" for name in ("shorter", "fps", "kbit", "workers"))),
            "of another stage: tests/stages/test_previews.py",
        ),
        "dropped_sha256": "likewise, of the table of recordings that are left out",
        "taught": "reaches supervision/weak.json alone (tests/datasets/test_recordings.py)",
        "taught_sha256": "filled in likewise",
    },
    ("recordings", "features"): {
        "vectors.matched": "filled in from the columns that most recordings have",
        "workers": "how many processes extract does not change what they extract",
        "threads": "likewise, of each process",
        "shards": "how many jobs fill the cache from which the stage takes what it finds",
        "memory_mb": "for the number of workers, and the scheduler of a cluster",
        "minutes": "for the scheduler of a cluster",
        "i3d.batch": "a snippet's features do not depend on those beside it",
        "i3d.device": "the features are the same up to rounding wherever they are computed",
    },
}
read_series = functools.cache(watch.read_series)


class Network:
    """In the place of I3D: means over runs of the input, times the number in the file of weights."""

    def __init__(self, path: Path, stream: str) -> None:
        """Whatever the stream."""
        self._factor = float(path.read_text())

    def to(self, device: torch.device) -> "Network":
        """It has no tensors."""
        return self

    def features(self, values: torch.Tensor) -> torch.Tensor:
        """Of [N, channels, frames, height, width]: [N, 1024]."""
        return self._factor * torch.nn.functional.adaptive_avg_pool1d(values.flatten(1)[:, None], 1024)[:, 0]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of raw data: arrays of joints, of a watch, films, and features."""
    folder = tmp_path_factory.mktemp("raw")
    rng = np.random.default_rng(0)
    for name in ("vectors", "wrist", "film"):
        (folder / name).mkdir()
    for name in "abc":
        np.save(folder / f"vectors/{name}.npy", rng.normal(size=(30, 3, 2)))
        np.save(folder / f"wrist/{name}.npy", rng.normal(size=(200, 6)))
    (folder / "vectors/d.npy").write_text("nonsense")
    shutil.copytree(folder / "vectors", folder / "days/first")
    log = rng.normal(size=(30, 6)).cumsum(axis=0)
    table = np.column_stack([np.arange(30) / 10, log])
    np.savetxt(folder / "vectors/e.csv", table, delimiter=",", header="time,a,b,c,d,e,f", comments="")
    _write_tables(folder, rng)
    write_video(folder / "film/a.mp4", [numbered(9 * index) for index in range(20)])
    noise = list(rng.integers(0, 256, (20, 48, 64, 3), dtype=np.uint8))
    (folder / "film/walk").mkdir()
    for number in range(20):
        cv2.imwrite(str(folder / f"film/walk/{number}.png"), numbered(9 * number))
    cut = write_video(folder / "film/b.mp4", noise, movflags="faststart")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    database = {}
    for subset, video in (("train", "v1"), ("train", "v2"), ("test", "v3")):
        for stream in ("rgb", "flow"):
            path = folder / "mine/features" / subset / stream / f"{video}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, rng.normal(size=(10, 4)).astype(np.float32))
        database[video] = {"subset": subset, "annotations": [{"segment": [1, 2], "label": "Dive"}]}
    # Ten snippets of 16 frames at 25 a second last 6.4 s.
    database["v2"]["duration"] = 8.0
    (folder / "mine/gt.json").write_text(json.dumps({"database": database}))
    (folder / "mine/split_train.txt").write_text("v1\nv2\n")
    (folder / "mine/split_test.txt").write_text("v3\n")
    (folder / "mine/rates.csv").write_text("video,fps\nv1,30\nv2,25\nv3,25\n")
    for name, shape in (("joined", (10, 4)), ("crops", (10, 3, 4))):
        (folder / name).mkdir()
        for video in ("v1", "v2", "v3"):
            np.save(folder / name / f"{video}.npy", rng.normal(size=shape).astype(np.float32))
        for path in (folder / "mine").glob("*.*"):
            shutil.copy(path, folder / name)
    _write_forms(folder, database)
    return folder


def _write_tables(folder: Path, rng: np.random.Generator) -> None:
    """Tables with a clock that stands still once for half a second, the same with semicolons, and poses."""
    for name in ("tables", "semicolons", "poses"):
        (folder / name).mkdir()
    times = np.append(np.arange(25), np.arange(30, 40)) / 10
    for number in range(3):
        values = rng.normal(size=(35, 3)).cumsum(axis=0)
        rows = np.column_stack([times, values])
        np.savetxt(folder / f"tables/{number}.csv", rows, delimiter=",", header="time,x,y,z", comments="")
        np.savetxt(folder / f"semicolons/{number}.csv", values, delimiter=";", header="x;y;z", comments="")
        likely = np.where(rng.random(35) < 0.3, 0.8, 1.0)
        poses = np.column_stack([np.arange(35), values[:, :2], likely])
        head = "scorer,d,d,d\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood"
        np.savetxt(folder / f"poses/{number}.csv", poses, delimiter=",", header=head, comments="")


def _write_forms(folder: Path, database: dict[str, Any]) -> None:
    """Other annotations, a list of blocked videos, BMN's form without lists, and a folder that lacks a recording."""
    other = json.dumps({"database": database}).replace("Dive", "Jump")
    (folder / "mine/other.json").write_text(other)
    (folder / "mine/blocked.txt").write_text("v2\n")
    shutil.copytree(folder / "mine", folder / "uneven")
    flow = folder / "uneven/features/train/flow/v1.npy"
    np.save(flow, np.load(flow)[:-1])
    shutil.copytree(folder / "joined", folder / "gap")
    (folder / "gap/v2.npy").unlink()
    shutil.copytree(folder / "joined", folder / "bmn", ignore=shutil.ignore_patterns("split_*", "gt.json"))
    bmn = {v: {"duration_second": 6.4, "annotations": e["annotations"]} for v, e in database.items()}
    (folder / "bmn/bmn.json").write_text(json.dumps(bmn))
    for name, subset in (("video_info_new", "training"), ("other", "validation")):
        rows = f"video,subset\nv1,training\nv2,{subset}\nv3,validation\n"
        (folder / f"bmn/{name}.csv").write_text(rows)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with annotations and weights; the watch's data are read once, I3D and its flow made quick."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(watch, "read_series", read_series)
    monkeypatch.setattr(i3d_extractor, "load_i3d", Network)
    # As it is, it takes half a second a pair of frames.
    coarse = flow.OPENCV.optflow.DualTVL1OpticalFlow_create
    monkeypatch.setitem(flow.MAKERS, "tvl1", lambda: coarse(warps=1, outerIterations=1))
    rows = [{"segment": [0.5, 1.0], "label": "Top"}]
    database = {
        name: {"subset": subset, "duration": 2.0, "annotations": rows}
        for name, subset in (("a", "train"), ("b", "test"))
    }
    write_json("labels/gt.json", {"database": database})
    Path("labels/dropped.csv").write_text("recording\na\n")
    Path("weights").mkdir()
    for name, factor in (("a", "1"), ("b", "2")):
        Path("weights", name).write_text(factor)


def outputs(dataset: str, kind: str, stage: str, values: Mapping[str, Any], raw: Path) -> dict[str, Any]:
    """What both stages leave of a data set of a kind, with these values of the parameters of one of them."""
    sections = {
        part: BASE[kind, part] | (values if part == stage else {}) for part in ("prepare", "features")
    }
    folder = values.get("folder", FOLDERS[kind])
    entry: dict[str, Any] = {"kind": kind, "source": folder and str(raw / folder)}
    for part, section in sections.items():
        entry[part] = nested({key: value for key, value in section.items() if key != "folder"})
    write_json("resolved.json", {"datasets": {dataset: entry}})
    try:
        prepare.run(dataset)
        features.run(dataset)
    except HcutalError as error:
        return {ERROR: str(error)}
    data, store = Path("data", dataset), Path("features", dataset)
    arrays = {path: path.read_bytes() for path in sorted(store.glob("*/*.npy"))}
    about, sidecar = data / "recordings/recordings.json", read_json(store / "features.json")
    return {
        LIST: (data / LIST).read_bytes(),
        INSTANCES: (data / INSTANCES).read_bytes(),
        RECORDINGS: {
            str(path.relative_to(data)): path.read_bytes()
            for path in (data / "recordings").rglob("*.*")
            if path != about
        },
        ABOUT: about.read_bytes() if about.exists() else None,
        **{name: [sidecar[key] for key in keys] for name, keys in SIDECAR.items()},
        **{
            stream: {path.stem: content for path, content in arrays.items() if path.parent.name == stream}
            for stream in {path.parent.name for path in arrays}
        },
    }


def changed(kind: str, stage: str, field: str, raw: Path) -> set[str]:
    """The outputs that another value of a field changes; an error stands alone."""
    change = CHANGES[kind, stage][field]
    before = outputs("before", kind, stage, change.base, raw)
    after = outputs("after", kind, stage, {**change.base, field: change.value}, raw)
    assert ERROR not in before
    return {ERROR} if ERROR in after else differing(before, after)


@pytest.mark.parametrize("stage", ["prepare", "features"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_tried_or_has_a_reason(kind: str, stage: str) -> None:
    without = WITHOUT_EFFECT.get((kind, stage), {})
    assert uncovered(stage_model(kind, stage), CHANGES[kind, stage], without) == []


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("kind", "stage", "field"),
    [(kind, stage, field) for (kind, stage), table in CHANGES.items() for field in table],
)
def test_another_value_changes_what_it_should(kind: str, stage: str, field: str, raw: Path) -> None:
    assert changed(kind, stage, field, raw) == CHANGES[kind, stage][field].expected
