"""Every parameter of the train stage has an effect: another value changes what it should, from where it should on.

Curves are compared row by row: the first row that differs says at which step a parameter is used, and the columns that
differ there say in which loss.
"""

import csv
import json
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hcutal.cluster.estimate import estimate_clusters
from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.files import write_json
from hcutal.model.checkpoint import load_model
from hcutal.params.train import TrainParams
from hcutal.params.train_video import ClusterEstimate
from hcutal.stages.train import run
from tests.params.effects import Change, differing, nested, uncovered

# Steps 1 to 4 warm up, 5 to 10 are joint; before step 8 labels are refreshed. Weights move from step 7 on.
BASE: dict[str, Any] = {
    "snippets": 12,
    "steps": 6,
    "batch": 6,
    "pairs": 2,
    "embedding": 8,
    "refresh": 3,
    "weights.dynamic.period": 1,
    "video.clusters": 3,
    "video.hidden": 8,
    "video.warmup": 4,
    "video.restarts": 2,
    "video.pooling": "mean",
    "video.neighbours.count": 3,
    "video.components": 1.25,
    "video.learning_rate": 0.01,
}
REFRESH = 8
HORIZONTAL, VERTICAL = {"horizontal", "total"}, {"vertical", "total"}
VIDEO = HORIZONTAL | VERTICAL
CLASSES, INSTANCE, BOUNDARY = {"classification", "total"}, {"instance", "total"}, {"boundary", "total"}
LENGTHS = {"non_boundary", "total"}
LOCALIZER = CLASSES | INSTANCE | BOUNDARY | LENGTHS
WEIGHTS = {"weight_video", "weight_instance", "weight_boundary", "total"}
TOTAL = {"total"}
# By field: another value; the first step that differs and the columns that differ there; what the other fields are.
CHANGES: dict[str, Change] = {
    "seed": Change(1, (1, VIDEO)),
    "supervision": Change("weak", (1, (VIDEO | LOCALIZER | WEIGHTS) - {"weight_video"})),
    "sampling": Change("spread", (5, LOCALIZER)),
    "levels.video": Change(
        False, (1, (VIDEO | LOCALIZER | WEIGHTS) - {"weight_video"}), {"pseudo_labels.kmeans": {}}
    ),
    "levels.instance": Change(False, (5, INSTANCE | {"weight_instance"})),
    "levels.boundary": Change(False, (5, BOUNDARY | LENGTHS | {"weight_boundary"})),
    "pseudo_labels.spectral": Change({}, (5, LOCALIZER)),
    "pseudo_labels.agglomerative": Change({}, (5, LOCALIZER)),
    "pseudo_labels.kmeans": Change({}, (5, LOCALIZER)),
    **{
        # One direction for three clusters, or more.
        f"pseudo_labels.{source}.{key}": Change(
            value,
            (1, LOCALIZER),
            {"levels.video": False, "pseudo_labels": {source: {"scaling": {"whitened": 0.3}}}},
        )
        for source in ("spectral", "agglomerative", "kmeans")
        for key, value in {"scaling": "none", "scaling.whitened": 1.0}.items()
    },
    "joint": Change(False, (5, VIDEO | {"weight_video"})),
    "snippets": Change(10, (1, VIDEO)),
    "snippets.part": Change(1.0, (1, VIDEO), {"snippets": {"part": 0.8}}),
    "snippets.most": Change(10, (1, VIDEO), {"snippets": {"part": 1.0}}),
    "pieces": Change({"seconds": 7.0}, (1, VIDEO)),
    "pieces.seconds": Change(6.0, (1, VIDEO), {"pieces": {"seconds": 7.0}}),
    "pieces.pooled_share": Change(0.9, (REFRESH, VIDEO), {"pieces": {"seconds": 7.0}}),
    "pieces.overlap": Change(0.0, (1, VIDEO), {"pieces": {"seconds": 7.0}}),
    "steps": Change(7, (11, VIDEO | LOCALIZER | WEIGHTS | {"step"})),
    "passes": Change(2.0, (9, VIDEO | LOCALIZER | WEIGHTS | {"step"})),
    "batch": Change(8, (5, VIDEO | LOCALIZER)),
    "pairs": Change(1, (5, LOCALIZER)),
    "learning_rate": Change(0.01, (6, LOCALIZER)),
    "weight_decay": Change(0.1, (6, LOCALIZER)),
    "embedding": Change(9, (1, VIDEO)),
    "kernel": Change(1, (1, VIDEO)),
    "dropout": Change(0.1, (5, LOCALIZER)),
    "normalise": Change(False, (1, VIDEO)),
    "top.part": Change(2, (5, CLASSES | INSTANCE)),
    "top.count": Change(5, (5, CLASSES | INSTANCE), {"top": {"count": 2}}),
    "refresh": Change(4, (8, VIDEO)),
    "mapped_fraction": Change(1.0, (5, LOCALIZER), {"supervision": "mapped"}),
    "video.clusters": Change(4, (1, VIDEO)),
    "video.clusters.estimate.neighbours": Change(2, None, {"video.clusters": {"estimate": {}}}),
    "video.clusters.estimate.most": Change(2, None, {"video.clusters": {"estimate": {}}}),
    "video.clusters.estimate.draws": Change(3, None, {"video.clusters": {"estimate": {}}}),
    "video.clusters.estimate.steps": Change(0, None, {"video.clusters": {"estimate": {}}}),
    "video.horizontal": Change(False, (1, HORIZONTAL)),
    "video.vertical": Change(False, (1, VIDEO)),
    "video.hidden": Change(9, (1, VIDEO)),
    "video.shared": Change(True, (1, VIDEO)),
    "video.views": Change("halves", (1, VIDEO)),
    "video.pooling": Change("deviation", (1, VIDEO)),
    "video.pooled_share": Change(0.5, (8, VIDEO)),
    "video.smooth": Change(1, (8, VIDEO)),
    "video.components": Change(0.0, (1, VIDEO)),
    "video.noise": Change(0.1, (1, VIDEO)),
    "video.dropout": Change(0.5, (1, VIDEO)),
    "video.neighbours": Change(None, (1, VIDEO)),
    "video.neighbours.count": Change(2, (1, VERTICAL)),
    "video.neighbours.share": Change(0.5, (1, VERTICAL)),
    "video.tau_h": Change(0.5, (1, HORIZONTAL)),
    "video.tau_v": Change(0.5, (1, VERTICAL)),
    "video.entropy": Change(2.0, (1, VERTICAL)),
    "video.batch": Change(8, (1, VIDEO)),
    "video.learning_rate": Change(0.1, (2, VIDEO), {"video.restarts": 1}),
    "video.warmup": Change(5, (5, VIDEO | LOCALIZER | WEIGHTS), {"video.restarts": 1}),
    "video.restarts": Change(1, (1, VIDEO)),
    "video.feedback": Change(False, (8, VIDEO)),
    "instance.tau": Change(0.2, (5, INSTANCE)),
    "instance.scale": Change(1.0, (5, TOTAL)),
    "boundary.tau": Change(0.2, (5, BOUNDARY)),
    "boundary.q": Change(150.0, (5, LENGTHS)),
    "boundary.scale": Change(1.0, (5, TOTAL)),
    "boundary.easy": Change(2, (5, BOUNDARY | LENGTHS)),
    "boundary.hard": Change(4, (5, BOUNDARY)),
    "boundary.inner": Change(1, (5, BOUNDARY)),
    "boundary.outer": Change(3, (5, BOUNDARY), {"boundary.inner": 1, "boundary.hard": 4}),
    "weights.dynamic": Change({"temperature": 0.5, "period": 1}, (7, WEIGHTS)),
    "weights.dynamic.temperature": Change(0.5, (7, WEIGHTS)),
    "weights.dynamic.period": Change(2, (7, WEIGHTS)),
}
WITHOUT_EFFECT = {
    "checkpoints": "keeps states beside the results, which are the same; tests/stages/test_kept_states.py",
    "snippets.quantile": "the recordings here have one length; tests/stages/test_train.py looks at others",
    "device": "the results are the same up to rounding wherever they are computed",
    "pseudo_labels.contrastive": "is what the table starts from",
    "weights.equal": "says that nothing is weighted; tests/model/test_training.py looks at the weights",
    "threads": "another number changes the order of sums, in the last bits",
}
# What model.json has to say for the model to be applied to recordings.
DESCRIBED = {
    *(
        "supervision",
        "snippets",
        "snippets.part",
        "snippets.most",
        "top",
        "top.part",
        "top.count",
        "embedding",
        "kernel",
        "pieces",
        "pieces.seconds",
    ),
    *("video.clusters", "video.hidden", "video.shared", "video.components"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve videos of 14 snippets; three classes that show in the middle; every fourth video has two labels."""
    folder = tmp_path_factory.mktemp("train")
    videos = [f"v{index:02d}" for index in range(12)]
    rng = np.random.default_rng(0)
    with write_store(folder / "features/ds", "test", SnippetTimes(1.0, 1, 1)) as store:
        for index, video in enumerate(videos):
            values = rng.normal(0, 1, (14, 6)).astype(np.float32)
            values[4:9, index % 3] += 3
            store.add(video, {"a": values[:, :4], "b": values[:, 4:]})
    data = folder / "data/ds"
    data.mkdir(parents=True)
    table = pd.DataFrame({"video": videos, "subset": "train", "duration": 14.0})
    table.to_csv(data / "videos.csv", index=False)
    names = ["jump", "run", "swim"]
    labels = {v: sorted({names[i % 3], names[i % 3 - (i % 4 == 0)]}) for i, v in enumerate(videos)}
    for setting, known in {"unsupervised": None, "weak": labels, "mapped": labels}.items():
        write_json(data / f"supervision/{setting}.json", {"supervision": setting, "labels": known})
    return folder


def outputs(values: Mapping[str, Any]) -> dict[str, bytes]:
    """The bytes of each output of the stage with these parameters."""
    write_json("resolved.json", {"runs": {"exp": {"0": {"train": nested(BASE | values)}}}})
    run("exp.0", "ds")
    folder = Path("results/exp/seed-0/train")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def first_difference(before: dict[str, bytes], after: dict[str, bytes]) -> tuple[int, set[str]] | None:
    """The step of the first row of the curves that differs, and in which columns; None where none does."""
    old, new = (list(csv.DictReader(found["curves.csv"].decode().splitlines())) for found in (before, after))
    for step, rows in enumerate(zip_longest(old, new, fillvalue={}), start=1):
        # How many labels change at a refresh is a matter of the data.
        if columns := differing(*rows) - {"clusters", "relabelled"}:
            return step, columns & VIDEO if step == REFRESH else columns
    return None


def test_every_field_is_tried_or_has_a_reason() -> None:
    assert uncovered(TrainParams, CHANGES, WITHOUT_EFFECT) == []


@pytest.mark.parametrize("field", CHANGES)
def test_another_value_shows_where_it_should(
    field: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    change = CHANGES[field]
    before, after = outputs(change.base), outputs({**change.base, field: change.value})
    assert first_difference(before, after) == change.expected
    files = differing(before, after)
    assert "metrics.json" in files
    assert ("model.safetensors" in files) == (change.expected is not None)
    assert ("model.json" in files) == (field in DESCRIBED)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"seed": 4},
        {"video.components": 2.0},
        {"video.components": [0.5, 1.5]},
        {"video.clusters.estimate.draws": 5},
    ],
)
def test_the_number_of_clusters_is_estimated_as_the_other_parameters_say(
    values: dict[str, Any], world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    clusters = {"video.clusters": {"estimate": {"steps": 0}}}
    params = TrainParams.model_validate(nested(BASE | clusters | values))
    store = FeatureStore("features/ds")
    everything = np.concatenate([store.read(video) for video in store.videos])
    means = np.stack([store.read(video).mean(axis=0) for video in store.videos])
    assert isinstance(params.video.clusters, ClusterEstimate)
    estimate = params.video.clusters.estimate
    expected = estimate_clusters(
        (means - everything.mean(axis=0)) / everything.std(axis=0),
        estimate.neighbours,
        estimate.most,
        params.video.most_components,
        estimate.draws,
        params.seed,
    )
    metrics = json.loads(outputs({**clusters, **values})["metrics.json"])
    assert metrics["estimated_clusters"] == expected.clusters
    assert metrics["estimated_clusters/fewest"] == expected.fewest
    assert metrics["estimated_clusters/most"] == expected.most
    assert metrics["start/directions"] == round(params.video.most_components * expected.clusters)
    for clusters, value in expected.stability.items():
        assert metrics[f"stability/{clusters}"] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("supervision", ["unsupervised", "weak", "mapped"])
def test_a_model_says_how_it_was_trained(
    supervision: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    outputs({"supervision": supervision, "top": {"part": 3}, "snippets": 13})
    model = load_model("results/exp/seed-0/train")
    assert (model.supervision, model.top.part, model.snippets) == (supervision, 3, 13)
    assert model.streams == {"a": 4, "b": 2}
    assert (model.classes is None) == (supervision == "unsupervised")
