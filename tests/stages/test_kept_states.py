"""States that a training keeps: they change nothing, each is a model of its own, and labels have no part in them."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hcutal.data.store import write_store
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.layout import RunPaths, state_folder
from hcutal.model.checkpoint import load_model
from hcutal.model.kept_states import read_states
from hcutal.stages.train import run
from tests.params.effects import nested

VIDEOS = [f"v{index}" for index in range(9)]
LABELS = {video: [("hop", "run", "sit")[index % 3]] for index, video in enumerate(VIDEOS)}
SMALL: dict[str, Any] = {
    **{"snippets": 12, "steps": 7, "batch": 6, "pairs": 2, "embedding": 8, "refresh": 3},
    **{"video.clusters": 3, "video.hidden": 8, "video.warmup": 4, "video.restarts": 2},
    **{"video.pooling": "mean", "video.neighbours.count": 3},
}
RUN = RunPaths(Path("results/exp/seed-0"))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    with write_store(Path("features/ds"), "test", SnippetTimes(1.0, 1, 1)) as store:
        for index, video in enumerate(VIDEOS):
            values = rng.normal(size=(15, 4)).astype(np.float32)
            values[4:9, index % 3] += 3
            store.add(video, {"a": values})
    folder = Path("data/ds")
    folder.mkdir(parents=True)
    rows = [{"video": video, "subset": "train", "duration": 15.0} for video in VIDEOS]
    pd.DataFrame(rows).to_csv(folder / "videos.csv", index=False)
    for setting, labels in {"unsupervised": None, "weak": LABELS, "mapped": LABELS}.items():
        write_json(folder / f"supervision/{setting}.json", {"labels": labels})


def trained(name: str = "exp.0", **values: Any) -> dict[str, bytes]:
    """The bytes of what the stage leaves, by their path."""
    experiment, _, seed = name.partition(".")
    flat = SMALL | {key.replace("__", "."): value for key, value in values.items()}
    write_json("resolved.json", {"runs": {experiment: {seed: {"train": nested({**flat, "seed": 0})}}}})
    run(name, "ds")
    folder = RunPaths.of(name).model
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_training_on_the_same_values_at_other_times_is_another(capsys: pytest.CaptureFixture[str]) -> None:
    first = trained("one.0")
    assert trained("two.0") == first
    assert "the same training as that of" in capsys.readouterr().out
    sidecar = Path("features/ds/features.json")
    write_json(sidecar, read_json(sidecar) | {"fps": 2.0})
    other = trained("three.0")
    assert "the same training as that of" not in capsys.readouterr().out
    assert other["pseudo_labels.csv"] != first["pseudo_labels.csv"]
    assert other["model.safetensors"] == first["model.safetensors"]


@pytest.mark.parametrize(
    "values",
    [{}, {"supervision": "weak"}, {"supervision": "mapped"}, {"video__vertical": False}, {"joint": False}],
    ids=str,
)
def test_training_is_the_same_and_the_last_state_is_its_result(values: dict[str, Any]) -> None:
    plain, kept = trained(**values), trained(**values, checkpoints=3)
    assert plain.pop("states/states.csv").decode().splitlines() == ["step,agreement,classification,contrast"]
    states = {name: content for name, content in kept.items() if name.startswith("states/")}
    assert {name: content for name, content in kept.items() if name not in states} == plain
    assert list(read_states(RUN.states)) == [3, 5, 7]
    for name in ("model.safetensors", "model.json", "pseudo_labels.csv"):
        assert states[f"states/step-000007/{name}"] == plain[name]
    assert states["states/step-000003/model.safetensors"] != plain["model.safetensors"]


def test_a_state_is_a_model_of_its_own_and_the_criteria_are_measured_on_it() -> None:
    trained(checkpoints=7)
    for step, said in read_states(RUN.states).items():
        folder = RUN.states / state_folder(step)
        model, labels = load_model(folder), pd.read_csv(folder / "pseudo_labels.csv")
        # Recordings of 15 snippets, of which an even choice of T = 12 is looked at.
        looked = [
            model.cas(np.load(f"features/ds/a/{video}.npy")[np.arange(12) * 15 // 12]) for video in VIDEOS
        ]
        scores = np.stack([each.scores for each in looked])
        clusters = labels["cluster"].to_numpy()
        assert said.agreement == pytest.approx(np.mean(scores.argmax(axis=1) == clusters))
        assert said.classification == pytest.approx(-np.log(scores[np.arange(9), clusters]).mean(), rel=1e-4)
        own = [each.cas[:, cluster] for each, cluster in zip(looked, clusters, strict=True)]
        assert said.contrast == pytest.approx(np.mean([best_split(values) for values in own]), rel=1e-4)


def best_split(values: np.ndarray) -> float:
    """The largest share of the variance that two groups leave between them, by trying every threshold."""
    if values.var() == 0:
        return 0.0
    shares = []
    for threshold in values:
        high = values >= threshold
        within = sum(group.var() * len(group) for group in (values[high], values[~high]) if len(group))
        shares.append(1 - within / (values.var() * len(values)))
    return float(max(shares))


def test_labels_have_no_part_in_the_states_of_an_unsupervised_training() -> None:
    expected = trained(checkpoints=3)
    shutil.rmtree("results")
    for setting in ("weak", "mapped"):
        Path(f"data/ds/supervision/{setting}.json").unlink()
    assert trained(checkpoints=3) == expected


def test_a_table_of_states_that_is_none_is_named() -> None:
    RUN.states.mkdir(parents=True)
    (RUN.states / "states.csv").write_text("step,agreement,classification,contrast\n4,1,1,1\n2,1,1,1\n")
    with pytest.raises(HcutalError, match=r"states\.csv: steps are \[4, 2\]; expected them rising"):
        read_states(RUN.states)


def test_the_same_training_of_another_run_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    expected = trained("one.0", checkpoints=2)
    assert "taken from there" not in capsys.readouterr().out
    assert trained("two.0", checkpoints=2) == expected
    told = capsys.readouterr().out
    assert told == "train: the same training as that of results/one/seed-0/train, taken from there\n"
    # Another training, and one that is asked for again, are made.
    trained("three.0", checkpoints=2, refresh=2)
    trained("one.0", checkpoints=2)
    assert "taken from there" not in capsys.readouterr().out


def test_a_training_whose_files_are_not_what_they_were_is_made_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = trained("one.0")
    Path("results/one/seed-0/train/pseudo_labels.csv").write_text("video\n")
    assert trained("two.0") == expected
    shutil.rmtree("results/two")
    assert trained("three.0") == expected
    assert "taken from there" not in capsys.readouterr().out
