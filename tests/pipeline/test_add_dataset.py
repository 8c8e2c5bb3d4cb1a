from pathlib import Path

import pytest
from ruamel.yaml import YAML

from hcutal.errors import HcutalError
from hcutal.params.document import load, resolve
from hcutal.pipeline.add_dataset import add_dataset

PARAMS = """\
# The parameters.
train: {boundary: {q: null}}  # all defaults
datasets:
  watch: {kind: watch}
presets:
  default: {}
  paper: {}
experiments:
  # The first.
  watch: {dataset: watch, preset: default, supervision: unsupervised}
"""


def test_a_data_set_is_added_and_comments_stay(features_root: Path, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PARAMS)
    add_dataset(path, "mine", features_root, fps=30.0, snippet_frames=8, preset="paper")
    text = path.read_text()
    assert "{q: null}" in text
    for comment in ("# The parameters.", "# all defaults", "# The first."):
        assert comment in text
    values = YAML(typ="safe").load(path)
    assert values["datasets"]["mine"] == {
        "kind": "features",
        "source": str(features_root),
        "prepare": {"fps": 30.0, "snippet_frames": 8},
        "train": {"video": {"clusters": 2}},
    }
    assert load(path).experiments["mine"].preset == "paper"


def test_a_data_set_changes_none_of_the_sizes_of_a_preset(features_root: Path, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PARAMS.replace("paper: {}", "paper: {train: {snippets: 750, embedding: 2048}}"))
    for name, preset in (("mine", "default"), ("printed", "paper")):
        add_dataset(path, name, features_root, preset=preset)
    resolved = resolve(load(path))["experiments"]
    plain = resolved["watch"]["train"]
    mine, printed = resolved["mine"]["train"], resolved["printed"]["train"]
    assert mine == {**plain, "video": {**plain["video"], "clusters": 2}}
    assert (printed["snippets"], printed["embedding"]) == (750, 2048)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("watch", r"datasets\.watch exists already; choose another name"),
        ("My set", "found the name 'My set'"),
    ],
)
def test_a_name_that_cannot_be_added(features_root: Path, tmp_path: Path, name: str, message: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PARAMS)
    with pytest.raises(HcutalError, match=message):
        add_dataset(path, name, features_root)
    assert path.read_text() == PARAMS


def test_a_folder_that_does_not_fit_is_not_added(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PARAMS)
    with pytest.raises(HcutalError, match="no such folder"):
        add_dataset(path, "mine", tmp_path / "none")
    assert path.read_text() == PARAMS
