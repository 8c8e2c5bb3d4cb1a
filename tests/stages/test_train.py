import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.data.store import write_store
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.model.checkpoint import load_model
from hcutal.model.training import CURVES
from hcutal.stages.train import read_supervision, run

VIDEOS = [f"v{index}" for index in range(8)]
LABELS = {video: ["run"] if index % 2 else ["jump", "run"] for index, video in enumerate(VIDEOS)}
SMALL = {
    "snippets": 12,
    "steps": 6,
    "batch": 6,
    "pairs": 2,
    "embedding": 8,
    "refresh": 3,
    "video": {"clusters": 3, "hidden": 8, "warmup": 5, "restarts": 2},
}
OUTPUTS = ["curves.csv", "metrics.json", "model.json", "model.safetensors", "pseudo_labels.csv"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    with write_store(Path("features/ds"), "test", SnippetTimes(1.0, 1, 1)) as store:
        for video in [*VIDEOS, "t0"]:
            store.add(video, {"a": rng.normal(size=(15, 4)).astype(np.float32)})
    rows = [{"video": video, "subset": "train", "duration": 15.0} for video in VIDEOS]
    folder = Path("data/ds")
    folder.mkdir(parents=True)
    pd.DataFrame([*rows, {"video": "t0", "subset": "test", "duration": 15.0}]).to_csv(
        folder / "videos.csv", index=False
    )
    write_json(folder / "annotations.json", {"version": "test", "database": {}})
    write_json(folder / "labels.json", LABELS)
    write_json(folder / "supervision/unsupervised.json", {"supervision": "unsupervised", "labels": None})
    for kind in ("weak", "mapped"):
        write_json(folder / f"supervision/{kind}.json", {"supervision": kind, "labels": LABELS})


def resolved(**values: object) -> None:
    write_json("resolved.json", {"experiments": {"exp": {"train": {**SMALL, "seed": 3, **values}}}})


def outputs() -> dict[str, bytes]:
    return {name: (Path("results/exp/train") / name).read_bytes() for name in OUTPUTS}


def test_an_unsupervised_run_needs_no_annotation_and_is_the_same_without() -> None:
    resolved(supervision="unsupervised")
    run("exp", "ds")
    with_annotations = outputs()
    shutil.rmtree("results")
    for name in ("annotations.json", "labels.json", "supervision/weak.json", "supervision/mapped.json"):
        (Path("data/ds") / name).unlink()
    run("exp", "ds")
    assert outputs() == with_annotations


def test_what_is_written() -> None:
    resolved(supervision="unsupervised")
    run("exp", "ds")
    labels = pd.read_csv("results/exp/train/pseudo_labels.csv")
    assert labels["video"].tolist() == VIDEOS
    assert labels["cluster"].between(0, 2).all()
    curves = pd.read_csv("results/exp/train/curves.csv")
    assert curves.columns.tolist() == CURVES
    assert curves["step"].tolist() == list(range(1, 12))
    pd.testing.assert_frame_equal(pd.read_csv(".hcutal/live/exp.csv"), curves)
    model = load_model("results/exp/train")
    assert (model.classes, model.supervision, model.streams) == (None, "unsupervised", {"a": 4})


@pytest.mark.parametrize("supervision", ["weak", "mapped"])
def test_labels_give_named_columns(supervision: str) -> None:
    resolved(supervision=supervision)
    run("exp", "ds")
    assert load_model("results/exp/train").classes == ["jump", "run"]
    clusters = pd.read_csv("results/exp/train/pseudo_labels.csv")["cluster"]
    assert clusters.max() <= (1 if supervision == "weak" else 2)
    assert ("weight_video" in read_json("results/exp/train/metrics.json")) == (supervision == "mapped")


def test_a_video_without_label_is_named() -> None:
    write_json("data/ds/supervision/weak.json", {"supervision": "weak", "labels": {"v0": ["run"]}})
    with pytest.raises(HcutalError, match=r"weak.json: no label for v1 and 6 more"):
        read_supervision(Path("data/ds/supervision/weak.json"), VIDEOS)


def test_missing_features_leave_nothing_behind() -> None:
    resolved(supervision="unsupervised")
    Path("features/ds/a/v3.npy").unlink()
    with pytest.raises(HcutalError, match=r"v3"):
        run("exp", "ds")
    assert not Path("results").exists()
