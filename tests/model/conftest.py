from pathlib import Path

import numpy as np
import pytest

from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.params.train import TrainParams

CLASSES = 3


def tiny_features(seed: int = 0, videos: int = 24) -> dict[str, np.ndarray]:
    """Videos of 30 snippets; the class shows in snippets 10 to 19, the rest is background that all share."""
    rng = np.random.default_rng(seed)
    actions = 3 * np.eye(CLASSES, 6)
    features = {}
    for index in range(videos):
        values = rng.normal(0, 0.3, (30, 6))
        values[10:20] += actions[index % CLASSES]
        features[f"v{index:02d}"] = values.astype(np.float32)
    return features


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    with write_store(tmp_path / "store", "test", SnippetTimes(1.0, 1, 1)) as writer:
        for name, values in tiny_features().items():
            writer.add(name, {"a": values[:, :4], "b": values[:, 4:]})
    return FeatureStore(tmp_path / "store")


@pytest.fixture
def params() -> TrainParams:
    """Small and quick."""
    return TrainParams.model_validate(
        {
            "snippets": 30,
            "steps": 30,
            "batch": 12,
            "pairs": 3,
            "embedding": 16,
            "refresh": 10,
            "learning_rate": 0.01,
            "video": {
                "clusters": CLASSES,
                "hidden": 16,
                "warmup": 60,
                "restarts": 2,
                "learning_rate": 0.01,
                "pooling": "mean",
                "neighbours": {"count": 10},
                "components": 1.25,
            },
        }
    )
