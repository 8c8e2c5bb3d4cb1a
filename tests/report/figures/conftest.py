"""Runs of four variants on a small data set, with networks that nobody trained."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from hcutal.data.annotations import Annotations, instance_table
from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.layout import RunPaths, features_dir
from hcutal.model.checkpoint import Localizer, save_model
from hcutal.model.network import HCUTAL, NetworkShape, initialise
from hcutal.params.top import TopParams
from hcutal.report.figures.compared import ComparedRuns
from hcutal.report.run_outputs import RunOutputs

SNIPPETS = 30
TRAINED = [f"train{number}" for number in range(12)]
# Snippets of a second: `one` and `two` have a class, `both` has two, `low` is found by nobody.
INSTANCES = [
    ("one", 5.0, 10.0, "run"),
    ("two", 5.0, 10.0, "run"),
    ("two", 20.0, 25.0, "run"),
    ("both", 2.0, 8.0, "run"),
    ("both", 15.0, 22.0, "jump"),
    ("low", 3.0, 9.0, "jump"),
]
TESTED = ["both", "low", "one", "two"]
FOUND = [
    ("one", 5.0, 10.0, "run", 0.9),
    ("two", 5.0, 10.0, "run", 0.9),
    ("both", 2.0, 8.0, "run", 0.8),
    ("low", 20.0, 25.0, "jump", 0.7),
    ("both", 24.0, 28.0, "walk", 0.6),
]
Make = Callable[..., ComparedRuns]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes the runs of some variants; `annotated`: whether test recordings and classes are known."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    with write_store(features_dir("toy"), "toy", SnippetTimes(1.0, 1, 1)) as store:
        for name in [*TRAINED, *TESTED]:
            store.add(name, {"rgb": rng.normal(size=(SNIPPETS, 4)).astype(np.float32)})

    def make_runs(
        variants: Sequence[str] = ("baseline", "full"), annotated: bool = True, **asked: Any
    ) -> ComparedRuns:
        return ComparedRuns({variant: _run(variant, annotated) for variant in variants}, **asked)

    return make_runs


def _run(variant: str, annotated: bool) -> RunOutputs:
    files = RunPaths.of(f"{variant}.0")
    network = HCUTAL(NetworkShape(4, 6, 3, 3, 5, shared=False))
    initialise(network, torch.Generator().manual_seed(len(variant)))
    save_model(files.model, Localizer(network, 10, TopParams(part=5), "unsupervised", None, {"rgb": 4}))
    rng = np.random.default_rng(len(variant))
    files.cas.parent.mkdir(parents=True, exist_ok=True)
    cas = {name: rng.random((SNIPPETS, 2)).astype(np.float32) for name in TESTED}
    np.savez(files.cas, allow_pickle=False, classes=np.array(["jump", "run"]), **cas)
    classic = {"spectral": {}} if variant in ("spectral", "baseline") else {"contrastive": {}}
    truth = Annotations(
        pd.DataFrame({"video": TESTED, "subset": "test", "duration": float(SNIPPETS)}),
        instance_table(INSTANCES),
    )
    pieces = [(name, 0.0, float(SNIPPETS), number % 3, 0.9) for number, name in enumerate(TRAINED)]
    return RunOutputs(
        run=f"{variant}.0",
        dataset="toy",
        settings={
            "train": {
                "pseudo_labels": classic,
                "video": {"feedback": True, "smooth": 3, "pooled_share": 0.2},
            },
            "evaluate": {"tiou": [0.5]},
            "report": {"segment_score": 0.3, "tiou": 0.5},
        },
        metrics={"train": {}},
        training=pd.DataFrame(),
        pseudo_labels=pd.DataFrame(pieces, columns=["video", "start", "end", "cluster", "confidence"]),
        mapping=[],
        labels={name: ["jump" if number % 2 else "run"] for number, name in enumerate(TRAINED)}
        if annotated
        else {},
        features=FeatureStore(features_dir("toy")).meta,
        proposals=pd.DataFrame(FOUND, columns=["video", "start", "end", "label", "score"]),
        cas_path=files.cas,
        truth=truth if annotated else None,
        per_class=pd.DataFrame(),
        diagnosis={},
        recordings={},
    )
