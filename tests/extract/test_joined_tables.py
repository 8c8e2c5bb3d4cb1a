"""Tables of several devices become one of a recording, on their clocks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from hcutal.cli import main
from hcutal.extract.vectors import read_frames
from hcutal.params.extractors import VectorFeatures

START = 1_700_000_000.0


def write(
    path: Path, times: Sequence[float], clock: str = "time", unit: float = 1.0, names: str = "x"
) -> None:
    """Columns that are known functions of the seconds since `START`: the sine, and thrice that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    seconds = np.asarray(times)
    columns = {name: (3**at) * np.sin(seconds) for at, name in enumerate(names)}
    pd.DataFrame({clock: np.round((START + seconds) * unit, 6), **columns}).to_csv(path, index=False)


def join(folder: Path, *options: str) -> tuple[Result, pd.DataFrame]:
    out = folder.parent / "joined"
    arguments = ["join-tables", str(folder), "--out", str(out), "-o", "fps=10"]
    result = CliRunner().invoke(main, [*arguments, *(word for option in options for word in ("-o", option))])
    path = out / f"{folder.name}.csv"
    return result, pd.read_csv(path) if path.exists() else pd.DataFrame()


def test_devices_are_joined_in_the_time_that_all_have(tmp_path: Path) -> None:
    # One begins earlier, one ends later; their rates and units differ.
    write(tmp_path / "walk/wrist.csv", np.arange(0, 20, 0.05), unit=1000, names="xy")
    write(tmp_path / "walk/hip.csv", np.arange(2, 25, 0.13))
    result, table = join(tmp_path / "walk")
    assert result.exit_code == 0, result.output
    assert "wrist.csv: a header, separator comma; clock 'time' in ms, told by the rate" in result.output
    assert "walk.csv: 2 tables, 3 columns, 180 rows at 10 a second" in result.output
    assert list(table) == ["time", "hip.x", "wrist.x", "wrist.y"]
    np.testing.assert_allclose(table["time"], np.arange(180) / 10)
    for name, factor in (("hip.x", 1), ("wrist.x", 1), ("wrist.y", 3)):
        np.testing.assert_allclose(table[name], factor * np.sin(2 + table["time"]), atol=5e-3)
    # It is a recording like others.
    frames = read_frames(tmp_path / "joined/walk.csv", VectorFeatures(fps=10.0)).frames
    assert frames.shape == (180, 3)
    again, _ = join(tmp_path / "walk")
    assert again.exit_code == 1 and "walk.csv: exists already" in again.output


def test_dates_and_numbers_since_1970_are_one_clock(tmp_path: Path) -> None:
    write(tmp_path / "walk/a.csv", np.arange(0, 10, 0.1))
    seconds = np.arange(1, 9, 0.1)
    dates = pd.to_datetime((START + seconds).round(3), unit="s", utc=True).strftime("%Y-%m-%dT%H:%M:%S.%f%z")
    pd.DataFrame({"timestamp": dates, "x": np.sin(seconds)}).to_csv(tmp_path / "walk/b.csv", index=False)
    result, table = join(tmp_path / "walk")
    assert result.exit_code == 0, result.output
    np.testing.assert_allclose(table["a.x"], table["b.x"], atol=5e-3)


def test_a_long_gap_of_a_device_holds_no_value(tmp_path: Path) -> None:
    write(tmp_path / "walk/a.csv", np.arange(0, 10, 0.1))
    write(tmp_path / "walk/b.csv", np.concatenate([np.arange(0, 3, 0.1), np.arange(6, 10, 0.1)]))
    _, table = join(tmp_path / "walk")
    missing = table["time"][table["b.x"].isna()]
    assert (missing.min(), missing.max()) == (pytest.approx(3.0), pytest.approx(5.9))
    assert table["a.x"].notna().all()


def test_what_cannot_be_joined_is_told(tmp_path: Path) -> None:
    write(tmp_path / "walk/a.csv", np.arange(0, 10, 0.1))
    result, _ = join(tmp_path / "walk")
    assert "walk: 1 tables (.csv); expected two or more" in result.output
    write(tmp_path / "walk/b.csv", np.arange(20, 30, 0.1))
    result, _ = join(tmp_path / "walk")
    assert "no time that all have: a.csv 1700000000 to 1700000009.9 s, b.csv 1700000020 to" in result.output
    write(tmp_path / "walk/b.csv", np.arange(0, 10, 0.1), clock="ticks")
    result, _ = join(tmp_path / "walk")
    assert result.exit_code == 1 and "b.csv: no clock among ticks, x" in result.output
    (tmp_path / "walk/b.csv").write_text("time,x\n" + "".join(f"{START + at / 10},\n" for at in range(30)))
    result, _ = join(tmp_path / "walk")
    assert "b.csv: no value in column x; -o 'ignore=[x]' leaves it out" in result.output
    assert not (tmp_path / "joined").exists()
