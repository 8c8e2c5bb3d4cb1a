from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hcutal.data.store import FeatureStore
from hcutal.datasets import watch
from hcutal.errors import HcutalError
from hcutal.extract.smartwatch import MIRRORED, describe
from hcutal.params.extractors import WatchFeatures
from hcutal.params.section import validate

RAW = WatchFeatures(orientation="raw")
RATE = 50.0
# What exchanging left and right does to a recording.
REFLECTION = np.where(MIRRORED, -1, 1).astype(np.float32)


def walk(length: int, seed: int = 0) -> np.ndarray:
    samples = np.random.default_rng(seed).normal(size=(length, 6)).cumsum(axis=0) / 10
    return samples.astype(np.float32)


def slow_stream(window: np.ndarray, floor: float) -> list[float]:
    """Features of one window [128, 3], number by number."""
    features = [float(channel.mean()) for channel in window.T]
    features += [float(np.log(channel.std() + floor)) for channel in window.T]
    taper = np.array([0.5 - 0.5 * np.cos(2 * np.pi * i / 127) for i in range(128)])
    for channel in window.T:
        wave = (channel - channel.mean()) * taper
        for low, high in pairwise(RAW.bands):
            inside = [k for k in range(65) if low <= k * RATE / 128 < high]
            sizes = [
                abs(sum(wave[i] * np.exp(-2j * np.pi * k * i / 128) for i in range(128))) * 2 / taper.sum()
                for k in inside
            ]
            features.append(float(np.log(np.mean(sizes) + floor)))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        covariance = np.cov(window[:, i], window[:, j], bias=True)[0, 1]
        features.append(float(covariance / (window[:, i].std() + floor) / (window[:, j].std() + floor)))
    return features


def test_against_a_slow_reference() -> None:
    samples = walk(160).astype(np.float64)
    padded = np.concatenate([samples[:56][::-1], samples, samples[::-1][:128]])
    found = describe(walk(160), RAW)
    for t in (0, 4, 9):
        window = padded[16 * t : 16 * t + 128]
        np.testing.assert_allclose(
            found["accelerometer"][t], slow_stream(window[:, :3], 0.05), rtol=1e-3, atol=1e-4
        )
        np.testing.assert_allclose(
            found["gyroscope"][t], slow_stream(window[:, 3:], 0.125), rtol=1e-3, atol=1e-4
        )


def test_the_band_of_a_sine_wave_holds_its_amplitude() -> None:
    # 2.34375 Hz is the sixth frequency of the window, in the third band, whose four frequencies are averaged; a Hann
    # taper lets half of the amplitude appear in each of the two frequencies beside it.
    samples = np.zeros((320, 6), np.float32)
    samples[:, 3] = 4 * np.sin(2 * np.pi * 2.34375 * np.arange(320) / RATE)
    bands = describe(samples, RAW)["gyroscope"][10, 6:11]
    assert np.exp(bands[2]) - 0.125 == pytest.approx((4 + 2 + 2) / 4, abs=0.05)
    np.testing.assert_allclose(np.exp(bands[[0, 1, 3, 4]]) - 0.125, 0, atol=0.02)


@pytest.mark.parametrize(("length", "snippets"), [(16, 1), (31, 1), (32, 2), (640, 40)])
def test_a_snippet_for_each_sixteen_samples(length: int, snippets: int) -> None:
    found = describe(walk(length), WatchFeatures())
    assert {array.shape for array in found.values()} == {(snippets, 24)}
    assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}


def test_the_window_is_centred_on_its_snippet() -> None:
    samples = np.zeros((640, 6), np.float32)
    samples[320:336] = 1
    means = describe(samples, RAW)["accelerometer"][:, 0]
    np.testing.assert_allclose(means[20 - 3 : 20 + 4], 0.125)
    np.testing.assert_allclose(means[20 - 4], means[20 + 4])
    assert means[20 - 5] == means[20 + 5] == 0


def test_exchanging_left_and_right_changes_no_invariant_feature() -> None:
    samples = walk(640)
    # Also where a recording changes sides in its midst.
    mixed = np.concatenate([samples[:320], samples[320:] * REFLECTION])
    assert (describe(samples, WatchFeatures())["gyroscope"][0] != 0).all()
    for name, array in describe(samples, WatchFeatures()).items():
        np.testing.assert_allclose(
            array, describe(samples * REFLECTION, WatchFeatures())[name], rtol=1e-5, atol=1e-6
        )
        np.testing.assert_allclose(
            array[:12], describe(mixed, WatchFeatures())[name][:12], rtol=1e-5, atol=1e-6
        )
        raw = describe(samples, RAW)[name] - describe(samples * REFLECTION, RAW)[name]
        assert np.abs(raw).max() > 0.1


def test_a_band_without_a_frequency_is_refused() -> None:
    with pytest.raises(
        HcutalError, match=r"features.watch.bands: found \[0.3, 0.35\].*one or more in each band"
    ):
        describe(walk(100), WatchFeatures(bands=[0.3, 0.35]))


def test_recordings_become_a_store(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    np.save(recordings / "a.npy", walk(100))
    np.save(recordings / "b.npy", walk(65, 1))
    params = WatchFeatures(bands=[0.3, 1.0])
    watch.features(recordings, tmp_path / "store", params)
    store = FeatureStore(tmp_path / "store")
    assert store.meta.lengths == {"a": 6, "b": 4}
    assert store.meta.streams == {"accelerometer": 12, "gyroscope": 12}
    assert (store.meta.fps, store.meta.stride, store.meta.extractor) == (50.0, 16, "watch")
    assert store.meta.settings["params"] == params.model_dump(mode="json")
    np.testing.assert_array_equal(store.read("a")[:, :12], describe(walk(100), params)["accelerometer"])


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros((15, 6)), r"a\.npy: shape is \(15, 6\); expected \[16 or more, 6\]"),
        (np.zeros((50, 3)), r"a\.npy: shape is \(50, 3\)"),
        (np.full((50, 6), np.inf), r"a\.npy: NaN or infinite samples"),
        (np.array([{}], dtype=object), r"a\.npy: not an npy file"),
    ],
)
def test_bad_recordings(tmp_path: Path, samples: np.ndarray, message: str) -> None:
    (tmp_path / "r").mkdir()
    np.save(tmp_path / "r/a.npy", samples, allow_pickle=True)
    with pytest.raises(HcutalError, match=message):
        watch.features(tmp_path / "r", tmp_path / "store", WatchFeatures())
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bands": [1.0, 0.5]}, "bands should rise"),
        ({"window_samples": 30, "snippet_samples": 31}, "window_samples should be at least snippet_samples"),
        ({"orientation": "left"}, "orientation: found 'left'"),
    ],
)
def test_bad_parameters(values: dict, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        validate(WatchFeatures, values, "params.yaml: features.watch")
