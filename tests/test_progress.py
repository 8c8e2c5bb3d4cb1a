"""How far work is: a bar, and in a stage a file that others read."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hcutal import progress
from hcutal.progress import HowFar, WorkBar, progress_file, progress_of, tell, work_of, worked


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which stands in the first place, in a folder of its own."""
    now = [1000.0]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress.time, "time", lambda: now[0])
    return now


def test_a_stage_says_in_a_file_how_far_it_is_and_removes_it_at_its_end(clock: list[float]) -> None:
    with work_of("train@a.0"):
        with WorkBar(10, "train", "step") as bar:
            assert progress_of("train@a.0") == HowFar(0.0, 10, "steps", 0.0, 1000.0)
            clock[0] += 4
            bar.reach(2, note="loss 1.50")
            found = progress_of("train@a.0")
            assert found == HowFar(2, 10, "steps", 0.2, 1004.0, 16.0, "loss 1.50")
            assert str(found) == "2/10 steps, loss 1.50"
            assert str(replace(found, done=2.98, note="")) == "3/10 steps"
            assert str(replace(found, done=2.52, note="")) == "2.5/10 steps"
        assert progress_file("train@a.0").exists()
    assert progress_of("train@a.0") is None


def test_it_is_not_told_more_often_than_every_second(clock: list[float]) -> None:
    with work_of("a"), WorkBar(10, "train", "step") as bar:
        bar.advance()
        assert json.loads(progress_file("a").read_text())["done"] == 0
        clock[0] += 1
        bar.advance()
        assert json.loads(progress_file("a").read_text())["done"] == 2


def test_what_is_left_follows_from_the_last_minutes_and_not_from_what_was_done_before(
    clock: list[float],
) -> None:
    with work_of("a"), WorkBar(100, "extract", "recording") as bar:
        clock[0] += 1
        # Taken from a cache, all at once.
        bar.reach(50)
        for done in range(51, 61):
            clock[0] += 20
            bar.reach(done)
        found = progress_of("a")
    assert found is not None
    assert found.left == pytest.approx(40 * 20)


def test_steps_that_take_longer_count_for_more(clock: list[float]) -> None:
    with work_of("a"), WorkBar(10, "train", "step") as bar:
        clock[0] += 10
        bar.reach(5, part=0.25)
        found = progress_of("a")
    assert found is not None
    assert (found.part, found.left) == (0.25, 30.0)


def test_outside_of_a_stage_nothing_is_written(clock: list[float]) -> None:
    assert list(worked("abc", "look", "letter", 3)) == ["a", "b", "c"]
    assert not list(Path().iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"done": 1}', b"\0\0"])
def test_a_damaged_file_says_nothing(clock: list[float], content: bytes) -> None:
    progress_file("a").parent.mkdir(parents=True)
    progress_file("a").write_bytes(content)
    assert progress_of("a") is None


def test_a_full_disk_stops_no_work(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, value: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress, "write_json", full)
    with work_of("a"):
        assert list(worked([1], "look", "letter", 1)) == [1]


def test_parts_of_a_recording_are_shown_where_there_are_few() -> None:
    assert str(HowFar(0.3, 1, "recording", 0.3, 0.0)) == "0.3/1 recording"
    assert str(HowFar(3.25, 12, "recordings", 0.3, 0.0)) == "3.2/12 recordings"
    assert str(HowFar(30.4, 120, "recordings", 0.3, 0.0)) == "30/120 recordings"


def test_what_has_no_bar_is_told_in_words(clock: list[float]) -> None:
    with work_of("a"):
        tell("writing results")
        assert str(progress_of("a")) == "writing results"
