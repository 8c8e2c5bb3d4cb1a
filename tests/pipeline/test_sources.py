"""Raw data outside of the project as a dependency: what is noticed, and what is read again."""

import os
from pathlib import Path

import pytest

from hcutal import hashes
from hcutal.files import read_json
from hcutal.pipeline.sources import source_digests


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.npy").write_bytes(b"first")
    (folder / "deep/b.npy").write_bytes(b"second")
    return folder


def digest(raw: Path, root: Path) -> str | None:
    return source_digests({"mine": {"source": str(raw), "features": {}}}, root)["sources"]["mine"]


def test_a_file_exchanged_for_one_of_the_same_size_and_name_is_noticed(raw: Path, tmp_path: Path) -> None:
    before = digest(raw, tmp_path)
    (raw / "a.npy").write_bytes(b"other")
    assert digest(raw, tmp_path) != before


@pytest.mark.parametrize("change", ["add", "remove", "rename", "swap"])
def test_changed_names_are_noticed(raw: Path, tmp_path: Path, change: str) -> None:
    before = digest(raw, tmp_path)
    if change == "add":
        (raw / "c.npy").touch()
    elif change == "remove":
        (raw / "a.npy").unlink()
    elif change == "rename":
        (raw / "a.npy").rename(raw / "c.npy")
    else:
        (raw / "a.npy").write_bytes(b"second")
        (raw / "deep/b.npy").write_bytes(b"first")
    assert digest(raw, tmp_path) != before


def test_touched_copied_and_hidden_files_change_nothing(raw: Path, tmp_path: Path) -> None:
    before = digest(raw, tmp_path)
    os.utime(raw / "a.npy", (1, 1))
    (raw / ".cache").mkdir()
    (raw / ".cache/x").touch()
    assert digest(raw, tmp_path) == before
    raw.rename(tmp_path / "elsewhere")
    assert digest(tmp_path / "elsewhere", tmp_path) == before


def test_what_is_known_is_not_read_again(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = hashes.content_digest
    monkeypatch.setattr(hashes, "content_digest", lambda path: read.append(path.name) or real(path))
    digest(raw, tmp_path)
    assert sorted(read) == ["a.npy", "b.npy"]
    digest(raw, tmp_path)
    assert len(read) == 2
    (raw / "a.npy").write_bytes(b"changed")
    digest(raw, tmp_path)
    assert read[2:] == ["a.npy"]


def test_a_damaged_memory_is_made_anew(raw: Path, tmp_path: Path) -> None:
    before = digest(raw, tmp_path)
    (tmp_path / ".hcutal/hashes.json").write_text("{")
    assert digest(raw, tmp_path) == before
    assert len(read_json(tmp_path / ".hcutal/hashes.json")) == 2


def test_a_name_that_is_no_utf8_counts_like_others(raw: Path, tmp_path: Path) -> None:
    before = digest(raw, tmp_path)
    odd = Path(os.fsdecode(os.fsencode(raw) + b"/\xff.npy"))
    odd.write_bytes(b"odd")
    found = digest(raw, tmp_path)
    assert found != before
    assert digest(raw, tmp_path) == found
    odd.write_bytes(b"ood")
    assert digest(raw, tmp_path) != found


def test_raw_data_that_is_away_and_data_that_is_built_in(tmp_path: Path) -> None:
    datasets = {
        "mine": {"source": str(tmp_path / "gone"), "features": {}},
        "watch": {"source": None, "features": {}},
    }
    assert source_digests(datasets, tmp_path)["sources"] == {"mine": None, "watch": "built-in"}


def test_weights_that_parameters_name_are_known_by_their_content(tmp_path: Path) -> None:
    flow = tmp_path / "flow.pt"

    def digest() -> str | None:
        features = {"extractor": "i3d", "i3d": {"weights": {"rgb": None, "flow": str(flow)}}}
        return source_digests({"mine": {"source": None, "features": features}}, tmp_path)["weights"]["mine"]

    assert digest() is None
    flow.write_bytes(b"one")
    before = digest()
    flow.write_bytes(b"two")
    assert None is not digest() != before
    none = {"i3d": {"weights": {"rgb": None, "flow": None}}}
    found = source_digests({"mine": {"source": None, "features": none}}, tmp_path)
    assert found["weights"] == {"mine": "built-in"}
