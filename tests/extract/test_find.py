from collections import Counter
from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.extract.find import find_recordings, look_into, numbered_files
from hcutal.files import content_digest
from hcutal.hashes import KnownDigests


def touch(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def test_names_suffixes_and_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "sub/b.MP4", "sub/c.txt", ".hidden/d.mp4", "e.mp4/inner.avi")
    found = find_recordings(tmp_path, {".mp4"})
    assert list(found) == ["a", "b"]
    assert found["b"] == tmp_path / "sub/b.MP4"
    assert list(find_recordings(tmp_path, {".mp4"}, by_path=True)) == ["a", "sub__b"]


def test_no_other_file_changes_a_name_and_two_of_one_name_are_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "cam1/x.mp4", "y.mp4")
    assert list(find_recordings(tmp_path, {".mp4"})) == ["x", "y"]
    touch(tmp_path, "cam2/x.mp4")
    with pytest.raises(
        HcutalError, match=r"cam2/x.mp4 and .*cam1/x.mp4 are both called 'x'; .*new --names path"
    ):
        find_recordings(tmp_path, {".mp4"})
    assert list(find_recordings(tmp_path, {".mp4"}, by_path=True)) == ["cam1__x", "cam2__x", "y"]
    touch(tmp_path, "y.avi")
    with pytest.raises(HcutalError, match=r"are both called 'y'; rename one$"):
        find_recordings(tmp_path, {".mp4", ".avi"}, by_path=True)


def test_what_is_not_taken_is_counted_and_linked_folders_are_named(tmp_path: Path) -> None:
    touch(tmp_path / "mine", "a.mp4", "b.gif", "sub/c.gif", "notes", ".hidden.gif")
    touch(tmp_path / "elsewhere", "d.mp4")
    (tmp_path / "mine/more").symlink_to(tmp_path / "elsewhere")
    found = look_into(tmp_path / "mine", {".mp4"})
    assert list(found.files) == ["a"]
    assert found.passed_over == Counter({".gif": 2, "without suffix": 1})
    assert found.linked == [tmp_path / "mine/more"]


def test_a_folder_of_files_that_differ_in_their_number_is_a_recording(tmp_path: Path) -> None:
    touch(tmp_path, *(f"walk/frame_{number}.png" for number in (1, 2, 10)), "run/0001.jpg", "run/0002.jpg")
    found = find_recordings(tmp_path, {".mp4"}, (".png", ".jpg"))
    assert found == {"run": tmp_path / "run", "walk": tmp_path / "walk"}
    names = [path.name for path in numbered_files(tmp_path / "walk", [".png"])]
    assert names == ["frame_1.png", "frame_2.png", "frame_10.png"]
    assert list(find_recordings(tmp_path / "walk", {".mp4"}, (".png",))) == ["walk"]
    # Pictures of two kinds, one picture, and pictures beside films are none.
    touch(tmp_path, "walk/title_1.png", "run/film.mp4", "one/1.png")
    found = look_into(tmp_path, {".mp4"}, (".png", ".jpg")).files
    assert list(found) == ["film"]


def test_the_content_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "walk"
    touch(folder, "1.png", "2.png", ".hidden")
    before = content_digest(folder)
    assert KnownDigests(tmp_path).of(folder) == before
    (folder / ".hidden").write_text("nothing that counts")
    assert content_digest(folder) == before
    (folder / "2.png").write_text("another")
    after = content_digest(folder)
    assert after != before and KnownDigests(tmp_path).of(folder) == after
    (folder / "2.png").rename(folder / "3.png")
    assert content_digest(folder) not in (before, after)


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
    with pytest.raises(
        HcutalError, match=r"no recording; found no file; expected files that end in \.avi, \.mp4"
    ):
        find_recordings(tmp_path, {".mp4", ".avi"})


def test_names_as_macos_writes_them_are_composed(tmp_path: Path) -> None:
    (tmp_path / "e\u0301_1.mp4").touch()
    assert list(find_recordings(tmp_path, {".mp4"})) == ["\u00e9_1"]
    (tmp_path / "\u00e9_1.mp4").touch()
    with pytest.raises(HcutalError, match="are both called '\u00e9_1'; rename one"):
        find_recordings(tmp_path, {".mp4"})
