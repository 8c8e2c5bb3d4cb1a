"""Adding a folder of features to params.yaml."""

from pathlib import Path

from hcutal.datasets.imported import read_root
from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.params.document import load, resolve
from hcutal.pipeline.yaml import round_trip


def add_dataset(
    params_path: Path,
    name: str,
    root: Path,
    fps: float = 25.0,
    snippet_frames: int = 16,
    preset: str = "default",
) -> None:
    """Add the folder `root` to params.yaml as data set and experiment; comments are kept.

    The data set says how many classes there are; all other sizes are those of the preset.

    Raises `HcutalError` when the folder does not have the layout or the name is taken; the file is then
    untouched.
    """
    classes = read_root(root).annotations.instances["label"].nunique()
    document = load(params_path)
    for group in ("datasets", "experiments"):
        if name in getattr(document, group):
            raise HcutalError(f"{params_path}: {group}.{name} exists already; choose another name")
    yaml = round_trip()
    values = yaml.load(params_path)
    values["datasets"][name] = {
        "kind": "features",
        "source": str(root.resolve()),
        "prepare": {"fps": fps, "snippet_frames": snippet_frames},
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
