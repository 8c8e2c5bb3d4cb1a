"""What several tests share."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

# Two cores, and tests beside each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What extracts does so in its own process, where nothing else is said.
os.environ["HCUTAL_CORES"] = "1"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


@pytest.fixture
def features_root(tmp_path: Path) -> Path:
    """A folder in the layout of the field: three videos, two streams, one class."""
    folder = tmp_path / "mine"
    rng = np.random.default_rng(0)
    database = {}
    for subset, videos in {"train": ["v1", "v2"], "test": ["v3"]}.items():
        for video in videos:
            for stream, size in (("rgb", 4), ("flow", 3)):
                path = folder / "features" / subset / stream / f"{video}.npy"
                path.parent.mkdir(parents=True, exist_ok=True)
                np.save(path, rng.normal(size=(10, size)).astype(np.float32))
            record = {"segment": ["1.0", "2.5"], "label": "Dive"}
            database[video] = {"subset": subset, "annotations": [record]}
        (folder / f"split_{subset}.txt").write_text("\n".join(videos) + "\n")
    (folder / "gt.json").write_text(json.dumps({"database": database}))
    return folder
