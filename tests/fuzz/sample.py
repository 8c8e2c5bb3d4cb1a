"""A small file of every kind that is read, in a folder like a project's: what stages write, and what users bring."""

import contextlib
import json
import sqlite3
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from hcutal.apply.trained import find_run
from hcutal.code import code_digests
from hcutal.files import write_json
from hcutal.hashes import KnownDigests
from hcutal.labelling.dropped import write_dropped
from hcutal.labelling.marks import Mark, write_marks
from hcutal.labelling.names_table import make_names
from hcutal.labelling.taught import write_taught
from hcutal.layout import (
    CODE,
    HOLDER,
    LOCK,
    MADE,
    MLFLOW_DATABASE,
    RESOLVED,
    RunPaths,
    dropped_file,
    execution,
    marks_file,
    taught_file,
)
from hcutal.model.made_trainings import note_training
from hcutal.params.document import load, resolve
from hcutal.pipeline.records import write_record
from hcutal.stages import evaluate, features, map, prepare, propose, summary, train
from hcutal.tables import write_table
from tests.extract.made_poses import (
    LIKELY,
    NAMES,
    PLACES,
    write_analysis,
    write_csv,
    write_mmpose,
    write_pandas_table,
    write_slp,
)

PARAMS = """\
# Small.
train: {snippets: 16, steps: 4, batch: 4, pairs: 2, embedding: 8, refresh: 2, checkpoints: 2}
evaluate: {bootstrap: {draws: 3}, chance: null}
datasets:
  sim:
    kind: simulated
    prepare: {classes: 2, train_videos: 6, test_videos: 4, train_multi: 1, test_multi: 1, longest: 20.0,
      dimensions: {rgb: 4, flow: 3}}
  mine: {kind: features, source: mine}
presets:
  paper: {}
  default: {train: {video: {clusters: 2, hidden: 8, warmup: 4, restarts: 1, neighbours: {count: 1}, components: 1}}}
experiments:
  a: {dataset: sim, supervision: unsupervised, propose: {suppression: {soft: {sigma: 0.3}}}}
"""
LOCKED = """\
schema: '2.0'
stages:
  train@a.0:
    cmd: python -m hcutal.stages.train a.0 --dataset sim
    deps:
    - {path: features/sim, hash: md5, md5: 0f343b0931126a20f133d67c2b018a3b.dir, size: 100, nfiles: 2}
    params:
      resolved.json:
        runs.a.0.train: {steps: 4, seed: 0}
    outs:
    - {path: results/a/seed-0/train/metrics.json, hash: md5, md5: 0f343b0931126a20f133d67c2b018a3b, size: 100}
"""
SECONDS = 4
EXECUTED = "ab" * 32
IDENTITY = {"parameters": "0"}


def write_sample(folder: Path) -> None:
    """Write the sample to `folder`, which is made; about three seconds."""
    folder.mkdir(parents=True)
    with contextlib.chdir(folder):
        _write_imported(Path("mine"))
        Path("params.yaml").write_text(PARAMS)
        write_json(RESOLVED, resolve(load()))
        for dataset in ("sim", "mine"):
            prepare.run(dataset)
            features.run(dataset)
        for stage in (train, map, propose, evaluate):
            stage.run("a.0", "sim")
        summary.run("a")
        make_names("a.0", renew=False)
        marks = [
            Mark("a", 1.0, 2.5, "x", "0", "wrong", "sit", "t1"),
            Mark("b", 0.0, 4.0, "x", "0", "right", "", "t1"),
        ]
        write_marks(marks_file("a.0"), marks)
        write_dropped(dropped_file("a.0"), ["a", "b, c"])
        write_taught(taught_file("a.0"), {"a": ["jump", "run"], "b, c": ["jump"]})
        find_run("a.0").pack(Path("packed"))
        _write_given(Path("given"))
        _write_state()


def _write_imported(root: Path) -> None:
    rng = np.random.default_rng(0)
    database = {}
    for subset, videos in {"train": ["v1", "v2"], "test": ["v3"]}.items():
        for video in videos:
            path = root / "features" / subset / "rgb" / f"{video}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, rng.normal(size=(10, 3)).astype(np.float32))
            record = {"segment": ["1.0", 2.5], "label": "Dive"}
            database[video] = {"subset": subset, "duration": 6.4, "annotations": [record]}
        (root / f"split_{subset}.txt").write_text("\n".join(videos) + "\n")
    (root / "gt.json").write_text(json.dumps({"database": database}))


def _write_given(folder: Path) -> None:
    """What users bring to the commands: annotations in the forms of the field, lists, sensors, weights."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    names = [f"video_test_{number:07}" for number in (4, 6, 7)]
    records = [{"segment": [1.0, 4.5], "label": "Dive"}, {"segment": ["5", "7.5"], "label": "Jump"}]
    entries = {name: {"subset": "test", "duration": 20.0, "annotations": records} for name in names}
    write_json(folder / "thumos.json", {"database": entries})
    nodes = [{"nodeName": name, "nodeId": 1, "parentName": "Root"} for name in ("Dive", "Jump")]
    official = {name[-4:]: {**entry, "subset": "validation"} for name, entry in entries.items()}
    write_json(folder / "anet.json", {"version": "VERSION 1.3", "taxonomy": nodes, "database": official})
    seconds = {name: {"duration_second": 20.0, "annotations": records} for name in official}
    write_json(folder / "bmn.json", seconds)
    table = [{"video": name, "subset": "validation"} for name in official]
    write_table(folder / "video_info_new.csv", table, ["video", "subset"])
    found = [
        {"label": "Dive", "score": 0.75, "segment": [1.5, 4.0]},
        {"label": "Jump", "score": 1, "segment": [5, 8]},
    ]
    write_json(
        folder / "found.json", {"version": "1", "results": dict.fromkeys(names, found), "external_data": {}}
    )
    write_json(folder / "found_anet.json", {"results": dict.fromkeys(official, found)})
    listed = [{"video": name, "path": f"/raw/{name}.mp4", "duration": 20.0} for name in names]
    write_table(folder / "index.csv", listed, ["video", "path", "duration"])
    (folder / "names.txt").write_text("\n".join(names) + "\n")
    (folder / "labels.txt").write_text("Dive\nJump\n")
    samples = [{"time": f"{t:g}", "x": f"{np.sin(t):.3f}", "y": 1} for t in np.arange(100) / 25]
    write_table(folder / "sensor.csv", samples, ["time", "x", "y"])
    np.save(folder / "sensor.npy", rng.normal(size=(100, 3)))
    np.save(folder / "joints.npy", rng.normal(size=(100, 2, 3)).astype(np.float32))
    _write_poses(folder)
    np.save(folder / "watch.npy", rng.normal(size=(200, 6)).astype(np.float32))
    np.save(
        folder / "objects.npy", np.array({"a": np.arange(3), "b": ["x"]}, dtype=object), allow_pickle=True
    )
    state = {"a.weight": torch.zeros(2, 3), "a.bias": torch.zeros(2)}
    save_file(state, folder / "weights.safetensors")
    torch.save(state, folder / "weights.pt")


def _write_poses(folder: Path) -> None:
    write_csv(folder / "deeplabcut.csv", PLACES[:12], LIKELY[:12])
    write_pandas_table(folder / "deeplabcut.h5", NAMES)
    write_analysis(folder / "sleap.h5")
    write_slp(folder / "sleap.slp")
    write_mmpose(folder / "people.json")
    landmarks = [
        [{"x": x, "y": y, "z": 0.5, "visibility": 0.9} for x, y in place] for place in PLACES[:9, 1].tolist()
    ]
    write_json(folder / "landmarks.json", landmarks)


def _write_state() -> None:
    """What a run leaves for the next one."""
    LOCK.write_text(LOCKED)
    write_json(CODE, code_digests())
    known = KnownDigests(Path())
    for path in (Path("mine/gt.json"), Path("given/watch.npy")):
        known.of(path)
    known.save()
    for stage in ("train@a.0", "map@a.0"):
        write_record(stage, "0" * 64)
    write_json(HOLDER, {"pid": 1, "host": "here", "snakemake": 2**30, "started": 1.5})
    write_record("track@a", "0" * 64)
    took = {"stage": "train@a.0", "started": 1.5e9, "ended": 1.6e9, "cpu_seconds": 3.5, "device": "cpu"}
    write_json(execution(EXECUTED), took)
    note_training(MADE, IDENTITY, RunPaths.of("a.0").model)
    with contextlib.closing(sqlite3.connect(MLFLOW_DATABASE)) as database, database:
        database.executescript(
            "CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('x');"
            "CREATE TABLE runs (run_uuid VARCHAR(32), artifact_uri VARCHAR(200));"
            "CREATE TABLE experiments (experiment_id INTEGER, name VARCHAR(256), artifact_location VARCHAR(256));"
            "INSERT INTO experiments VALUES (1, 'hcutal', 'file:///before/mlartifacts');"
        )
