"""Small copies of films: they play everywhere, show the same at the same time, and stay small."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.extract.video import preview
from hcutal.extract.video.browsers import browsers_play
from hcutal.extract.video.container import probe
from hcutal.extract.video.decode import frames
from hcutal.extract.video.preview import VP8, encoder, write_preview
from hcutal.params.recordings import PreviewParams
from tests.chromium import open_browser
from tests.extract.video.videos import number_of, numbered, write_video

PARAMS = PreviewParams(shorter=64, fps=25.0)
IMAGES = [numbered(index, 96, 128) for index in range(75)]


def seen_at(path: Path, moments: list[float]) -> list[int]:
    """The numbers that a player shows at some moments (s), by the times that the file itself has."""
    with av.open(str(path)) as container:
        (stream,) = container.streams.video
        assert stream.time_base is not None
        found = [
            (float((frame.pts or 0) * stream.time_base), number_of(frame.to_ndarray(format="rgb24")))
            for frame in container.decode(stream)
        ]
    return [next(number for time, number in reversed(found) if time <= moment + 1e-6) for moment in moments]


@pytest.mark.parametrize(
    ("name", "codec", "options", "plays"),
    [
        ("a.mp4", "libx264", {}, True),
        ("a.mov", "libx264", {}, True),
        ("a.webm", "libvpx", {}, True),
        ("a.webm", "libvpx-vp9", {}, True),
        ("a.mp4", "libx265", {}, False),
        ("a.mp4", "mpeg4", {}, False),
        ("a.mp4", "libx264", {"pix_fmt": "yuv444p"}, False),
        ("a.mp4", "libx264", {"pix_fmt": "yuv420p10le"}, False),
        ("a.mkv", "libx264", {}, False),
        ("a.avi", "mpeg4", {}, False),
        ("a.mpg", "mpeg2video", {}, False),
        ("a.gif", "gif", {"pix_fmt": "rgb8"}, False),
    ],
)
def test_what_every_browser_plays_is_told_by_container_and_codec(
    tmp_path: Path, name: str, codec: str, options: dict[str, str], plays: bool
) -> None:
    path = write_video(tmp_path / name, IMAGES[:25], codec=codec, tick=Fraction(1, 25), **options)
    assert browsers_play(path) == plays


def test_a_film_under_a_wrong_name_is_not_played(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", IMAGES[:25])
    assert not browsers_play(path.rename(tmp_path / "a.avi"))


@pytest.mark.parametrize("way", [encoder(), VP8])
def test_a_preview_shows_the_same_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: preview.Encoder
) -> None:
    monkeypatch.setattr(preview, "encoder", lambda: way)
    film = write_video(tmp_path / "a.avi", IMAGES, codec="mpeg4", tick=Fraction(1, 25))
    small = tmp_path / f"b{way[1]}"
    write_preview(film, small, PARAMS)
    assert browsers_play(small) and probe(small) == pytest.approx(3.0, abs=0.05)
    moments = [0.0, 0.5, 1.22, 2.5, 2.9]
    assert seen_at(small, moments) == [round(25 * moment) for moment in np.round(moments, 2) - 1e-9]


def test_pictures_that_begin_late_and_an_uneven_rate_keep_their_times(tmp_path: Path) -> None:
    times = [index / 25 if index < 25 else 1 + (index - 25) / 10 for index in range(50)]
    film = write_video(tmp_path / "a.mkv", IMAGES[:50], times)
    write_preview(film, tmp_path / "b.mp4", PARAMS)
    expected = [number_of(image) for image in frames(film, 25.0, 64, 1.0)]
    moments = [index / 25 for index in range(len(expected))]
    assert seen_at(tmp_path / "b.mp4", moments) == expected
    assert seen_at(tmp_path / "b.mp4", [1.55]) == [30]


def test_pictures_that_begin_after_the_sound_are_in_their_place(tmp_path: Path) -> None:
    times = [2 + index / 25 for index in range(50)]
    film = write_video(tmp_path / "a.mkv", [numbered(index + 1) for index in range(50)], times, sound=4)
    write_preview(film, tmp_path / "b.mp4", PARAMS)
    # A player of the film shows its third picture from 2.08 s on.
    assert seen_at(tmp_path / "b.mp4", [0.0, 1.9, 2.09, 3.01]) == [1, 1, 3, 26]


def test_a_browser_shows_the_same_where_an_address_says_a_time(tmp_path: Path) -> None:
    """Of a film that it plays itself, whose pictures begin after the sound, and of its preview."""
    times = [2 + index / 25 for index in range(50)]
    film = write_video(
        tmp_path / "a.mp4", [numbered(index + 1, 96, 128) for index in range(50)], times, sound=4
    )
    write_preview(film, tmp_path / "b.mp4", PARAMS)
    wait = "video => video.readyState >= 2 && !video.seeking && video.currentTime > 1"
    with open_browser() as browser:
        page = browser.new_page()
        for moment, expected in ((2.41, 11), (3.01, 26), (3.89, 48)):
            for name in ("a.mp4", "b.mp4"):
                (tmp_path / "page.html").write_text(f'<video muted src="{name}#t={moment},4"></video>')
                page.goto((tmp_path / "page.html").as_uri())
                video = page.locator("video")
                page.wait_for_function(wait, arg=video.element_handle())
                shot = cv2.imdecode(np.frombuffer(video.screenshot(), np.uint8), cv2.IMREAD_COLOR)
                assert (name, number_of(shot)) == (name, expected)


def test_a_preview_is_small_and_never_larger_than_the_film(tmp_path: Path) -> None:
    film = write_video(tmp_path / "a.avi", IMAGES[:5], codec="mpeg4", tick=Fraction(1, 25))
    for shorter, size in ((64, (64, 84)), (96, (96, 128)), (240, (96, 128))):
        write_preview(film, tmp_path / "b.mp4", PreviewParams(shorter=shorter, fps=25.0))
        with av.open(str(tmp_path / "b.mp4")) as container:
            context = container.streams.video[0].codec_context
            assert (context.height, context.width) == size


@pytest.mark.parametrize("way", [encoder(), VP8])
def test_noise_takes_no_more_than_the_bit_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: preview.Encoder
) -> None:
    monkeypatch.setattr(preview, "encoder", lambda: way)
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (96, 128, 3), dtype=np.uint8) for _ in range(200)]
    film = write_video(tmp_path / "a.avi", noise, codec="mjpeg", pix_fmt="yuvj420p", tick=Fraction(1, 25))
    write_preview(film, tmp_path / "small", PreviewParams(shorter=96, fps=25.0, kbit=100))
    most = 100_000 / 8 * 8
    # A buffer of two seconds may be spent at once.
    assert (tmp_path / "small").stat().st_size < 1.3 * most


def test_the_same_film_gives_the_same_bytes(tmp_path: Path) -> None:
    film = write_video(tmp_path / "a.avi", IMAGES, codec="mpeg4", tick=Fraction(1, 25))
    for name in ("b.mp4", "c.mp4"):
        write_preview(film, tmp_path / name, PARAMS)
    assert (tmp_path / "b.mp4").read_bytes() == (tmp_path / "c.mp4").read_bytes()


def test_a_damaged_film_shows_what_can_be_decoded_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    film = write_video(tmp_path / "a.avi", IMAGES, codec="mpeg4", tick=Fraction(1, 25))
    (tmp_path / "cut.avi").write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    write_preview(tmp_path / "cut.avi", tmp_path / "b.mp4", PARAMS)
    assert 0.2 < probe(tmp_path / "b.mp4") < 3
    (tmp_path / "none.avi").write_bytes(b"no film")
    with pytest.raises(HcutalError, match=r"none\.avi: not a readable video"):
        write_preview(tmp_path / "none.avi", tmp_path / "c.mp4", PARAMS)
