import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from hcutal.errors import HcutalError
from hcutal.extract.many import extract_many
from hcutal.extract.registry import Recipe
from hcutal.extract.video import i3d_extractor
from hcutal.extract.video.decode import frames
from hcutal.extract.video.film_extractor import ahead
from hcutal.extract.video.i3d_extractor import I3DExtractor
from hcutal.extract.video.i3d_network import I3D
from hcutal.extract.video.weights import CHANNELS, load_i3d, weights_hash
from hcutal.params.extractors import I3DFeatures, Stream
from tests.extract.video.videos import numbered, write_sound, write_video

# As small as the network takes them.
SMALL: dict[str, Any] = {"snippet_frames": 8, "stride": 8, "resize": 40, "crop": 32, "flow": "dis"}
SHARED = Path(__file__).resolve().parents[3] / "../shared/data/videos"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[Stream, str]:
    """Files of random weights, large enough that features differ."""
    torch.manual_seed(0)
    found: dict[Stream, str] = {}
    for stream, channels in CHANNELS.items():
        path = tmp_path_factory.mktemp("weights") / f"{stream}.safetensors"
        save_file({name: 2.5 * value for name, value in I3D(channels).state_dict().items()}, path)
        found[stream] = str(path)
    return found


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """43 frames: five snippets of eight, and three frames more."""
    path = tmp_path_factory.mktemp("videos") / "a.mp4"
    return write_video(path, [numbered(7 * index % 256) for index in range(43)])


@pytest.fixture(autouse=True)
def _warned() -> Iterator[None]:
    yield
    i3d_extractor._warn_once.cache_clear()


def make(weights: dict[Stream, str], **changes: Any) -> I3DExtractor:
    return I3DExtractor(I3DFeatures.model_validate({**SMALL, "weights": weights, **changes}))


def test_features_of_both_streams(weights: dict[Stream, str], video: Path) -> None:
    found = make(weights).extract(video)
    assert list(found) == ["rgb", "flow"]
    for features in found.values():
        assert features.shape == (5, 1024)
        assert features.dtype == np.float32
        assert np.isfinite(features).all()
        # Snippets differ by much more than the tolerance of the tests below.
        assert features.std(axis=0).max() > 0.1


def test_features_are_those_of_the_network_on_the_frames(weights: dict[Stream, str], video: Path) -> None:
    found = make(weights, streams=["rgb"]).extract(video)["rgb"]
    images = np.stack(list(frames(video, 25.0, 40, 0.1)))
    top, left = (images.shape[1] - 32) // 2, (images.shape[2] - 32) // 2
    scaled = images[16:24, top : top + 32, left : left + 32].astype(np.float64) / 127.5 - 1
    with torch.inference_mode():
        network = load_i3d(weights["rgb"], "rgb")
        expected = network.features(torch.tensor(scaled, dtype=torch.float32).permute(3, 0, 1, 2)[None])
    np.testing.assert_allclose(found[2], expected[0], rtol=1e-4, atol=1e-4)


def test_batches_and_runs_change_nothing(weights: dict[Stream, str], video: Path) -> None:
    expected = make(weights, batch=4).extract(video)
    again = make(weights, batch=4).extract(video)
    for batch in (1, 2, 7):
        found = make(weights, batch=batch).extract(video)
        for stream, features in expected.items():
            np.testing.assert_allclose(found[stream], features, rtol=1e-4, atol=1e-4)
    for stream, features in expected.items():
        np.testing.assert_array_equal(again[stream], features)


def test_threads_change_nothing(weights: dict[Stream, str], video: Path) -> None:
    before = torch.get_num_threads()
    found = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        found.append(make(weights).extract(video))
    torch.set_num_threads(before)
    for stream, features in found[0].items():
        np.testing.assert_allclose(found[1][stream], features, rtol=1e-4, atol=1e-4)


def test_one_extractor_serves_many_videos(weights: dict[Stream, str], video: Path, tmp_path: Path) -> None:
    made = make(weights, streams=["rgb"])
    expected = made.extract(video)["rgb"]
    short = write_video(tmp_path / "short.mp4", [numbered(3)])
    assert made.extract(short)["rgb"].shape == (1, 1024)
    np.testing.assert_array_equal(made.extract(video)["rgb"], expected)


@pytest.mark.parametrize(
    "changes",
    [{"batch": 2}, {"batch": 3, "stride": 3}, {"batch": 1, "stride": 11}, {"batch": 4, "flow": "tvl1"}],
)
def test_it_begins_in_the_midst_with_the_same_bytes(
    weights: dict[Stream, str], video: Path, changes: dict[str, Any]
) -> None:
    pieces = list(make(weights, **changes).extract_from(video, 0))
    starts = np.cumsum([0, *(len(piece["rgb"]) for piece in pieces)])
    assert len(starts) > 2
    # At the first batch's end, within, and at the very end.
    for index in {1, len(starts) // 2, len(starts) - 1}:
        start = starts[index]
        again = list(make(weights, **changes).extract_from(video, int(start)))
        assert len(again) == len(pieces) - index
        for found, expected in zip(again, pieces[index:], strict=True):
            for stream in ("rgb", "flow"):
                assert found[stream].tobytes() == expected[stream].tobytes()


def test_what_was_made_before_takes_no_network(
    weights: dict[Stream, str], video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = 0
    between = i3d_extractor.FlowField.between

    def counted(self: Any, given: Any) -> Any:
        nonlocal pairs
        pairs += len(given)
        return between(self, given)

    monkeypatch.setattr(i3d_extractor.FlowField, "between", counted)
    made = make(weights, batch=2)
    assert [len(piece["flow"]) for piece in made.extract_from(video, 4)] == [1]
    assert pairs == 8
    assert list(made.extract_from(video, 5)) == []
    assert pairs == 8


def test_the_end_of_a_damaged_video_is_looked_at_wherever_it_begins(
    weights: dict[Stream, str], video: Path, tmp_path: Path
) -> None:
    content = video.read_bytes()
    torn = tmp_path / "torn.mp4"
    middle = content.find(b"mdat") + 1000
    torn.write_bytes(
        content[:middle] + bytes(len(content[middle:]) // 4) + content[middle + len(content[middle:]) // 4 :]
    )
    reasons = []
    for start in (0, 2, 5):
        with pytest.raises(HcutalError, match="expected a loss of at most 0%") as caught:
            list(make(weights, max_lost=0.0, batch=1).extract_from(torn, start))
        reasons.append(str(caught.value))
    assert len(set(reasons)) == 1


CHILD = """
import sys
from pathlib import Path
from hcutal.extract import parts
from hcutal.extract.many import extract_many
from hcutal.extract.registry import Recipe

parts.SECONDS = 0
weights, video, cache = sys.argv[1:]
values = {"snippet_frames": 8, "stride": 8, "resize": 40, "crop": 32, "streams": ["rgb"], "batch": 2}
extract_many(Recipe("i3d", {**values, "weights": {"rgb": weights}}), {"a": Path(video)}, Path(cache))
"""


def test_a_killed_extraction_goes_on_with_the_same_bytes(weights: dict[Stream, str], tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [numbered(7 * index % 256) for index in range(8 * 30)])
    values = {**SMALL, "streams": ["rgb"], "batch": 2, "weights": {"rgb": weights["rgb"]}}
    del values["flow"]
    recipe = Recipe("i3d", values)
    cache, kept = tmp_path / "cache", 0
    for _ in range(2):
        child = subprocess.Popen([sys.executable, "-c", CHILD, weights["rgb"], str(video), str(cache)])
        while child.poll() is None and len(list(cache.rglob("*.part"))) < kept + 3:
            time.sleep(0.001)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        assert len(list(cache.rglob("*.part"))) >= kept + 3
        kept = len(list(cache.rglob("*.part")))
    whole = extract_many(recipe, {"a": video}, tmp_path / "whole").folders["a"]
    resumed = extract_many(recipe, {"a": video}, cache).folders["a"]
    assert (resumed / "rgb.npy").read_bytes() == (whole / "rgb.npy").read_bytes()
    assert np.load(whole / "rgb.npy").shape == (30, 1024)
    assert [path.name for path in cache.glob("*/*")] == [whole.name]


def test_snippets_overlap_where_the_stride_is_shorter(weights: dict[Stream, str], video: Path) -> None:
    plain = make(weights, streams=["rgb"]).extract(video)["rgb"]
    dense = make(weights, streams=["rgb"], stride=4).extract(video)["rgb"]
    assert dense.shape == (9, 1024)
    np.testing.assert_allclose(dense[::2], plain, rtol=1e-4, atol=1e-4)


def test_what_the_sidecar_says(weights: dict[Stream, str]) -> None:
    about = make(weights, fps=12.5).about()
    assert (about.fps, about.snippet_frames, about.stride) == (12.5, 8, 8)
    assert about.weights == f"rgb:{weights_hash(weights['rgb'])},flow:{weights_hash(weights['flow'])}"
    assert about.settings == {
        "streams": ["rgb", "flow"],
        "missing": {},
        "resize": 40,
        "crop": 32,
        "flow": "dis",
        "flow_bound": 20.0,
        "max_lost": 0.1,
        "picture_rate": None,
    }


def test_flow_without_weights_is_left_out_and_said_once(
    weights: dict[Stream, str], video: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rgb: dict[Stream, str] = {"rgb": weights["rgb"]}
    with caplog.at_level(logging.WARNING):
        abouts = [make(rgb).about() for _ in range(2)]
        found = make(rgb).extract(video)
    assert list(found) == ["rgb"]
    assert abouts[0].settings["streams"] == ["rgb"]
    assert "no weights" in abouts[0].settings["missing"]["flow"]
    assert abouts[0].weights == f"rgb:{weights_hash(rgb['rgb'])}"
    assert caplog.text.count("stream flow is left out: no weights") == 1


def test_flow_alone_without_weights_is_refused() -> None:
    with pytest.raises(
        HcutalError, match=r"streams: found \['flow'\]; stream flow has no weights.*flow_imagenet"
    ):
        make({}, streams=["flow"]).about()


def test_flow_alone(weights: dict[Stream, str], video: Path) -> None:
    both = make(weights).extract(video)
    found = make({"flow": weights["flow"]}, streams=["flow"]).extract(video)
    np.testing.assert_allclose(found["flow"], both["flow"], rtol=1e-4, atol=1e-4)
    assert list(found) == ["flow"]


def test_rgb_weights_are_fetched_where_none_are_given(
    weights: dict[Stream, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i3d_extractor, "rgb_weights_path", lambda: Path(weights["rgb"]))
    about = make({}, streams=["rgb"]).about()
    assert about.weights == f"rgb:{weights_hash(weights['rgb'])}"


def test_bad_files_are_refused(weights: dict[Stream, str], tmp_path: Path) -> None:
    made = make(weights)
    with pytest.raises(HcutalError, match=r"sound.mp4: no video stream"):
        made.extract(write_sound(tmp_path / "sound.mp4"))
    with pytest.raises(HcutalError, match=r"none.mp4: not a readable video"):
        made.probe(tmp_path / "none.mp4")
    with pytest.raises(HcutalError, match="'toaster'; expected auto"):
        make(weights, device="toaster").extract(tmp_path / "none.mp4")


def test_a_video_lasts(weights: dict[Stream, str], video: Path) -> None:
    assert make(weights).probe(video) == pytest.approx(43 / 25)
    assert video.suffix in I3DExtractor.suffixes


def test_items_made_ahead_keep_their_order_and_their_errors() -> None:
    def failing() -> Iterator[list[int]]:
        yield [1]
        yield [2]
        raise HcutalError("a.mp4: broken in the midst")

    made = ahead(failing())
    assert [next(made), next(made)] == [[1], [2]]
    with pytest.raises(HcutalError, match="broken in the midst"):
        next(made)
    assert list(ahead(iter([[1], [2], [3]]))) == [[1], [2], [3]]
    assert list(ahead(iter([]))) == []


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
def test_real_videos(weights: dict[Stream, str]) -> None:
    made = make(weights, stride=64)
    for path, snippets in (("v_ZNVhz7ctTq0.mp4", 6), ("BenchPress/v_BenchPress_g01_c05.avi", 2)):
        found = made.extract(SHARED / path)
        assert {stream: features.shape for stream, features in found.items()} == {
            "rgb": (snippets, 1024),
            "flow": (snippets, 1024),
        }
