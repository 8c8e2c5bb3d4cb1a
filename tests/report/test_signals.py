"""What sensors and poses recorded, as it is drawn: nothing is lost that stands out, each file is read once."""

import re
from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.extract.extractor import RawSignals
from hcutal.extract.registry import Recipe
from hcutal.report.kit.bands import Band, outline, scaled
from hcutal.report.signals import COLOURS, PART, WHOLE, draw_signals, envelope, signal_reader
from hcutal.report.skeleton import MOMENTS, draw_figures, joined_parts

RATE = 50.0


def heights_of(band: Band) -> np.ndarray:
    """The heights [2, B] that a path goes through, followed by a reader of its own."""
    start, steps = re.fullmatch(r"M0 (\d+)l(.*)z", band.path).groups()  # type: ignore[union-attr]
    numbers = [int(number) for number in re.findall(r"-?\d+", steps)]
    y = np.cumsum([int(start), *numbers[1::2]])
    assert np.cumsum([0, *numbers[::2]]).tolist() == [*range(band.across), *range(band.across)[::-1]]
    return np.stack([y[: band.across], y[band.across :][::-1]])


def recordings(seed: int = 0) -> dict[str, RawSignals]:
    """Two recordings of ten columns, of which some hardly move."""
    rng = np.random.default_rng(seed)
    names = [f"c{number}" for number in range(10)]
    reach = np.array([1, 9, 2, 8, 3, 7, 4, 6, 5, 0.1])
    return {name: RawSignals(names, reach * rng.uniform(-1, 1, (3000, 10)), RATE) for name in ("a", "b")}


def test_a_spike_of_one_sample_shows_in_the_envelope() -> None:
    values = np.zeros((10_000, 2))
    values[4321, 1] = 5.0
    found = envelope(values, WHOLE)
    assert found.shape == (2, WHOLE, 2)
    assert found[1, :, 1].max() == 5 and found[0].min() == 0 and found[1, :, 0].max() == 0
    assert found[1, :, 1].argmax() == 4321 * WHOLE // 10_000
    assert envelope(values[:7], WHOLE).shape == (2, 7, 2)


def test_a_path_goes_through_the_envelope() -> None:
    rng = np.random.default_rng(0)
    low = rng.integers(0, 50, 40)
    heights = scaled(np.stack([low, low + rng.integers(0, 50, 40)]) / 100, 0.0, 1.0)
    assert np.array_equal(heights_of(Band("x", "#000", outline(heights), 40, 1.0)), heights)


def test_values_beyond_the_scale_lie_on_its_edge_and_still_ones_in_the_middle() -> None:
    assert scaled(np.array([-3.0, 0.0, 0.25, 1.0, 9.0]), 0.0, 1.0).tolist() == [100, 100, 75, 0, 0]
    assert scaled(np.array([2.0, 2.0]), 2.0, 2.0).tolist() == [50, 50]


def test_the_columns_that_vary_most_are_the_same_everywhere_and_each_file_is_read_once() -> None:
    made, read = recordings(), []

    def reader(path: Path) -> RawSignals:
        read.append(path.name)
        return made[path.name]

    spans = {"a": [(10.0, 20.0), (58.0, 70.0)], "b": []}
    found = draw_signals(reader, {name: Path(name) for name in "abc"}, spans)
    assert sorted(read) == ["a", "b"]
    assert [name for name, _ in found.columns] == ["c1", "c3", "c5", "c6", "c7", "c8"] and found.count == 10
    assert [colour for _, colour in found.columns] == list(COLOURS)
    parts = [*found.whole.values(), *found.parts.values()]
    assert all([(band.name, band.colour) for band in part.bands] == list(found.columns) for part in parts)
    assert found.parts.keys() == {("a", (10.0, 20.0)), ("a", (58.0, 70.0))}
    # However long a recording is, the page gets no larger.
    assert max(len(band.path) for part in parts for band in part.bands) < 12 * max(WHOLE, PART)


def test_a_recording_that_is_not_there_has_a_reason_and_stops_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(size=(300, 3)))
    (tmp_path / "b.npy").write_bytes(b"nonsense")
    settings = {"params": Recipe("vectors", {"fps": 50.0}).recorded()}
    read = signal_reader("vectors", settings)
    assert read is not None
    files = {name: tmp_path / f"{name}.npy" for name in ("a", "b", "gone")}
    found = draw_signals(read, files, dict.fromkeys(files, ()))
    assert set(found.whole) == {"a"} and set(found.reasons) == {"b", "gone"}
    assert "not an npy file" in found.reasons["b"] and "no such file" in found.reasons["gone"].lower()
    assert draw_signals(read, {"gone": files["gone"]}, {"gone": ()}).columns == ()


def test_what_no_reader_is_known_for_has_no_signals() -> None:
    assert signal_reader("i3d", {"params": {}}) is None
    assert signal_reader("watch", {}) is None
    assert signal_reader("vectors", {"params": {"of": "another version"}}) is None


@pytest.mark.parametrize("name", ["watch", "vectors"])
def test_rows_are_read_as_for_the_features(tmp_path: Path, name: str) -> None:
    values = np.random.default_rng(0).normal(size=(400, 6)).astype(np.float32)
    np.save(tmp_path / "a.npy", values)
    read = signal_reader(name, {"params": Recipe(name, {}).recorded()})
    assert read is not None
    found = read(tmp_path / "a.npy")
    assert len(found.names) == 6 and np.array_equal(found.values, values)
    with pytest.raises(HcutalError, match=r"b\.npy"):
        read(tmp_path / "b.npy")


def test_bones_join_what_stays_as_far_apart() -> None:
    angle = np.linspace(0, 12, 500)
    shoulder = np.zeros((500, 2))
    elbow = shoulder + 10 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    hand = elbow + 8 * np.stack([np.cos(3 * angle), np.sin(3 * angle)], axis=1)
    # The hand comes near to the foot now and then.
    foot = shoulder + np.array([4.0, 9.0])
    assert joined_parts(np.stack([hand, shoulder, elbow, foot], axis=1)) == [(0, 2), (1, 2), (1, 3)]


def test_figures_are_of_moments_of_the_span_and_only_of_poses() -> None:
    rng = np.random.default_rng(0)
    names = [f"{part}.{axis}" for part in ("nose", "back", "tail") for axis in "xy"]
    figures = draw_figures(names, rng.normal(size=(100, 6)), 25.0, (1.0, 9.0))
    assert figures is not None
    assert len(figures.dots) == 3 * MOMENTS and figures.bones.count("M") == 2 * MOMENTS
    assert np.isfinite(figures.dots).all() and np.min(figures.dots) >= 0
    assert draw_figures(["acc_x", "acc_y", "acc_z"], rng.normal(size=(100, 3)), 25.0, (1.0, 3.0)) is None
