"""Adding a folder of features to params.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcutal.data.problems import Findings
from hcutal.datasets.feature_folder import check_folder
from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.params.document import load, resolve
from hcutal.params.imported import ImportedPrepare
from hcutal.params.section import validate
from hcutal.pipeline.yaml import round_trip


def add_dataset(
    params_path: Path,
    name: str,
    root: Path,
    fps: float = 25.0,
    snippet_frames: int = 16,
    preset: str = "default",
    more: Mapping[str, Any] | None = None,
) -> Findings:
    """Add the folder `root` to params.yaml as data set and experiment; comments are kept.

    The data set says how many classes there are; all other sizes are those of the preset. more: other parameters of
    `ImportedPrepare`. All that is read of the folder is returned.

    Raises `HcutalError` when anything in the folder cannot be used or the name is taken; the file is then untouched.
    """
    prepare = {"fps": fps, "snippet_frames": snippet_frames, **(more or {})}
    params = validate(ImportedPrepare, prepare, "import features")
    document = load(params_path)
    for group in ("datasets", "experiments"):
        if name in getattr(document, group):
            raise HcutalError(f"{params_path}: {group}.{name} exists already; choose another name")
    folder = check_folder(root, params)
    folder.findings.refuse(root)
    assert folder.annotations is not None
    classes = folder.annotations.instances["label"].nunique()
    yaml = round_trip()
    values = yaml.load(params_path)
    values["datasets"][name] = {
        "kind": "features",
        "source": str(root.resolve()),
        "prepare": prepare,
        "train": {"video": {"clusters": max(2, classes)}},
    }
    values["experiments"][name] = {
        "dataset": name,
        "preset": preset,
        "seeds": [0],
        "supervision": "unsupervised",
    }
    with atomic_path(params_path) as temporary:
        yaml.dump(values, temporary)
        resolve(load(temporary), params_path)
    return folder.findings
