from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.extract.find import find_recordings


def test_names_suffixes_and_folders(tmp_path: Path) -> None:
    paths = [
        "a.mp4",
        "sub/b.MP4",
        "sub/c.txt",
        "cam1/x.mp4",
        "cam2/x.mp4",
        ".hidden/d.mp4",
        "e.mp4/inner.avi",
    ]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    found = find_recordings(tmp_path, {".mp4"})
    assert list(found) == ["a", "b", "cam1__x.mp4", "cam2__x.mp4"]
    assert found["b"] == tmp_path / "sub/b.MP4"


def test_a_file_that_cannot_be_looked_at_is_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.mp4").touch()

    def refused(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refused)
    assert list(find_recordings(tmp_path, {".mp4"})) == ["a"]


def test_no_folder_and_no_recording(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"gone: no such folder"):
        find_recordings(tmp_path / "gone", {".mp4"})
    with pytest.raises(HcutalError, match=r"no recording; expected files that end in \.avi, \.mp4"):
        find_recordings(tmp_path, {".mp4", ".avi"})


def test_names_as_macos_writes_them_are_composed(tmp_path: Path) -> None:
    (tmp_path / "e\u0301_1.mp4").touch()
    assert list(find_recordings(tmp_path, {".mp4"})) == ["\u00e9_1"]
    (tmp_path / "\u00e9_1.mp4").touch()
    with pytest.raises(HcutalError, match="differ in their Unicode form or blanks alone; rename one"):
        find_recordings(tmp_path, {".mp4"})
