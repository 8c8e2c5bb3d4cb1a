"""The switches of the method, from the data to the page: every stage takes what training without a level leaves."""

import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hcutal.files import read_json, write_json
from hcutal.params.document import Experiment, load, resolve
from hcutal.stages import evaluate, features, map, prepare, propose, report, train

PROJECT = Path(__file__).resolve().parents[2]
OFF = {"video": False, "instance": False, "boundary": False}
SMALL = {"steps": 6, "batch": 6, "pairs": 2, "embedding": 8, "refresh": 3}
HEADS = {"hidden": 8, "warmup": 4, "restarts": 2, "pooling": "mean", "neighbours": {"count": 2}}
VARIANTS: dict[str, dict[str, Any]] = {
    "baseline": {"pseudo_labels": {"spectral": {}}, "levels": OFF},
    "kmeans": {"pseudo_labels": {"kmeans": {"scaling": {"whitened": 1.25}}}, "levels": {"video": False}},
    "agglomerative": {"pseudo_labels": {"agglomerative": {"scaling": "l2"}}, "joint": False},
    "estimated": {
        "pseudo_labels": {"kmeans": {}},
        "levels": {"video": False},
        "video": {"clusters": {"estimate": {"most": 3, "draws": 2}}},
    },
    "pieces": {
        "pieces": {"seconds": 6.0},
        "pseudo_labels": {"agglomerative": {}},
        "levels": {"video": False},
    },
    "horizontal": {"video": {"vertical": False}},
    "vertical": {"video": {"horizontal": False}},
    "separated": {"joint": False, "levels": {"instance": False}},
    "mapped": {"supervision": "mapped", "pseudo_labels": {"spectral": {}}, "levels": OFF},
    "weak": {"supervision": "weak", "levels": {"video": False, "boundary": False}},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated world with its features, and the parameters of an experiment a variant."""
    folder = tmp_path_factory.mktemp("switches")
    document = load(PROJECT / "params.yaml")
    data = document.datasets["simulated"].model_copy(
        update={
            "prepare": {"classes": 3, "train_videos": 12, "test_videos": 4, "train_multi": 2, "test_multi": 1}
            | {"dimensions": {"rgb": 5, "flow": 5}, "longest": 30.0},
            "train": {**SMALL, "video": {**HEADS, "clusters": 3}},
            "evaluate": {"bootstrap": None, "chance": {"draws": 1}},
            "report": {"timelines": 1, "dpi": 50},
        }
    )
    experiments = {
        name: Experiment.model_validate(
            {
                "dataset": "data",
                "supervision": values.get("supervision", "unsupervised"),
                "train": {key: value for key, value in values.items() if key != "supervision"},
            }
        )
        for name, values in VARIANTS.items()
    }
    changed = document.model_copy(update={"datasets": {"data": data}, "experiments": experiments})
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        write_json("resolved.json", resolve(changed, labels=folder / "labels"))
        prepare.run("data")
        features.run("data")
    return folder


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_goes_through_all_stages(
    name: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    for stage in (train, map, propose, evaluate, report):
        stage.run(f"{name}.0", "data")
    supervision = VARIANTS[name].get("supervision", "unsupervised")
    levels = {"video": True, "instance": True, "boundary": True} | VARIANTS[name].get("levels", {})
    trained = read_json(f"results/{name}/seed-0/train/metrics.json")
    assert ("instance" in trained, "boundary" in trained) == (levels["instance"], levels["boundary"])
    warms_up = levels["video"] and supervision != "weak"
    assert any(key.startswith("start/") for key in trained) == warms_up
    labels = pd.read_csv(f"results/{name}/seed-0/train/pseudo_labels.csv")
    assert labels["video"].nunique() == 12
    assert (len(labels) > 12) == (name == "pieces")
    # Only g_v is unsure of its clusters.
    soft = warms_up and "pseudo_labels" not in VARIANTS[name] and name != "horizontal"
    assert (labels["confidence"] == 1).all() != soft
    # Labels are of whole recordings.
    scored = supervision != "weak" and name != "pieces"
    assert ("ARI" in read_json(f"results/{name}/seed-0/map/metrics.json")) == scored
    assert "average_mAP" in read_json(f"results/{name}/seed-0/evaluate/metrics.json")
    page = Path(f"results/{name}/seed-0/report/report.html").read_text()
    assert re.search(r'id="training"', page)


@pytest.mark.parametrize("name", ["baseline", "estimated", "horizontal"])
def test_no_annotation_is_read_whatever_the_pseudo_labels_are_made_of(
    name: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)

    def outputs() -> dict[str, bytes]:
        train.run(f"{name}.0", "data")
        folder = Path(f"results/{name}/seed-0/train")
        return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    expected = outputs()
    kept = world / "kept"
    shutil.move("data/data", kept)
    try:
        for path in ("videos.csv", "supervision/unsupervised.json"):
            Path("data/data", path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(kept / path, Path("data/data", path))
        assert outputs() == expected
    finally:
        shutil.rmtree("data/data")
        shutil.move(kept, "data/data")
