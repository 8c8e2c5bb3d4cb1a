"""What figures show is chosen by counts and scores: worked out by hand on six instances."""

import pandas as pd
import pytest

from hcutal.data.annotations import instance_table
from hcutal.errors import HcutalError
from hcutal.report.figures.cas_levels import draw_cas_levels
from hcutal.report.figures.level_timelines import chosen_recordings
from hcutal.report.figures.shown_recordings import (
    median_recording,
    most_frequent_class,
    recording_scores,
    recordings_with,
    worst_recording,
)
from tests.report.figures.conftest import FOUND, INSTANCES, Make

TRUTH = instance_table(INSTANCES)
PROPOSALS = pd.DataFrame(FOUND, columns=["video", "start", "end", "label", "score"])


def test_the_score_of_a_recording_is_the_map_of_its_own_classes() -> None:
    # both: run is found, jump is not; two: one of two instances.
    expected = {"both": 0.5, "low": 0.0, "one": 1.0, "two": 0.5}
    assert recording_scores(TRUTH, PROPOSALS, [0.5]) == expected
    assert list(expected) == list(recording_scores(TRUTH, PROPOSALS, [0.5]))


def test_the_class_is_the_one_with_most_instances() -> None:
    assert most_frequent_class(TRUTH) == "run"


def test_recordings_are_told_apart_by_their_number_of_classes() -> None:
    assert recordings_with(TRUTH, classes=(1, 1)) == ["low", "one", "two"]
    assert recordings_with(TRUTH, classes=(2, None)) == ["both"]
    assert recordings_with(TRUTH, "run") == ["both", "one", "two"]


def test_the_median_is_a_recording_and_the_worst_has_most_instances() -> None:
    scores = {"a": 0.5, "b": 0.25, "c": 1.0}
    assert median_recording(scores, ["a", "b", "c"]) == "a"
    # Of an even number the lower one; of equal scores the first name.
    assert median_recording(scores, ["a", "c"]) == "a"
    assert median_recording({"y": 0.5, "x": 0.5}, ["y", "x"]) == "x"
    assert median_recording(scores, []) is None
    assert worst_recording({"a": 0.0, "b": 0.0}, pd.DataFrame({"video": ["a", "b", "b"]})) == "b"


def test_figure_6_shows_a_median_of_each_kind_and_the_worst(make: Make) -> None:
    shown, rule = chosen_recordings(make())
    # With one class: low 0, two .5, one 1.
    assert {each.name: each.why for each in shown} == {
        "two": "one class, median score: 50.0 %",
        "both": "several classes, median score: 50.0 %",
        "low": "lowest score: 0.0 %",
    }
    assert "median score (of an even number, the lower)" in rule and "most instances" in rule


def test_recordings_and_the_class_can_be_named(make: Make) -> None:
    shown, rule = chosen_recordings(make(recordings=["one", "low"]))
    assert [each.name for each in shown] == ["one", "low"] and rule == "one, low, as asked for."
    drawn = draw_cas_levels(make(label="jump", recordings=["low", "one"]))
    assert drawn.choice == "Class jump, as asked for. Recording low: as asked for."
    assert draw_cas_levels(make()).choice.startswith(
        "Class run, the one with most instances in the test recordings. Recording two: of the test recordings"
    )


def test_names_that_there_are_not_are_refused(make: Make) -> None:
    with pytest.raises(HcutalError, match=r"--class: found 'walk'; expected one of jump, run"):
        draw_cas_levels(make(label="walk"))
    with pytest.raises(HcutalError, match=r"--recordings: found 'train0'; expected an annotated test"):
        chosen_recordings(make(recordings=["train0"]))
    with pytest.raises(HcutalError, match=r"none has an instance of jump; expected one of both, low"):
        draw_cas_levels(make(label="jump", recordings=["one"]))
