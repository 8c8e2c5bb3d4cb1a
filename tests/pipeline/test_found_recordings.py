"""What `hcutal new` finds, whether it cuts recordings into pieces, and how long it says that features take."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.layout import PACE
from hcutal.params.document import load, resolve
from hcutal.pipeline import pace
from hcutal.pipeline.found_recordings import (
    MOST_PIECES,
    FolderSummary,
    assumption_text,
    found_text,
    look,
    picture_text,
    piece_count,
    piece_seconds,
)
from hcutal.pipeline.pace import extraction_text, keep_pace, kept_paces, sampled_seconds

VECTORS = Recipe("vectors", {"fps": 10.0})


def record(folder: Path, name: str, seconds: float) -> None:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(len(name))
    np.save(folder / f"{name}.npy", rng.normal(size=(round(seconds * 10), 2)))


def test_what_was_found_and_what_was_not_taken_is_said(tmp_path: Path) -> None:
    for index, seconds in enumerate((30, 60, 90)):
        record(tmp_path / "mine", f"r{index}", seconds)
    (tmp_path / "mine/words.csv").write_text("x,y\n")
    (tmp_path / "mine/notes.txt").touch()
    (tmp_path / "mine/.hidden.txt").touch()
    found = look(tmp_path / "mine", VECTORS)
    assert list(found_text(found)) == [
        "3 recordings, 3:00 minutes in all: 3 .npy",
        "    0:30 to 1:30 each, half of them 1:00 or longer",
        "not taken, since they cannot be read: 1",
        "not taken, since this extractor reads no such files: 1 .txt",
    ]


def test_copies_and_recordings_that_are_too_short_are_said(tmp_path: Path) -> None:
    for index, seconds in enumerate((30, 60, 90, 1)):
        record(tmp_path / "mine", f"r{index}", seconds)
    (tmp_path / "mine/again.npy").write_bytes((tmp_path / "mine/r1.npy").read_bytes())
    assert list(found_text(look(tmp_path / "mine", VECTORS)))[2:] == [
        "warning (same-content): 1 recordings have the content of another one: r1 = again",
        "    -> remove the copies",
        "warning (short): 1 recordings are shorter than two snippets of 1.6 s: r3",
        "    -> leave them out",
    ]


def test_the_first_recording_of_signals_is_drawn_small(tmp_path: Path) -> None:
    for index in range(3):
        record(tmp_path / "mine", f"r{index}", 30)
    lines = list(picture_text(look(tmp_path / "mine", VECTORS), "ascii"))
    about = "r0: 0:30 minutes, 2 columns, 10 values a second; each from its least to its greatest value"
    assert lines[0] == about
    assert [line[:7] for line in lines[1:]] == ["    0  ", "    1  "]


def test_of_films_nothing_is_drawn() -> None:
    assert list(picture_text(FolderSummary({"a": 60.0}, []), "utf-8")) == []


def test_many_kinds_are_not_all_named() -> None:
    kinds = Counter({f".{letter}": 9 - index for index, letter in enumerate("abcdefg")})
    lines = list(found_text(FolderSummary({"a": 1.0}, [], kinds)))
    assert lines[0].endswith("9 .a, 8 .b, 7 .c, 6 .d, 5 .e, 7 others")


@pytest.mark.parametrize(
    ("durations", "expected"),
    [
        ([60.0] * 20, None),
        ([60.0] * 4, None),
        # Few, and of some minutes; or long ones.
        ([180.0] * 5, 4.0),
        ([700.0] * 20, 14.0),
        ([7200.0] * 2, 15.0),
        ([60.0] * 3, 4.0),
    ],
)
def test_few_and_long_recordings_are_cut(durations: list[float], expected: float | None) -> None:
    found = piece_seconds(durations, 0.64)
    assert found == expected
    if found is not None:
        assert 8 <= piece_count(durations, found) <= MOST_PIECES


def test_two_short_recordings_are_refused_with_a_reason() -> None:
    with pytest.raises(
        HcutalError, match=r"2 recordings of 12 s can be read; expected 4 or more, or longer ones"
    ):
        piece_seconds([6.0, 6.0], 0.64)


def test_the_assumption_is_said_with_the_option_that_changes_it() -> None:
    found = FolderSummary({"a": 60.0, "b": 60.0}, [])
    assert "a cluster is a group of them" in "\n".join(assumption_text(found, None))
    lines = "\n".join(assumption_text(found, 4.0))
    assert "a cluster is a group of pieces of 4 s\n    about 58 of them" in lines
    assert "--pieces none" in lines


def test_a_sample_says_how_long_features_take_and_the_plan_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path / "mine", "a", 10)
    record(tmp_path / "mine", "b", 30)
    ticks = iter([0.0, 2.0])
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(ticks))
    files = {name: tmp_path / f"mine/{name}.npy" for name in "ab"}
    # Two seconds for the shortest, which lasts a quarter of all.
    seconds = sampled_seconds(VECTORS, files, {"a": 10.0, "b": 30.0})
    assert seconds == 8.0
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pace, "cpu_count", lambda: 4)
    assert kept_paces() == {}
    keep_pace(tmp_path, "features@recordings", seconds, 2)
    assert kept_paces() == {"features@recordings": 4.0}
    assert extraction_text(seconds, 2).startswith("features: about 0:04 with 2 processes, by a sample")
    assert extraction_text(240.0, 2, 600.0).splitlines()[1:] == [
        "    one process takes about 0:24 for a minute of recording"
    ]
    assert extraction_text(0.2, 2, 600.0).splitlines() == [
        "features: about 0:01 with 2 processes, by a sample; then clusters and segments"
    ]
    PACE.write_text("[]")
    assert kept_paces() == {}


def test_where_no_sample_can_be_taken_the_time_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.npy").write_text("nonsense")
    assert sampled_seconds(VECTORS, {"a": tmp_path / "a.npy"}, {"a": 1.0}) is None
    monkeypatch.setenv("HCUTAL_CACHE", str(tmp_path / "empty"))
    assert sampled_seconds(Recipe("i3d", {}), {"a": tmp_path / "a.npy"}, {"a": 1.0}) is None
    assert "not known yet" in extraction_text(None, 1)


def test_new_says_what_it_found_and_what_it_assumes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        record(tmp_path / "mine", name, 60)
    project = tmp_path / "project"
    options = ["--extractor", "vectors", "-o", "fps=10.0", "--videos", str(tmp_path / "mine")]
    done = CliRunner().invoke(main, ["new", str(project), *options])
    assert done.exit_code == 0, done.output
    for words in (
        "2 recordings, 2:00 minutes in all: 2 .npy",
        "pieces of 6.4 s",
        "features: about 0:0",
        "hcutal run",
    ):
        assert words in done.output
    values = resolve(load(project / "params.yaml"), labels=project / "labels")
    assert values["experiments"]["recordings"]["train"]["pieces"]["seconds"] == 6.4
    done = CliRunner().invoke(main, ["new", str(tmp_path / "other"), *options, "--pieces", "sometimes"])
    assert done.exit_code == 2
    assert "expected a number of seconds, none or auto" in done.output
