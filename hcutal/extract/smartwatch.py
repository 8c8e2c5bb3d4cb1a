"""Snippets of sensor recordings: posture, strength, rhythm and coordination in a window around each snippet."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hcutal.data.npy import map_array
from hcutal.errors import HcutalError
from hcutal.extract.extractor import About, RawSignals
from hcutal.params.extractors import WatchFeatures

CHANNELS = 6
NAMES = ("acceleration x", "acceleration y", "acceleration z", "rotation x", "rotation y", "rotation z")
STREAMS = {"accelerometer": slice(0, 3), "gyroscope": slice(3, 6)}
# Left and right wrist mirror each other across the body's plane of symmetry, whose normal is the x axis
# (along the forearm). A reflection turns round the normal component of acceleration, a polar vector, and the
# two others of rotation, an axial vector. What is the same on both sides: values of the other channels, sizes of
# these, and sizes of the correlations between the two groups.
MIRRORED = np.array([True, False, False, False, True, True])
PAIRS = np.triu_indices(3, k=1)
Array = npt.NDArray[np.float32]


class WatchExtractor:
    """Features of smart-watch recordings, `.npy` [n, 6]: acceleration x, y, z (g), rotation x, y, z (rad/s)."""

    Params: ClassVar = WatchFeatures
    suffixes: ClassVar = frozenset({".npy"})
    neutral: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: WatchFeatures) -> None:
        """Nothing is loaded."""
        self._params = params

    def about(self) -> About:
        """Snippets in samples, at the rate of the recordings."""
        step = self._params.snippet_samples
        return About(self._params.rate, step, step)

    def step(self) -> float:
        """Seconds from one snippet to the next."""
        return self.about().times.step

    def probe(self, path: Path) -> float:
        """Seconds of a recording."""
        return len(_read(path, self._params.snippet_samples)) / self._params.rate

    def extract(self, path: Path) -> dict[str, Array]:
        """Features of both streams, see `describe`."""
        return describe(_read(path, self._params.snippet_samples), self._params)

    def signals(self, path: Path) -> RawSignals:
        """The six channels of a recording."""
        return RawSignals(NAMES, _read(path, self._params.snippet_samples), self._params.rate)


def describe(samples: Array, params: WatchFeatures) -> dict[str, Array]:
    """Features of each stream, float32 [floor(n / snippet), 3 * (3 + bands)], of samples [n, 6] at `params.rate` Hz.

    For each of three channels the mean, the log deviation and the log amplitude in each band, and the three
    correlations between channels. A window is centred on its snippet; at both ends of the recording it is filled by
    reflection. With `orientation: invariant` nothing changes when left and right are exchanged, snippet by snippet.
    """
    windows = _windows(samples, params.snippet_samples, params.window_samples)
    found = {}
    for name, channels in STREAMS.items():
        stream = windows[:, channels].astype(np.float64)
        mirrored = MIRRORED[channels] if params.orientation == "invariant" else np.zeros(3, dtype=bool)
        found[name] = _describe_stream(stream, mirrored, getattr(params.floor, name), _in_band(params))
    return found


def _describe_stream(
    windows: npt.NDArray[np.float64],
    mirrored: npt.NDArray[np.bool_],
    floor: float,
    in_band: npt.NDArray[np.float64],
) -> Array:
    """Features [T, 3 * (3 + bands)] of windows [T, 3, size]; `in_band` [frequencies, bands] averages amplitudes."""
    mean = windows.mean(axis=-1)
    centred = windows - mean[..., None]
    deviation = centred.std(axis=-1)
    taper = np.hanning(windows.shape[-1])
    # Amplitude of a sine wave in the window, whatever its length.
    amplitude = 2 * np.abs(np.fft.rfft(centred * taper)) / taper.sum()
    # The floor is about the sensor's noise, whose logarithm means nothing.
    scaled = centred / (deviation + floor)[..., None]
    correlation = np.einsum("tis,tjs->tij", scaled, scaled)[:, PAIRS[0], PAIRS[1]] / windows.shape[-1]
    across = mirrored[PAIRS[0]] != mirrored[PAIRS[1]]
    parts = [
        np.where(mirrored, np.abs(mean), mean),
        np.log(deviation + floor),
        np.log(amplitude @ in_band + floor).reshape(len(windows), -1),
        np.where(across, np.abs(correlation), correlation),
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _in_band(params: WatchFeatures) -> npt.NDArray[np.float64]:
    """Weights [frequencies, bands] that average the amplitudes in each band."""
    frequency = np.fft.rfftfreq(params.window_samples, 1 / params.rate)[:, None]
    member = (frequency >= params.bands[:-1]) & (frequency < params.bands[1:])
    if not member.any(axis=0).all():
        raise HcutalError(
            f"features.watch.bands: found {params.bands}; a window of {params.window_samples} samples at "
            f"{params.rate:g} Hz has the frequencies {frequency[1, 0]:.3g} Hz and its multiples up to "
            f"{frequency[-1, 0]:g} Hz: expected one or more in each band"
        )
    return np.asarray(member / member.sum(axis=0))


def _windows(samples: Array, step: int, size: int) -> Array:
    """Windows [T, channels, size] centred on the snippets."""
    count = len(samples) // step
    before = (size - step) // 2
    padded = np.pad(samples, ((before, size), (0, 0)), mode="symmetric")
    return np.lib.stride_tricks.sliding_window_view(padded, size, axis=0)[: count * step : step]


def _read(path: Path, shortest: int) -> Array:
    samples = map_array(path)
    if samples.ndim != 2 or samples.shape[1] != CHANNELS or len(samples) < shortest:
        raise HcutalError(f"{path}: shape is {samples.shape}; expected [{shortest} or more, {CHANNELS}]")
    if not np.issubdtype(samples.dtype, np.number) or not np.isfinite(samples).all():
        raise HcutalError(f"{path}: NaN or infinite samples; expected finite numbers")
    return np.asarray(samples, dtype=np.float32)
