"""Film strips: the right frames, the right way up, from files in any state."""

import base64
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.report.thumbnails import HEIGHT, WIDTH, Strip, film_strips
from tests.extract.video.videos import Image, number_of, numbered, write_sound, write_video

# Twice as long as what is decoded rather than skipped.
LONG = 250


def pictures(strip: Strip, count: int = 3) -> list[Image]:
    image = cv2.imdecode(np.frombuffer(strip.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (HEIGHT, WIDTH, 3)
    return np.split(np.ascontiguousarray(image[:, :, ::-1]), count, axis=1)


def numbers(strip: Strip) -> list[int]:
    return [number_of(picture) for picture in pictures(strip)]


def write_numbers(path: Path, count: int = LONG, **options: object) -> Path:
    return write_video(path, [numbered(number) for number in range(count)], **options)  # type: ignore[arg-type]


def expected(span: tuple[float, float]) -> list[int]:
    """The frames that are shown in the middle of the thirds, at 25 a second."""
    start, end = span
    middles = [start + (end - start) * part for part in (1 / 6, 3 / 6, 5 / 6)]
    return [min(int(25 * time + 1e-6), LONG - 1) for time in middles]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx264"),
        ("a.avi", "mpeg4"),
        ("a.ts", "libx264"),
        ("a.webm", "libvpx-vp9"),
    ],
)
def test_frames_of_each_span_in_any_order(tmp_path: Path, name: str, codec: str) -> None:
    speed = {"deadline": "realtime", "cpu-used": "8"} if codec == "libvpx-vp9" else {}
    path = write_numbers(tmp_path / name, codec=codec, codec_options=speed)
    spans = [(8.0, 9.53), (0.0, 0.6), (0.3, 9.7), (8.0, 9.53), (2.02, 2.22)]
    assert [numbers(strip) for strip in film_strips(path, spans)] == [expected(span) for span in spans]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_pictures_that_begin_after_the_sound_are_in_their_place(tmp_path: Path, name: str) -> None:
    path = write_numbers(tmp_path / name, 50, times=[2 + index / 25 for index in range(50)], sound=4)
    assert [numbers(strip) for strip in film_strips(path, [(2.0, 2.6), (0.0, 0.6)])] == [
        expected((0.0, 0.6)),
        [0, 0, 0],
    ]


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "a.mp4", 50)
    alone, (_, after) = film_strips(path, [(1.0, 1.5)]), film_strips(path, [(0.0, 0.5), (1.0, 1.5)])
    assert alone == film_strips(path, [(1.0, 1.5)]) == [after]
    assert base64.b64decode(after.uri.removeprefix("data:image/jpeg;base64,")) == after.jpeg


def test_beyond_the_end_it_is_the_last_frame(tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "a.mp4", 30)
    assert [numbers(strip) for strip in film_strips(path, [(1.0, 2.5), (50.0, 60.0)])] == [
        [29, 29, 29],
        [29, 29, 29],
    ]
    (only,) = film_strips(write_numbers(tmp_path / "b.mp4", 1), [(0.0, 0.1)])
    assert numbers(only) == [0, 0, 0]


def test_a_still_picture_stays_until_the_next_one(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [numbered(n) for n in range(4)], times=[0.0, 0.1, 7.0, 9.0])
    (strip,) = film_strips(path, [(0.0, 9.6)])
    assert numbers(strip) == [1, 1, 2]


def test_a_video_that_begins_late_counts_from_its_first_frame(tmp_path: Path) -> None:
    times = [3 + number / 25 for number in range(50)]
    path = write_video(tmp_path / "a.mkv", [numbered(n) for n in range(50)], times=times)
    (strip,) = film_strips(path, [(0.5, 1.1)])
    assert numbers(strip) == [15, 20, 25]


def test_before_the_first_frame_it_is_that_one(tmp_path: Path) -> None:
    times = [0.4 + number / 25 for number in range(50)]
    path = write_video(tmp_path / "a.avi", [numbered(n) for n in range(50)], times=times, codec="mpeg4")
    assert [numbers(strip) for strip in film_strips(path, [(0.0, 0.3), (0.3, 1.5)])] == [
        [0, 0, 0],
        [2, 12, 22],
    ]


# The display matrices of ffmpeg: as it lies, and a quarter turn clockwise.
QUARTER = [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30]


def halves(height: int, width: int) -> Image:
    """White above, black below."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2] = 255
    return image


def test_an_upright_video_has_five_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [halves(96, 54)] * 25)
    (strip,) = film_strips(path, [(0.0, 1.0)])
    for picture in pictures(strip, 5):
        assert picture[: HEIGHT // 2 - 8, 4:].min() > 200 and picture[HEIGHT // 2 + 8 :, 4:].max() < 50


def test_a_turned_video_stands_as_a_player_shows_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [halves(54, 96)] * 25, matrix=QUARTER)
    (strip,) = film_strips(path, [(0.0, 1.0)])
    for picture in pictures(strip, 5):
        # What was above is on the right now.
        assert picture[:, 60:].min() > 200 and picture[:, 6:36].max() < 50


@pytest.mark.parametrize(("size", "kept"), [((48, 128), 0.5), ((96, 96), 1.0)])
def test_a_picture_of_other_proportions_loses_its_rims(
    tmp_path: Path, size: tuple[int, int], kept: float
) -> None:
    ramp = np.linspace(0, 255, size[1], dtype=np.uint8)[:, None]
    path = write_video(tmp_path / "a.mp4", [np.broadcast_to(ramp, (*size, 3)).copy()] * 5)
    (strip,) = film_strips(path, [(0.0, 0.2)])
    grey = pictures(strip)[0][:, :, 0].mean(axis=0)
    assert grey[[2, -3]] == pytest.approx([127.5 * (1 - kept), 127.5 * (1 + kept)], abs=8)


def test_what_is_damaged_in_the_midst_is_left_out(tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "a.mp4", 200)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    path.write_bytes(bytes(content))
    first, last = film_strips(path, [(0.0, 1.2), (7.0, 7.6)])
    assert (numbers(first), numbers(last)) == ([5, 15, 25], [177, 182, 187])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"a\.mp4: not a readable video \(No such file or directory\)"),
        (b"", r"a\.mp4: is empty; expected a video"),
        (b"nonsense" * 100, r"a\.mp4: not a readable video"),
    ],
)
def test_a_file_that_is_no_video_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HcutalError, match=message):
        film_strips(path, [(0.0, 1.0)])


def test_sound_and_bare_streams_have_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"a\.mp4: no video stream"):
        film_strips(write_sound(tmp_path / "a.mp4"), [(0.0, 1.0)])
    with pytest.raises(HcutalError, match=r"a\.h264: cannot be sought by time"):
        film_strips(write_numbers(tmp_path / "a.h264", 20), [(0.0, 1.0)])


def test_without_spans_there_are_no_strips(tmp_path: Path) -> None:
    spans: Sequence[tuple[float, float]] = []
    assert film_strips(write_numbers(tmp_path / "a.mp4", 5), spans) == []
