"""Nothing half-written is left, also where a file is written into a folder that is being made."""

from pathlib import Path

import pytest

from hcutal.files import atomic_path, write_json


def test_what_is_written_into_a_folder_in_the_making_comes_and_goes_with_it(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    with atomic_path(target) as folder:
        folder.mkdir()
        write_json(folder / "inner" / "one.json", 1)
        assert not target.exists()
    assert [path.name for path in target.rglob("*")] == ["inner", "one.json"]
    with pytest.raises(ValueError), atomic_path(target) as folder:
        folder.mkdir()
        write_json(folder / "two.json", 2)
        raise ValueError
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert not (target / "two.json").exists()


def test_beside_such_a_folder_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "folder") as folder:
        folder.mkdir()
        with pytest.raises(ValueError), atomic_path(tmp_path / "other") as path:
            path.write_text("half")
            raise ValueError
        assert not (tmp_path / "other").exists()
