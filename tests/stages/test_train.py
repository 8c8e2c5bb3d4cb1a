import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from hcutal.cluster.estimate import estimate_clusters
from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.model.checkpoint import load_model
from hcutal.model.packed import TrainingFeatures
from hcutal.model.resumption import KeptTraining
from hcutal.model.supervision import read_supervision
from hcutal.model.training import CURVES, Trainer
from hcutal.params.train import TrainParams
from hcutal.stages.train import run, state_seconds

VIDEOS = [f"v{index}" for index in range(8)]
LABELS = {video: ["run"] if index % 2 else ["jump", "run"] for index, video in enumerate(VIDEOS)}
SMALL = {
    "snippets": 12,
    "steps": 6,
    "batch": 6,
    "pairs": 2,
    "embedding": 8,
    "refresh": 3,
    "video": {
        "clusters": 3,
        "hidden": 8,
        "warmup": 5,
        "restarts": 2,
        "pooling": "mean",
        "neighbours": {"count": 3},
        "components": 1.25,
    },
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
    write_json("resolved.json", {"runs": {"exp": {"0": {"train": {**SMALL, "seed": 3, **values}}}}})


def outputs() -> dict[str, bytes]:
    return {name: (Path("results/exp/seed-0/train") / name).read_bytes() for name in OUTPUTS}


def test_an_unsupervised_run_needs_no_annotation_and_is_the_same_without() -> None:
    resolved(supervision="unsupervised")
    run("exp.0", "ds")
    with_annotations = outputs()
    shutil.rmtree("results")
    for name in ("annotations.json", "labels.json", "supervision/weak.json", "supervision/mapped.json"):
        (Path("data/ds") / name).unlink()
    run("exp.0", "ds")
    assert outputs() == with_annotations


def test_what_is_chosen_from_the_data_is_told() -> None:
    several = {
        **SMALL["video"],
        "pooling": ["mean", "deviation"],
        "neighbours": {"count": [2, 4]},
        "components": [0.7, 1.4],
    }
    resolved(supervision="unsupervised", video=several, snippets={"quantile": 0.5, "part": 1.0})
    lengths = [10, 12, 14, 16, 18, 20, 22, 24]
    rng = np.random.default_rng(1)
    shutil.rmtree("features/ds")
    with write_store(Path("features/ds"), "test", SnippetTimes(1.0, 1, 1)) as store:
        for video, length in zip(VIDEOS, lengths, strict=True):
            store.add(video, {"a": rng.normal(size=(length, 4)).astype(np.float32)})
    run("exp.0", "ds")
    found = read_json("results/exp/seed-0/train/metrics.json")
    assert found["snippets"] == 17 == read_json("results/exp/seed-0/train/model.json")["snippets"]
    assert found["start/neighbours"] in (2, 4)
    assert found["start/pooling/mean"] + found["start/pooling/deviation"] == 1
    rule = "mean" if found["start/pooling/mean"] else "deviation"
    other = "deviation" if rule == "mean" else "mean"
    # The rules are compared with the larger number of two.
    assert found[f"start/loss/{rule}/4/4"] <= found[f"start/loss/{other}/4/4"]
    agreement = {count: found[f"start/agreement/{rule}/{count}/4"] for count in (2, 4)}
    # There is one pair of restarts each: the standard error is 0.
    count = int(found["start/neighbours"])
    assert agreement[count] == max(agreement.values())
    # Then the directions, of 3 clusters, are compared in the same way.
    agreement = {number: found[f"start/agreement/{rule}/{count}/{number}"] for number in (2, 4)}
    assert agreement[int(found["start/directions"])] == max(agreement.values())


def test_few_recordings_are_not_shown_again_and_again(capsys: pytest.CaptureFixture[str]) -> None:
    resolved(supervision="weak", batch=24, steps=100, passes=3.0)
    run("exp.0", "ds")
    # All eight recordings are in a batch, so three passes are three steps.
    assert len(pd.read_csv("results/exp/seed-0/train/curves.csv")) == 3
    assert "train: 8 recordings, T = 12; 3 steps, about 0:0" in capsys.readouterr().out


def test_what_is_written() -> None:
    resolved(supervision="unsupervised")
    run("exp.0", "ds")
    labels = pd.read_csv("results/exp/seed-0/train/pseudo_labels.csv")
    assert labels["video"].tolist() == VIDEOS
    assert labels["cluster"].between(0, 2).all()
    curves = pd.read_csv("results/exp/seed-0/train/curves.csv")
    assert curves.columns.tolist() == CURVES
    assert curves["step"].tolist() == list(range(1, 12))
    pd.testing.assert_frame_equal(pd.read_csv(".hcutal/live/exp.0.csv"), curves)
    model = load_model("results/exp/seed-0/train")
    assert (model.classes, model.supervision, model.streams) == (None, "unsupervised", {"a": 4})


@pytest.mark.parametrize("supervision", ["weak", "mapped"])
def test_labels_give_named_columns(supervision: str) -> None:
    resolved(supervision=supervision)
    run("exp.0", "ds")
    assert load_model("results/exp/seed-0/train").classes == ["jump", "run"]
    clusters = pd.read_csv("results/exp/seed-0/train/pseudo_labels.csv")["cluster"]
    assert clusters.max() <= (1 if supervision == "weak" else 2)
    assert ("weight_video" in read_json("results/exp/seed-0/train/metrics.json")) == (supervision == "mapped")


def test_of_partial_labels_only_the_labelled_videos_are_trained_on() -> None:
    labels = {"v0": ["run"], "v2": ["jump"], "v3": ["run"], "v5": ["jump"], "other": ["run"]}
    write_json("data/ds/supervision/weak.json", {"supervision": "weak", "labels": labels, "partial": True})
    resolved(supervision="weak")
    run("exp.0", "ds")
    trained = pd.read_csv("results/exp/seed-0/train/pseudo_labels.csv")["video"].tolist()
    assert trained == ["v0", "v2", "v3", "v5"]
    assert load_model("results/exp/seed-0/train").classes == ["jump", "run"]


def test_a_video_without_label_is_named() -> None:
    write_json("data/ds/supervision/weak.json", {"supervision": "weak", "labels": {"v0": ["run"]}})
    with pytest.raises(HcutalError, match=r"weak.json: no label for v1 and 6 more"):
        read_supervision(Path("data/ds/supervision/weak.json"), VIDEOS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "labels are missing"),
        ({"supervision": "weak"}, "labels are missing"),
        ({"labels": 3}, "found int, expected an object"),
        ({"labels": {"v0": "run"}}, "labels of v0: found str; expected a list of strings"),
        ({"labels": {"v0": ["run", 1]}}, "labels of v0: found a list of other values"),
    ],
)
def test_a_damaged_file_of_labels_is_named(content: object, message: str) -> None:
    write_json("data/ds/supervision/weak.json", content)
    with pytest.raises(HcutalError, match=rf"weak.json: {message}"):
        read_supervision(Path("data/ds/supervision/weak.json"), VIDEOS)


def test_pieces_are_trained_on_one_by_one() -> None:
    resolved(supervision="unsupervised", snippets={}, pieces={"seconds": 6.0})
    run("exp.0", "ds")
    rows = pd.read_csv("results/exp/seed-0/train/pseudo_labels.csv")
    # Recordings of 15 s: a piece every 3 s, and the last one ends with the recording.
    assert rows[["video", "start", "end"]].head(4).values.tolist() == [
        ["v0", 0.0, 6.0],
        ["v0", 3.0, 9.0],
        ["v0", 6.0, 12.0],
        ["v0", 9.0, 15.0],
    ]
    assert rows["video"].value_counts().to_dict() == dict.fromkeys(VIDEOS, 4)
    # None of the snippets of a piece is left out, and the model is applied to whole recordings.
    model = load_model("results/exp/seed-0/train")
    assert (model.snippets, model.piece, model.labels) == (6, 6, 1.0)
    assert model.cas(np.zeros((15, 4))).cas.shape == (15, 3)


@pytest.mark.parametrize("seconds", [0.004, 3.0, 15.0, 4000.0])
def test_pieces_in_another_unit_are_refused(seconds: float) -> None:
    resolved(supervision="unsupervised", pieces={"seconds": seconds})
    message = (
        rf"pieces\.seconds: found {seconds:g}; expected 4 s \(4 snippets\) or more, and less than .* 15 s"
    )
    with pytest.raises(HcutalError, match=message):
        run("exp.0", "ds")
    assert not Path("results").exists()


def test_weak_supervision_trains_on_whole_recordings() -> None:
    resolved(supervision="weak")
    run("exp.0", "ds")
    plain = outputs()
    resolved(supervision="weak", pieces={"seconds": 6.0})
    run("exp.0", "ds")
    assert outputs() == plain
    model = load_model("results/exp/seed-0/train")
    supervision = read_json("data/ds/supervision/weak.json")["labels"]
    assert model.piece is None
    assert model.labels == np.mean([len(supervision[video]) for video in VIDEOS]) > 1


def test_pieces_have_the_labels_of_their_recordings_where_clusters_are_mapped() -> None:
    resolved(supervision="mapped", pieces={"seconds": 6.0})
    run("exp.0", "ds")
    assert len(pd.read_csv("results/exp/seed-0/train/pseudo_labels.csv")) == 4 * len(VIDEOS)
    assert load_model("results/exp/seed-0/train").classes == ["jump", "run"]


def test_missing_features_leave_nothing_behind() -> None:
    resolved(supervision="unsupervised")
    Path("features/ds/a/v3.npy").unlink()
    with pytest.raises(HcutalError, match=r"v3"):
        run("exp.0", "ds")
    assert not Path("results").exists()


def other_features() -> None:
    path = Path("features/ds/a/v5.npy")
    values = np.load(path)
    values[7, 2] += 1e-3
    np.save(path, values)


def other_labels() -> None:
    write_json("data/ds/supervision/weak.json", {"supervision": "weak", "labels": LABELS | {"v4": ["run"]}})


def fewer_videos() -> None:
    table = pd.read_csv("data/ds/videos.csv")
    table[table["video"] != "v3"].to_csv("data/ds/videos.csv", index=False)


@pytest.fixture
def left_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training whose outputs are there and whose state is, too: killed before it could remove the latter."""
    monkeypatch.setenv("HCUTAL_STATE_SECONDS", "0")
    resolved(supervision="weak")
    with monkeypatch.context() as patched:
        patched.setattr(KeptTraining, "remove", lambda self: None)
        run("exp.0", "ds")
    assert Path(".hcutal/training/exp.0/state").exists()


@pytest.mark.usefixtures("left_state")
def test_a_state_of_the_same_training_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    expected = outputs()
    shutil.rmtree("results")
    run("exp.0", "ds")
    assert "train: all 6 steps are done (state of " in capsys.readouterr().out
    assert outputs() == expected
    assert not Path(".hcutal/training/exp.0").exists()
    assert Path(".hcutal/live/exp.0.csv").read_bytes() == expected["curves.csv"]


@pytest.mark.usefixtures("left_state")
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("parameters", lambda: resolved(supervision="weak", seed=4)),
        ("parameters", lambda: resolved(supervision="weak", threads=2)),
        ("parameters", lambda: resolved(supervision="weak", instance={"tau": 0.2})),
        ("parameters, labels", lambda: resolved(supervision="unsupervised")),
        ("features", other_features),
        ("features, labels", fewer_videos),
        ("labels", other_labels),
    ],
)
def test_a_state_of_another_training_is_not_used(
    name: str, change: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    change()
    shutil.rmtree("results")
    run("exp.0", "ds")
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith(f" is of other {name}; training starts anew")
    assert not Path(".hcutal/training/exp.0").exists()
    found = outputs()
    run("exp.0", "ds")
    assert outputs() == found


@pytest.mark.usefixtures("left_state")
@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("code", "hcutal.stages.train.stage_digest", lambda stage: "other"),
        ("libraries", "torch.__version__", "0.1"),
        ("libraries", "numpy.__version__", "0.1"),
        ("device", "torch.backends.cpu.get_cpu_capability", lambda: "other"),
    ],
)
def test_a_state_of_other_code_or_another_machine_is_not_used(
    name: str,
    place: str,
    value: object,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = outputs()
    monkeypatch.setattr(place, value)
    run("exp.0", "ds")
    assert f" is of other {name}; training starts anew\n" in capsys.readouterr().out
    assert outputs() == expected


def test_how_often_a_state_is_kept_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_seconds() == 120
    for text, seconds in {"0": 0, "2.5": 2.5, "inf": np.inf}.items():
        monkeypatch.setenv("HCUTAL_STATE_SECONDS", text)
        assert state_seconds() == seconds
    for text in ("", "-1", "nan", "2 min"):
        monkeypatch.setenv("HCUTAL_STATE_SECONDS", text)
        with pytest.raises(HcutalError, match=rf"HCUTAL_STATE_SECONDS: found '{text}'; expected a number"):
            state_seconds()


def estimating() -> None:
    resolved(video={**SMALL["video"], "clusters": {"estimate": {"neighbours": 2, "draws": 2, "steps": 4}}})


def test_the_number_of_clusters_is_estimated_anew_from_what_a_first_training_takes_for_the_action(
    capsys: pytest.CaptureFixture[str],
) -> None:
    estimating()
    run("exp.0", "ds")
    assert "train: first, to estimate the number of clusters: 8 recordings" in capsys.readouterr().out
    found = read_json("results/exp/seed-0/train/metrics.json")
    features = TrainingFeatures(FeatureStore("features/ds"), VIDEOS, torch.device("cpu"))
    first = estimate_clusters(features.pooled(), 2, 16, 1.25, 2, 3).clusters
    assert found["estimated_clusters/recordings"] == first
    values = {**SMALL, "seed": 3, "steps": 4, "video": {**SMALL["video"], "clusters": first}}
    trainer = Trainer(features, TrainParams.model_validate(values), None, torch.device("cpu"))
    trainer.run()
    expected = estimate_clusters(trainer.level.means().numpy(), 2, 16, 1.25, 2, 3)
    assert found["estimated_clusters"] == expected.clusters
    assert found["estimated_clusters/most"] == expected.most
    assert load_model("results/exp/seed-0/train").network.shape.clusters == expected.clusters


def test_without_feedback_the_number_is_estimated_from_whole_recordings() -> None:
    video = {**SMALL["video"], "feedback": False, "clusters": {"estimate": {"neighbours": 2}}}
    resolved(video=video)
    run("exp.0", "ds")
    found = read_json("results/exp/seed-0/train/metrics.json")
    assert found["estimated_clusters"] == found["estimated_clusters/recordings"]
    assert found["estimated_clusters/most"] > 0


def test_a_first_training_that_is_done_is_not_made_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HCUTAL_STATE_SECONDS", "0")
    estimating()
    run("exp.0", "ds")
    expected = outputs()
    shutil.rmtree("results")
    with monkeypatch.context() as patched:
        patched.setattr("hcutal.stages.train.write_results", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run("exp.0", "ds")
    capsys.readouterr()
    run("exp.0", "ds")
    said = capsys.readouterr().out
    # Two starts of 5 steps each, then 4 and 6 steps together.
    assert [text.split(" (")[0] for text in said.splitlines() if "steps are done" in text] == [
        "train: first, to estimate the number of clusters: all 14 steps are done",
        "train: all 16 steps are done",
    ]
    assert outputs() == expected
    assert not Path(".hcutal/training/exp.0").exists()
