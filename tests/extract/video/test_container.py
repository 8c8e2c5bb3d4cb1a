import re
from fractions import Fraction
from pathlib import Path

import pytest

from hcutal.doctor.raw_recordings import check_recordings
from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.extract.video.container import cut_short, probe
from tests.extract.video.videos import Pipe, numbered, write_sound, write_video

SHARED = Path(__file__).resolve().parents[3] / "../shared/data/videos"
IMAGES = [numbered(index) for index in range(50)]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mov", "mpeg4"),
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx"),
        ("a.avi", "mpeg4"),
        ("a.ts", "libx264"),
        ("a.flv", "flv"),
        ("a.wmv", "wmv2"),
        ("a.h264", "libx264"),
    ],
)
def test_duration_of_a_video(tmp_path: Path, name: str, codec: str) -> None:
    tick = {"flv": 1000}.get(codec, 25)
    path = write_video(tmp_path / name, IMAGES, codec=codec, tick=Fraction(1, tick))
    assert probe(path) == pytest.approx(2, abs=0.05)


def test_a_video_that_begins_late_lasts_as_long_as_its_pictures(tmp_path: Path) -> None:
    times = [3 + index / 25 for index in range(50)]
    for name in ("a.mp4", "a.mkv"):
        assert probe(write_video(tmp_path / name, IMAGES, times)) == pytest.approx(2)


def test_pictures_that_begin_after_the_sound_end_by_the_clock_of_the_file(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mkv"):
        late = write_video(tmp_path / name, IMAGES, [2 + index / 25 for index in range(50)], sound=4)
        assert probe(late) == pytest.approx(4, abs=0.01)


def test_a_streamed_recording_knows_no_duration_and_is_scanned(tmp_path: Path) -> None:
    pipe = Pipe()
    write_video(tmp_path / "live.mkv", IMAGES, target=pipe)
    (tmp_path / "live.mkv").write_bytes(pipe.content)
    assert probe(tmp_path / "live.mkv") == pytest.approx(2)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_film_that_was_cut_short_is_told_by_what_is_there(tmp_path: Path, name: str) -> None:
    images = [numbered(index) for index in range(150)]
    options = {"movflags": "faststart"} if name == "a.mp4" else {}
    path = write_video(tmp_path / name, images, codec="mpeg4", tick=Fraction(1, 25), **options)
    assert cut_short(path) == ""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert probe(path) == pytest.approx(6, abs=0.1)
    assert re.fullmatch(r"ends after [23][.\d]* s, and states 6(\.\d+)? s", cut_short(path))
    assert kinds_of(tmp_path) == ["too-few", "cut-short"]


def kinds_of(folder: Path) -> list[str]:
    """The kinds of problems that a check of films finds."""
    return [problem.kind for problem in check_recordings(folder, Recipe("i3d", {})).problems]


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"none.mp4: not a readable video \(No such file"):
        probe(tmp_path / "none.mp4")
    with pytest.raises(HcutalError, match="no rate; expected how many pictures a second"):
        probe(tmp_path)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(HcutalError, match=r"empty.mp4: is empty; expected a video"):
        probe(empty)
    text = tmp_path / "text.mp4"
    text.write_text("a recording\n" * 200)
    with pytest.raises(HcutalError, match=r"text.mp4: not a readable video \(Invalid data"):
        probe(text)


@pytest.mark.parametrize("cover", [False, True])
def test_sound_alone_is_refused_also_with_a_cover(tmp_path: Path, cover: bool) -> None:
    path = write_sound(tmp_path / "sound.mp4", cover)
    with pytest.raises(HcutalError, match=r"sound.mp4: no video stream"):
        probe(path)


def test_a_video_of_no_frames_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", IMAGES[:0], codec="mpeg4", size=(48, 64))
    with pytest.raises(HcutalError, match=r"a.avi: its video stream is empty; expected at least one frame"):
        probe(path)


def test_a_damaged_head_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(HcutalError, match=r"a.mp4: not a readable video"):
        probe(path)


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
def test_durations_of_real_videos() -> None:
    assert probe(SHARED / "v_ZNVhz7ctTq0.mp4") == pytest.approx(14.0)
    assert probe(SHARED / "v_GGSY1Qvo990.mp4") == pytest.approx(18.04, abs=0.02)
    assert probe(SHARED / "Diving/v_Diving_g01_c01.avi") == pytest.approx(259 * 1001 / 30000)
