import gc
import itertools
import logging
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.extract.video.browsers import browsers_play
from hcutal.extract.video.clock import TOLERANCE
from hcutal.extract.video.container import frame_rate, probe
from hcutal.extract.video.decode import frames
from hcutal.extract.video.numbered_pictures import AT_ONCE
from tests.extract.video.videos import Image, number_of, numbered, write_sound, write_video

SHARED = Path(__file__).resolve().parents[3] / "../shared/data/videos"
IMAGES = [numbered(index) for index in range(60)]


def read(
    path: Path, fps: float = 25.0, shorter: int = 48, max_lost: float = 0.1, threads: int = 1
) -> list[Image]:
    return list(frames(path, fps, shorter, max_lost, threads))


def numbers(path: Path, fps: float = 25.0, **settings: float) -> list[int]:
    return [number_of(image) for image in read(path, fps, **settings)]


def slow_reference(times: list[float], fps: float, count: int) -> list[int]:
    """By looking at all frames for each time."""
    return [
        max(index for index, time in enumerate(times) if time - times[0] <= k / fps + TOLERANCE)
        for k in range(count)
    ]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx"),
        ("a.ts", "libx264"),
        ("a.h264", "libx264"),
    ],
)
def test_a_video_of_the_same_rate_comes_out_frame_by_frame(tmp_path: Path, name: str, codec: str) -> None:
    path = write_video(tmp_path / name, IMAGES, codec=codec, tick=Fraction(1, 25))
    assert numbers(path) == list(range(60))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.flv"])
@pytest.mark.parametrize("rate", [10, 24, 30, 50, 60])
def test_another_rate_is_resampled(tmp_path: Path, name: str, rate: int) -> None:
    times = [index / rate for index in range(60)]
    codec, tick = ("flv", Fraction(1, 1000)) if name == "a.flv" else ("libx264", Fraction(1, 90_000))
    path = write_video(tmp_path / name, IMAGES, times, codec=codec, tick=tick, rate=rate)
    found = numbers(path)
    assert len(found) == math.ceil(60 * 25 / rate)
    assert found == slow_reference(times, 25, len(found))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_variable_rate_is_resampled_by_timestamp(tmp_path: Path, name: str, seed: int) -> None:
    # Steps of 4 to 200 ms and one long still, from a late start.
    steps = np.random.default_rng(seed).integers(1, 51, 59) * 0.004
    steps[30] = 1.5
    times = (0.7 + np.concatenate([[0], np.cumsum(steps)])).round(3).tolist()
    codec = "libvpx" if name == "a.webm" else "libx264"
    path = write_video(tmp_path / name, IMAGES, times, codec=codec, tick=Fraction(1, 1000))
    found = numbers(path)
    assert found == slow_reference(times, 25, len(found))
    assert len(found) / 25 == pytest.approx(times[-1] - times[0], abs=0.25)
    assert found.count(30) in (37, 38)


def test_files_put_together_are_read_to_the_end(tmp_path: Path) -> None:
    parts = [
        write_video(tmp_path / f"{index}.ts", IMAGES[start : start + 30], tick=Fraction(1, 25))
        for index, start in enumerate((0, 30))
    ]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert numbers(path) == list(range(60))


def test_repeated_frames_are_the_same_object(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES[:3], [0, 0.04, 0.12])
    found = read(path)
    assert found[1] is found[2]
    assert found[0] is not found[1]


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_reading_begins_at_any_frame(tmp_path: Path, codec: str) -> None:
    # Upside down, and with pictures that are held.
    matrix = [-(1 << 16), 0, 0, 0, -(1 << 16), 0, 0, 0, 1 << 30]
    times = [index / 10 + (index > 20) for index in range(30)]
    pix_fmt = "yuv420p" if codec == "libx264" else "yuvj420p"
    path = write_video(
        tmp_path / "a.mkv",
        IMAGES[:30],
        times,
        codec=codec,
        pix_fmt=pix_fmt,
        matrix=matrix,
        tick=Fraction(1, 1000),
    )
    whole = read(path)
    for first in (1, 2, 7, 51, 60, 75, len(whole) - 1, len(whole), len(whole) + 5):
        rest = list(frames(path, 25.0, 48, 0.1, first=first))
        np.testing.assert_array_equal(rest, whole[first:])


def test_one_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES[7:8])
    assert numbers(path) == [7]


# Where a point (x, y) goes: (a x + c y, b x + d y), as (a, b, c, d); beside it the same in NumPy's words.
ORIENTATIONS: list[tuple[tuple[int, int, int, int], Callable[[Image], Image]]] = [
    ((1, 0, 0, 1), lambda image: image),
    ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
    ((0, -1, 1, 0), lambda image: np.rot90(image, 1)),
    ((-1, 0, 0, 1), np.fliplr),
    ((1, 0, 0, -1), np.flipud),
    ((0, 1, 1, 0), lambda image: image.swapaxes(0, 1)),
    ((0, -1, -1, 0), lambda image: np.rot90(image, 2).swapaxes(0, 1)),
]


@pytest.mark.parametrize(("turn", "expected"), ORIENTATIONS)
def test_the_display_matrix_is_honoured(
    tmp_path: Path, turn: tuple[int, int, int, int], expected: Callable[[Image], Image]
) -> None:
    image = numbered(0b0010_1011)
    a, b, c, d = (value << 16 for value in turn)
    path = write_video(tmp_path / "a.mp4", [image], matrix=[a, b, 0, c, d, 0, 0, 0, 1 << 30])
    (found,) = read(path)
    assert found.shape == expected(image).shape
    assert found.flags["C_CONTIGUOUS"]
    assert np.abs(found.astype(int) - expected(image)).mean() < 8


@pytest.mark.parametrize(("height", "width"), [(48, 64), (64, 48), (96, 96), (47, 63), (24, 100)])
def test_the_shorter_side_is_resized_and_the_proportions_kept(
    tmp_path: Path, height: int, width: int
) -> None:
    image = np.full((height, width, 3), 90, dtype=np.uint8)
    path = write_video(tmp_path / "a.mkv", [image], codec="ffv1", pix_fmt="bgr0")
    (found,) = read(path, shorter=32)
    scale = 32 / min(height, width)
    assert found.shape == (round(height * scale), round(width * scale), 3)
    assert found.dtype == np.uint8


@pytest.mark.parametrize(
    "pix_fmt", ["yuv420p10le", "yuva420p", "yuv444p", "yuv422p", "gray", "bgr0", "yuv420p"]
)
def test_any_pixel_format_becomes_rgb(tmp_path: Path, pix_fmt: str) -> None:
    image = np.full((48, 64, 3), (200, 200, 200) if pix_fmt == "gray" else (200, 100, 50), dtype=np.uint8)
    path = write_video(tmp_path / "a.mkv", [image], codec="ffv1", pix_fmt=pix_fmt)
    (found,) = read(path)
    assert np.abs(found.astype(int) - image).max() <= 3


def test_interlaced_video_is_read(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES[:20], codec_options={"x264-params": "tff=1"})
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).interlaced_frame
    assert numbers(path) == list(range(20))


def noisy(count: int) -> list[Image]:
    """Pictures that say their number, all about equally hard to compress."""
    rng = np.random.default_rng(0)
    grain = rng.integers(0, 60, (count, 48, 64, 3))
    return [np.clip(numbered(i) * 0.7 + grain[i], 0, 255).astype(np.uint8) for i in range(count)]


def damaged(path: Path, start: float, share: float) -> Path:
    """The file with a stretch of its bytes overwritten; the index stands at its beginning."""
    content = bytearray(path.read_bytes())
    first, count = int(len(content) * start), int(len(content) * share)
    noise = np.random.default_rng(1).integers(0, 256, count, dtype=np.uint8)
    content[first : first + count] = noise.tobytes()
    path.write_bytes(content)
    return path


def test_a_few_damaged_packets_are_left_out_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = damaged(write_video(tmp_path / "a.mp4", noisy(60), movflags="faststart"), 0.5, 0.02)
    with caplog.at_level(logging.WARNING):
        found = numbers(path)
    assert len(found) == 60
    assert found[:20] == list(range(20))
    assert found[-10:] == list(range(50, 60))
    assert "a.mp4: " in caplog.text
    assert "of 60 packets are damaged" in caplog.text


def test_a_video_with_much_damage_is_refused(tmp_path: Path) -> None:
    path = damaged(write_video(tmp_path / "a.mp4", noisy(60), movflags="faststart"), 0.3, 0.6)
    with pytest.raises(HcutalError, match=r"a.mp4: \d+ of 60 packets are damaged.*at most 10% \(max_lost\)"):
        read(path)
    assert len(read(path, max_lost=1.0)) > 15


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_truncated_video_is_refused_unless_what_remains_will_do(tmp_path: Path, name: str) -> None:
    options = {"movflags": "faststart"} if name == "a.mp4" else {}
    path = write_video(tmp_path / name, noisy(60), **options)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    with pytest.raises(
        HcutalError, match=r"1\.\d\d s of 2\.40 s can be decoded; expected a loss of at most 10%"
    ):
        read(path)
    found = numbers(path, max_lost=0.6)
    assert found[:25] == list(range(25))
    assert len(found) < 45


def test_a_video_that_cannot_be_decoded_at_all_is_refused(tmp_path: Path) -> None:
    path = damaged(write_video(tmp_path / "a.mkv", noisy(10)), 0.2, 0.8)
    with pytest.raises(HcutalError, match=r"a.mkv: (no frame can be decoded|\d+ of \d+ packets)"):
        read(path)
    empty = write_video(tmp_path / "a.avi", [], codec="mpeg4", size=(48, 64))
    with pytest.raises(HcutalError, match=r"a.avi: no frame can be decoded \(0 of 0 packets.*at least one"):
        read(empty)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match="no video stream"):
        read(write_sound(tmp_path / "a.mp4"))


def test_threads_change_nothing(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES)
    np.testing.assert_array_equal(read(path), read(path, threads=3))


def test_frames_come_as_they_are_asked_for(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES)
    made = frames(path, 25.0, 48, 0.1)
    assert [number_of(image) for image in itertools.islice(made, 3)] == [0, 1, 2]
    made.close()
    with pytest.raises(StopIteration):
        next(made)


def test_no_frame_waits_for_the_garbage_collector(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES)
    gc.collect()
    gc.disable()
    try:
        assert len(read(path)) == 60
        assert sum(type(held) is av.VideoFrame for held in gc.get_objects()) < 5
    finally:
        gc.enable()


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
@pytest.mark.parametrize(
    "name", ["v_ZNVhz7ctTq0.mp4", "v_GGSY1Qvo990.mp4", "BenchPress/v_BenchPress_g01_c05.avi"]
)
def test_real_videos(name: str) -> None:
    found = sum(1 for _ in frames(SHARED / name, 25.0, 64, 0.0))
    assert found / 25 == pytest.approx(probe(SHARED / name), abs=0.08)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_pictures_that_begin_after_the_sound_are_in_their_place(tmp_path: Path, name: str) -> None:
    times = [2 + index / 25 for index in range(50)]
    path = write_video(tmp_path / name, [numbered(index) for index in range(50)], times, sound=4)
    found = [number_of(image) for image in frames(path, 25.0, 48, 0.1)]
    assert found == [0] * 50 + list(range(50))
    rest = [number_of(image) for image in frames(path, 25.0, 48, 0.1, first=60)]
    assert rest == list(range(10, 50))
    # Without sound, the file begins with its pictures.
    alone = write_video(tmp_path / f"alone-{name}", [numbered(index) for index in range(50)], times)
    assert [number_of(image) for image in frames(alone, 25.0, 48, 0.1)] == list(range(50))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"), [("a.gif", "gif", "rgb8"), ("a.apng", "apng", "rgb24")]
)
def test_animated_pictures_keep_their_time(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    times = [0, 0.1, 0.5, 0.6]
    images = [numbered(9 * index) for index in range(4)]
    path = write_video(tmp_path / name, images, times, codec, pix_fmt, tick=Fraction(1, 100), rate=100)
    found = [number_of(image) for image in frames(path, 10.0, 48, 0.1)]
    assert found[:7] == [0, 9, 9, 9, 9, 18, 27]
    assert probe(path) == pytest.approx(len(found) / 10, abs=0.11)


def write_webp(path: Path, numbers: Sequence[int], seconds: Sequence[float]) -> Path:
    pillow = pytest.importorskip("PIL.Image")
    images = [pillow.fromarray(numbered(number)) for number in numbers]
    shown = [round(1000 * each) for each in seconds]
    images[0].save(path, save_all=True, append_images=images[1:], duration=shown, lossless=True)
    return path


def test_webp_that_moves_is_a_film_and_a_still_one_is_none(tmp_path: Path) -> None:
    count = 2 * AT_ONCE + 3
    path = write_webp(tmp_path / "a.webp", range(count), [0.2, 0.04, *[0.1] * (count - 2)])
    assert probe(path) == pytest.approx(0.24 + 0.1 * (count - 2))
    assert frame_rate(path) is None and not browsers_play(path)
    found = [number_of(image) for image in frames(path, 25.0, 48, 0.1)]
    assert found[:10] == [0] * 5 + [1] + [2, 2, 2, 3] and found[-1] == count - 1
    assert [number_of(image) for image in frames(path, 10.0, 48, 0.1, first=AT_ONCE)][:2] == [31, 32]
    write_webp(tmp_path / "still.webp", [0], [0.1])
    (tmp_path / "cut.webp").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    folder = Recipe("i3d", {}).look_into(tmp_path)
    assert list(folder.files) == ["a", "cut"] and folder.passed_over == {".webp": 1}
    with pytest.raises(HcutalError, match="is a still picture; expected a film"):
        probe(tmp_path / "still.webp")
    with pytest.raises(HcutalError, match="packets are damaged"):
        list(frames(tmp_path / "cut.webp", 25.0, 48, 0.1))


def write_pictures(folder: Path, numbers: Sequence[int]) -> Path:
    folder.mkdir(parents=True)
    for number in numbers:
        cv2.imwrite(str(folder / f"walk_{number}.png"), numbered(number))
    return folder


def test_numbered_pictures_are_a_film_at_the_rate_that_is_said(tmp_path: Path) -> None:
    # A number is missing; by name, 10 comes before 9.
    folder = write_pictures(tmp_path / "mine/walk", [8, 9, 10, 12, 13])
    recipe = Recipe("i3d", {"picture_rate": 12.5})
    assert recipe.look_into(tmp_path / "mine").files == {"walk": folder}
    assert probe(folder, 12.5) == pytest.approx(6 / 12.5)
    found = [number_of(image) for image in frames(folder, 25.0, 48, 0.1, picture_rate=12.5)]
    assert found == [8, 8, 9, 9, 10, 10, 10, 10, 12, 12, 13, 13]
    assert [number_of(i) for i in frames(folder, 12.5, 48, 0.1, first=4, picture_rate=12.5)] == [12, 13]
    with pytest.raises(HcutalError, match="no rate; expected how many pictures a second"):
        probe(folder)
    (folder / "walk_9.png").write_text("nonsense")
    with pytest.raises(HcutalError, match="1 of 5 packets are damaged"):
        list(frames(folder, 25.0, 48, 0.1, picture_rate=12.5))
    found = [number_of(image) for image in frames(folder, 25.0, 48, 0.3, picture_rate=12.5)]
    assert found == [8] * 4 + [10] * 4 + [12, 12, 13, 13]


def test_folders_of_pictures_are_counted_where_no_rate_is_said(tmp_path: Path) -> None:
    write_pictures(tmp_path / "mine/walk", [1, 2, 3])
    write_video(tmp_path / "mine/a.mp4", [numbered(0)] * 5)
    found = Recipe("i3d", {}).look_into(tmp_path / "mine")
    assert list(found.files) == ["a"] and found.passed_over == {".png": 3}
