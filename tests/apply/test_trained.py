"""A run from a project's folder, packed, and applied: the same everywhere, and refused where it does not fit."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.apply.trained import FeatureForm, TrainedRun, find_run, read_form
from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.stages import propose
from tests.apply.conftest import SECONDS


def test_a_run_gives_what_the_propose_stage_gave(project: Path, run: TrainedRun) -> None:
    rows = "".join(f"{name},test,{seconds}\n" for name, seconds in SECONDS.items())
    (project / "data/ds").mkdir(parents=True)
    (project / "data/ds/videos.csv").write_text(f"video,subset,duration\n{rows}")
    propose.run("exp.0", "ds")
    written = read_json("results/exp/seed-0/propose/proposals.json")["results"]
    store = FeatureStore("features/ds")
    for name, seconds in SECONDS.items():
        found = run.localize(store.read(name), seconds).proposals
        expected = [[*record["segment"], record["label"], record["score"]] for record in written[name]]
        assert len(expected) > 5
        assert found.to_numpy().tolist() == expected


def test_a_packed_run_is_the_same(project: Path, run: TrainedRun) -> None:
    find_run("exp").pack(Path("elsewhere/packed"))
    for part in ("results", "features", "resolved.json"):
        path = project / part
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    packed = find_run("elsewhere/packed").load()
    features = np.random.default_rng(1).normal(size=(80, 48)).astype(np.float32)
    pd.testing.assert_frame_equal(packed.localize(features).proposals, run.localize(features).proposals)
    assert (packed.name, packed.features, packed.params) == (run.name, run.features, run.params)
    assert packed.features.settings["params"]["window_samples"] == 128


def test_packing_twice_gives_the_same_bytes(project: Path) -> None:
    for name in ("one", "two"):
        find_run("exp").pack(Path(name))
    first, second = (
        {path.name: path.read_bytes() for path in Path(name).iterdir()} for name in ("one", "two")
    )
    assert first == second
    assert first.keys() == {"run.json", "model.json", "model.safetensors", "mapping.csv"}


def test_runs_are_found_by_name_and_by_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_run("exp").pack(Path("model/artifacts/run"))
    (project / "other").mkdir()
    monkeypatch.chdir(project / "other")
    for place in (
        "../results/exp",
        "../results/exp/seed-0",
        str(project / "results/exp"),
        "../model",
        "../model/artifacts/run",
    ):
        assert find_run(place).load().name == "exp.0"
    with pytest.raises(HcutalError, match=r"run 'exp': found none; .*there is none.*run\.json"):
        find_run("exp")
    with pytest.raises(HcutalError, match="there is exp\\.0"):
        find_run("epx", project)


def test_without_a_duration_a_recording_ends_with_its_last_snippet(run: TrainedRun) -> None:
    features = np.random.default_rng(1).normal(size=(50, 48)).astype(np.float32)
    found = run.localize(features).proposals
    assert found["start"].min() >= 0 and found["end"].max() <= 50 * 16 / 50
    shorter = run.localize(features, 5.0).proposals
    assert shorter["end"].max() <= 5.0


def test_another_spacing_stretches_the_times(run: TrainedRun) -> None:
    features = np.random.default_rng(1).normal(size=(50, 48)).astype(np.float32)
    once = run.localize(features).proposals
    slow = run.localize(features, times=replace(run.features.times, fps=25.0)).proposals
    np.testing.assert_allclose(slow[["start", "end"]], 2 * once[["start", "end"]], atol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fps": 25.0}, "here: fps is 25.0, the run was trained on 50.0"),
        ({"stride": 8}, "here: stride is 8, the run was trained on 16"),
        ({"snippet_frames": 8}, "here: snippet_frames is 8, the run was trained on 16"),
        ({"weights": "f" * 64}, f"here: weights is {'f' * 64}, the run was trained on {'0' * 64}"),
    ],
)
def test_other_features_are_refused_with_both_values(
    run: TrainedRun, change: dict[str, object], message: str
) -> None:
    form = run.features.model_copy(update={"weights": "0" * 64})
    with pytest.raises(HcutalError, match=message):
        form.check(form.model_copy(update=change), "here")
    form.check(form.model_copy(update={"weights": None}), "here")


def test_parts_that_do_not_fit_are_named(project: Path) -> None:
    sidecar = read_json("features/ds/features.json")
    write_json("features/ds/features.json", {**sidecar, "streams": {"rgb": 48}})
    with pytest.raises(
        HcutalError, match=r"streams are .*accelerometer.*, the features of the run have .*rgb"
    ):
        find_run("exp").load()
    with pytest.raises(HcutalError, match=r"streams are .*accelerometer"):
        find_run("exp").check()
    Path("results/exp/seed-0/map/mapping.csv").unlink()
    write_json("features/ds/features.json", sidecar)
    with pytest.raises(HcutalError, match=r"mapping\.csv: no such file"):
        find_run("exp").load()


def test_a_look_at_a_run_finds_what_is_missing_of_the_model(project: Path) -> None:
    assert find_run("exp").check() == 48
    folder = Path("results/exp/seed-0/train")
    description = read_json(folder / "model.json")
    write_json(folder / "model.json", {**description, "network": {"outputs": "three"}})
    with pytest.raises(HcutalError, match=r"model\.json: network\.outputs: found 'three'; expected a number"):
        find_run("exp").check()
    write_json(folder / "model.json", description)
    (folder / "model.safetensors").unlink()
    with pytest.raises(HcutalError, match=r"model\.safetensors: no such file"):
        find_run("exp").check()


def test_a_sidecar_may_say_more(project: Path) -> None:
    form = read_form(Path("features/ds"))
    assert isinstance(form, FeatureForm)
    assert not hasattr(form, "lengths")


def test_what_is_no_run_is_named(project: Path) -> None:
    find_run("exp").pack(Path("packed"))
    write_json("packed/run.json", {**read_json("packed/run.json"), "format": 2})
    with pytest.raises(HcutalError, match=r"run\.json.format: found 2"):
        find_run("packed")


def test_a_run_that_is_made_anew_is_no_run_yet_and_says_so(project: Path) -> None:
    records = Path(".hcutal/records")
    for kind in ("train", "map"):
        write_json(records / f"{kind}@exp.0.json", {})
    assert find_run("exp").load().name == "exp.0"
    # Trained anew, and not yet named.
    (records / "map@exp.0.json").unlink()
    with pytest.raises(
        HcutalError,
        match=r"mapping\.csv: of the training before; exp\.0 is being made anew, or was interrupted: "
        r"`hcutal run exp\.0` finishes it.*--run models:/hcutal-exp/1",
    ):
        find_run("exp")
    # Neither is done, and all is there of before.
    (records / "train@exp.0.json").unlink()
    assert find_run("exp").load().name == "exp.0"
    Path("results/exp/seed-0/train/model.json").unlink()
    with pytest.raises(HcutalError, match=r"model\.json: no such file; exp\.0 is being made anew"):
        find_run("exp")
