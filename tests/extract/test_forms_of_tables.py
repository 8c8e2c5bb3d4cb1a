"""Tables of sensors and poses as people have them: each is read as it is meant, or an error says what to do."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.extract.vectors import VectorExtractor, VectorFrames, read_frames
from hcutal.params.extractors import VectorFeatures

NAMES = ("a", "b", "c", "d", "e", "f")
# Ten seconds of six sensors at 30 samples a second.
LOG = np.random.default_rng(0).normal(size=(300, 6)).cumsum(axis=0).round(4)
CLOCK = np.arange(300) / 30


def write(
    path: Path,
    values: np.ndarray = LOG,
    names: Sequence[str] = NAMES,
    clock: tuple[str, Sequence[object]] | None = None,
    separator: str = ",",
    decimal: str = ".",
) -> Path:
    """A table; the clock, where there is one, is its first column."""
    rows = [[f"{value:.4f}".replace(".", decimal) for value in row] for row in values]
    head = list(names)
    if clock is not None:
        head = [clock[0], *head]
        rows = [[str(time), *row] for time, row in zip(clock[1], rows, strict=True)]
    lines = [separator.join(row) for row in ([head] if names else []) + rows]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def read(path: Path, **values: Any) -> VectorFrames:
    return read_frames(path, VectorFeatures(fps=30.0, **values))


def refusal(path: Path, **values: Any) -> str:
    with pytest.raises(HcutalError) as error:
        read(path, **values)
    return str(error.value)


@pytest.mark.parametrize(
    ("separator", "decimal", "said"),
    [
        (";", ",", "separator semicolon, decimal comma"),
        ("\t", ",", "separator tab, decimal comma"),
        ("\t", ".", "separator tab"),
        ("|", ".", "separator bar"),
        (" ", ".", "separator blank"),
        (";", ".", "separator semicolon"),
        (",", ".", "separator comma"),
    ],
)
def test_separator_and_decimal_sign_are_told(tmp_path: Path, separator: str, decimal: str, said: str) -> None:
    found = read(write(tmp_path / "r.csv", separator=separator, decimal=decimal))
    np.testing.assert_allclose(found.frames, LOG)
    assert found.said.startswith(f"a header, {said}; no clock, 30 frames a second (fps); 6 columns (a, b, ")


def test_two_decimal_signs_are_asked_about(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a;b\n1,5;2.5\n")
    assert "holds '1,5' and '2.5'; expected one decimal sign, or which it is: -o decimal=comma" in refusal(
        tmp_path / "r.csv"
    )


def test_more_values_than_names_are_an_error_with_line_and_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", LOG[:, :3], names=("a", "b"))
    assert "r.csv: line 2: 3 values; line 1 names 2" in refusal(path)
    path.write_text("a,b\n1,2\n3,4\n5\n")
    assert "r.csv: line 4: 1 values; line 1 names 2" in refusal(path)
    # A decimal comma between commas is one as well.
    path.write_text("a,b\n0,5,1,5\n")
    assert "line 2: 4 values; line 1 names 2; a decimal comma needs another separator" in refusal(path)
    # A separator that closes each line is none.
    path.write_text("a,b\n1,2,\n3,4,\n")
    assert read(path).frames.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("name", ["Time", "TIMESTAMP", "t", "elapsed", "time (s)", "seconds_elapsed"])
def test_a_clock_is_known_by_its_name_in_any_case(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "r.csv", clock=(name, CLOCK + 1_700_000_000))
    found = read(path)
    assert found.frames.shape == (300, 6)
    np.testing.assert_allclose(found.frames, LOG, atol=1e-3)
    assert f"clock '{name}' in s" in found.said and "about 30 a second" in found.said


@pytest.mark.parametrize(
    ("unit", "factor"), [("s", 1), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)], ids=["s", "ms", "us", "ns"]
)
@pytest.mark.parametrize("start", [0, 1_700_000_000], ids=["from 0", "epoch"])
def test_the_unit_of_a_clock_is_told_by_the_rate(
    tmp_path: Path, unit: str, factor: float, start: int
) -> None:
    times = [round((start + number / 30) * factor, 3) for number in range(300)]
    found = read(write(tmp_path / "r.csv", clock=("time", times)))
    assert len(found.frames) in (299, 300)
    assert f"clock 'time' in {unit}, told by the rate, about 30 a second" in found.said


def test_a_unit_that_is_said_counts_and_one_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", clock=("time_ms", np.arange(300) * 1000))
    found = read(path)
    assert "clock 'time_ms' in ms, as its name says, about 1 a second" in found.said
    path = write(tmp_path / "r.csv", clock=("time", np.arange(300)))
    assert "column time has steps of 1: 1 a second if they are seconds, 1e+03 if milliseconds" in refusal(
        path
    )
    found = read(path, time_unit="s", longest_gap=None)
    assert len(found.frames) == 299 * 30 + 1 and "in s, as asked for" in found.said
    assert found.said.endswith("about 1 a second, brought to 30 (fps); 6 columns (a, b, c, d, e, f)")
    path = write(tmp_path / "r.csv", LOG[:2], clock=("time", [0.0, 1e300]))
    assert "column time has steps of 1e+300" in refusal(path)
    assert "column time spans 1e+300 s" in refusal(path, time_unit="s")


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([f"2024-02-01T12:00:{second:09.6f}" for second in CLOCK], "ISO dates"),
        ([f"2024-02-01 23:59:{second:09.6f}+02:00" for second in CLOCK], "ISO dates"),
        ([f"0:00:{second:09.6f}" for second in CLOCK], "h:mm:ss"),
    ],
)
def test_dates_and_times_of_day_are_clocks(tmp_path: Path, times: list[str], said: str) -> None:
    found = read(write(tmp_path / "r.csv", clock=("timestamp", times)))
    np.testing.assert_allclose(found.frames, LOG[: len(found.frames)], atol=1e-3)
    assert len(found.frames) in (299, 300) and f"clock 'timestamp' in {said}" in found.said


def test_day_and_month_are_never_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", clock=("date", [f"01/02/2024 12:00:{at:02d}" for at in range(60)] * 5))
    assert "column date holds '01/02/2024 12:00:00'; expected numbers, ISO dates" in refusal(path)


def test_a_column_that_only_counts_up_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", clock=("ticks", CLOCK.round(6)))
    message = refusal(path)
    assert "column ticks only counts up (0, 0.033333, ... 9.96667)" in message
    for remedy in ("-o time=ticks", "-o 'ignore=[ticks]'", "-o 'columns=[...]'"):
        assert remedy in message
    assert "clock 'ticks'" in read(path, time="ticks").said
    assert read(path, ignore=["ticks"]).frames.shape == (300, 6)
    assert read(path, columns=["ticks", "a"]).frames.shape == (300, 2)


@pytest.mark.parametrize("name", ["", "frame", "Index"])
def test_numbers_of_rows_are_left_out_and_said(tmp_path: Path, name: str) -> None:
    found = read(write(tmp_path / "r.csv", clock=(name, range(300))))
    np.testing.assert_allclose(found.frames, LOG)
    assert "left out: " in found.said


def test_no_header_is_said_and_no_sample_is_lost(tmp_path: Path) -> None:
    found = read(write(tmp_path / "r.csv", names=()))
    np.testing.assert_allclose(found.frames, LOG)
    assert found.said.startswith("no header (columns are called 1, 2, ...), separator comma")
    # Numbers that count the columns are names.
    found = read(write(tmp_path / "r.csv", names=[str(number) for number in range(6)]))
    assert found.frames.shape == (300, 6) and "6 columns (0, 1, 2, 3, 4, 5)" in found.said


def test_names_in_a_comment_are_a_header(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "r.csv", np.column_stack([CLOCK, LOG]), delimiter=",", header="time,a,b,c,d,e,f")
    found = read(tmp_path / "r.csv")
    assert found.frames.shape == (300, 6)
    assert found.said.startswith("names in a comment, separator comma; clock 'time' in s")
    # A comment of other words is none.
    (tmp_path / "r.csv").write_text("# made in May, by me, at home\n1,2\n3,4\n")
    assert read(tmp_path / "r.csv").said.startswith("no header")


def extract(folder: Path, *options: str) -> tuple[Any, Path]:
    out = folder.parent / "features"
    arguments = [word for option in ("fps=30", *options) for word in ("-o", option)]
    result = CliRunner().invoke(
        main, ["extract", str(folder), "--extractor", "vectors", "--out", str(out), *arguments]
    )
    return result, out


def test_columns_are_matched_by_name_in_any_order(tmp_path: Path) -> None:
    write(tmp_path / "mine/r1.csv")
    write(tmp_path / "mine/r2.csv", LOG[:, ::-1], names=NAMES[::-1])
    result, out = extract(tmp_path / "mine")
    assert result.exit_code == 0, result.output
    first, second = (np.load(out / f"posture/r{number}.npy") for number in (1, 2))
    np.testing.assert_array_equal(first, second)


def test_a_recording_that_lacks_a_column_fails_alone(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / f"mine/r{number}.csv")
    write(tmp_path / "mine/short.csv", LOG[:, :5], names=NAMES[:5])
    result, out = extract(tmp_path / "mine")
    assert result.exit_code == 1 and "2 extracted into" in result.output
    failed = json.loads((out / "features.json").read_text())["failed"]
    assert list(failed) == ["short"]
    assert "no column f, which most recordings have; there are a, b, c, d, e" in failed["short"]
    # One that is added later is held against those that are there.
    write(tmp_path / "mine/more.csv", np.hstack([LOG, LOG[:, :1]]), names=(*NAMES, "g"))
    result, out = extract(tmp_path / "mine")
    assert np.load(out / "posture/more.npy").shape[1] == 6


def test_of_two_sets_of_columns_the_larger_counts_where_both_are_as_common(tmp_path: Path) -> None:
    write(tmp_path / "r1.csv", LOG[:, :2], names=("ax", "ay"))
    write(tmp_path / "r2.csv", LOG[:, :3], names=("ax", "ay", "az"))
    recipe = Recipe("vectors", {}).settled([tmp_path / "r1.csv", tmp_path / "r2.csv"])
    assert recipe.values["matched"] == ["ax", "ay", "az"]


def test_columns_are_chosen_and_left_out_by_name_or_pattern(tmp_path: Path) -> None:
    names = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "temperature")
    path = write(tmp_path / "r.csv", names=names)
    np.testing.assert_allclose(read(path, columns=["acc_*"]).frames, LOG[:, :3])
    np.testing.assert_allclose(read(path, columns=["gyr_x", "acc_x"]).frames, LOG[:, [3, 0]])
    np.testing.assert_allclose(read(path, ignore=["gyr_*", "temperature"]).frames, LOG[:, :3])
    assert "no column mag_*, which columns names; there are acc_x, " in refusal(path, columns=["mag_*"])
    assert "no column is left" in refusal(path, ignore=["*"])


def test_a_column_of_words_is_named_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("a,activity\n1,walk\n2,walk\n")
    assert "column activity holds 'walk' (line 2); expected numbers" in refusal(path)
    assert "-o 'ignore=[activity]' leaves it out" in refusal(path)
    assert read(path, ignore=["activity"]).frames.tolist() == [[1], [2]]


def test_missing_values_are_filled_and_long_gaps_counted(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("a,b\n0,1\nNaN,1\nNA,1\n3,1\n")
    found = read(path)
    assert (found.frames[:, 0].tolist(), found.note) == ([0, 1, 2, 3], "")
    values = LOG.copy()
    values[100:200, 2] = np.nan
    assert read(write(path, values)).note == "filled: 1 gap longer than 1 s in single columns"
    values[20:80] = np.nan
    assert read(write(path, values)).note == (
        "filled: 1 gap longer than 1 s without any value (2.033 s), 1 gap longer than 1 s in single columns"
    )


def test_what_follows_a_long_gap_of_the_clock_is_left_out_and_counted(tmp_path: Path) -> None:
    times = np.concatenate([CLOCK[:150], CLOCK[150:] + 600]).round(6)
    path = write(tmp_path / "r.csv", clock=("time", times))
    found = read(path)
    np.testing.assert_allclose(found.frames, LOG[:150], atol=1e-3)
    assert found.note == "left out: 150 rows after 1 gap longer than 1 s, the first of 600 s after 4.967 s"
    assert len(read(path, longest_gap=None).frames) == pytest.approx(610 * 30, abs=1)
    # Where most would be left out, somebody should look at it.
    times = np.concatenate([CLOCK[:50], CLOCK[50:] + 600]).round(6)
    assert "most of the recording follows; cut it there" in refusal(
        write(tmp_path / "r.csv", clock=("time", times))
    )


def deeplabcut(path: Path, head: str, columns: np.ndarray) -> Path:
    rows = np.column_stack([np.arange(len(columns)), columns])
    np.savetxt(path, rows, delimiter=",", header=head, comments="")
    return path


def test_deeplabcuts_tables_are_read_with_unlikely_places_as_missing(tmp_path: Path) -> None:
    places = np.array([[0.0, 5], [9, 9], [2, 7]])
    likely = np.array([[0.9], [0.1], [0.95]])
    three = "scorer,d,d,d\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood"
    found = read(deeplabcut(tmp_path / "r.csv", three, np.hstack([places, likely])))
    assert found.frames.tolist() == [[0, 5], [1, 6], [2, 7]]
    assert "DeepLabCut's table" in found.said and "2 columns (nose.x, nose.y)" in found.said
    kept = read(tmp_path / "r.csv", likelihood=0.0)
    np.testing.assert_array_equal(kept.frames, places)
    four = "scorer,d,d,d\nindividuals,m1,m1,m1\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood"
    found = read(deeplabcut(tmp_path / "r.csv", four, np.hstack([places, likely])))
    assert "2 columns (m1.nose.x, m1.nose.y)" in found.said


def test_words_in_poses_and_cut_quotes_are_errors(tmp_path: Path) -> None:
    head = "scorer,d,d,d\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood\n"
    (tmp_path / "r.csv").write_text(head + "0,1,2,high\n1,1,2,0.9\n")
    assert "column nose.likelihood holds 'high' (line 4)" in refusal(tmp_path / "r.csv")
    (tmp_path / "r.csv").write_text(head + "0,1,left,0.1\n1,1,2,0.9\n")
    assert "column nose.y holds 'left' (line 4)" in refusal(tmp_path / "r.csv")
    (tmp_path / "r.csv").write_text('a,b\n1,"2\n3,4\n')
    assert "r.csv: " in refusal(tmp_path / "r.csv")
    (tmp_path / "r.csv").write_text("a\n999999999999999999999\n5\n")
    assert read(tmp_path / "r.csv").frames.tolist() == [[1e21], [5.0]]
    (tmp_path / "r.csv").write_text(f"a\n1{'0' * 400}\n5\n")
    assert "column a holds infinite values" in refusal(tmp_path / "r.csv")
    (tmp_path / "r.csv").write_text("a,b\n,\n,\n")
    assert "no row with a value" in refusal(tmp_path / "r.csv")


def test_a_joint_that_is_never_seen_is_left_out_of_all_when_asked(tmp_path: Path) -> None:
    poses = np.random.default_rng(1).normal(size=(300, 3, 2))
    np.save(tmp_path / "s.npy", poses)
    poses[:, 2] = np.nan
    path = tmp_path / "r.npy"
    np.save(path, poses)
    assert "no value in dimension 2.0, 2.1; " in refusal(path)
    assert "-o 'ignore=[2.0, 2.1]' leaves it out of all recordings" in refusal(path)
    for name in ("r.npy", "s.npy"):
        assert read(tmp_path / name, ignore=["2.*"]).frames.shape == (300, 4)
    np.save(path, poses.reshape(300, 6))
    assert read(path, ignore=["4", "5"]).frames.shape == (300, 4)
    # With the joint's mean, what is seen counts.
    assert read(tmp_path / "s.npy", centre=True).frames.shape == (300, 6)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbfa,b\n1,2\n", "a header, separator comma"),
        ("a,b\n1,2\n".encode("utf-16"), "a header, separator comma, utf-16"),
        ("Weg \xb0,b\n1,2\n".encode("cp1252"), "a header, separator comma, cp1252"),
        (b"# made by a logger\na,b\n1,2\n,\n,\n", "a header, separator comma"),
        (b"a,b,\n1,2,\n", "a header, separator comma"),
    ],
)
def test_marks_comments_and_empty_cells_of_other_programs(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    found = read(tmp_path / "r.csv")
    assert found.frames.tolist() == [[1, 2]] and found.said.startswith(said + ";")


def test_new_and_doctor_show_how_recordings_are_read(tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / f"mine/r{number}.csv", clock=("Time", CLOCK.round(6)))
    times = np.concatenate([CLOCK[:150], CLOCK[150:] + 600]).round(6)
    write(tmp_path / "mine/gap.csv", clock=("Time", times))
    arguments = ["--extractor", "vectors", "-o", "fps=30"]
    result = CliRunner().invoke(
        main, ["new", str(tmp_path / "p"), "--videos", str(tmp_path / "mine"), *arguments]
    )
    assert result.exit_code == 0, result.output
    form = "5 x a header, separator comma; clock 'Time' in s, told by the rate, about 30 a second; 6 columns"
    assert f"read as: {form}" in result.output
    assert "gap: left out: 150 rows after 1 gap longer than 1 s" in result.output
    result = CliRunner().invoke(main, ["doctor", str(tmp_path / "mine"), *arguments])
    assert (
        form in result.output
        and "warning (gaps): 1 recordings have long gaps: gap: left out" in result.output
    )


def test_a_recording_is_read_once_for_all_that_is_asked_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "r.csv")
    extractor = VectorExtractor(VectorFeatures(fps=30.0))
    assert extractor.probe(path) == 10.0
    monkeypatch.setattr(Path, "read_bytes", None)
    assert extractor.read_as(path)[1] == ""
    assert extractor.extract(path)["posture"].shape == (18, 6)
