"""Predictions and annotations of other units, names and forms: told, never taken without a word."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hcutal.cli import main
from hcutal.data import thumos14

TRUTH: dict[str, Any] = {
    "a1": {"subset": "test", "duration": 60, "annotations": [{"segment": [10, 20], "label": "jump"}]},
    "a2": {"subset": "test", "duration": 50, "annotations": [{"segment": [5, 9], "label": "run"}]},
}
FOUND = {
    "a1": [{"label": "jump", "score": 0.9, "segment": [10, 20]}],
    "a2": [{"label": "run", "score": 0.7, "segment": [5, 9]}],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def scaled(records: dict[str, Any], factor: float, inner: str | None = None) -> dict[str, Any]:
    """The same with all segments multiplied."""
    made = json.loads(json.dumps(records))
    for entry in made.values():
        for record in entry[inner] if inner else entry:
            record["segment"] = [factor * time for time in record["segment"]]
    return made


def call(truth: dict[str, Any], found: dict[str, Any], *options: str, **more: Any) -> Result:
    Path("gt.json").write_text(json.dumps({"database": truth, **more}))
    Path("p.json").write_text(json.dumps({"results": found}))
    arguments = ["evaluate", "--ground-truth", "gt.json", "p.json", "--draws", "0", "--metrics", "map"]
    return CliRunner().invoke(main, [*arguments, *options])


def scores(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.output.splitlines()[-1].split()


@pytest.mark.parametrize(
    ("factor", "unit"), [(30, "frames"), (1000, "milliseconds"), (0.01, "shares of the duration")]
)
def test_predictions_in_another_unit_are_refused(factor: float, unit: str) -> None:
    result = call(TRUTH, scaled(FOUND, factor))
    assert result.exit_code == 1
    assert "p.json: predictions end" in result.output and f"{unit}?" in result.output


def test_annotations_in_another_unit_are_refused() -> None:
    result = call(scaled(TRUTH, 30, "annotations"), FOUND)
    assert result.exit_code == 1
    assert "gt.json: annotations end at 10 times the duration in 2 of 2 recordings" in result.output


def test_another_frame_rate_is_a_warning_that_strict_refuses() -> None:
    late = {"a1": [FOUND["a1"][0] | {"segment": [60, 72]}], "a2": [FOUND["a2"][0] | {"segment": [50, 60]}]}
    message = "predictions end at 1.2 times the duration in 2 of 2 recordings (a1, a2): another frame rate?"
    assert message in call(TRUTH, late).output
    result = call(TRUTH, late, "--strict")
    assert result.exit_code == 1 and message in result.output


def test_without_durations_it_is_said_that_nothing_was_checked() -> None:
    truth = {video: entry | {"duration": None} for video, entry in TRUTH.items()}
    result = call(truth, FOUND, "--strict")
    assert scores(result)[-1] == "100.00"
    assert "whether times are seconds cannot be checked" in result.output
    frames = call(truth, scaled(FOUND, 25))
    assert "25 times the last annotated end (median): are they in frames?" in frames.output


def test_labels_that_all_miss_are_an_error_with_both_sets() -> None:
    numbered = {video: [record | {"label": "0"} for record in rows] for video, rows in FOUND.items()}
    result = call(TRUTH, numbered)
    assert result.exit_code == 1
    assert "none of its labels is one of gt.json: it has 0; expected some of jump, run" in result.output


def test_partial_misses_are_counted_with_examples() -> None:
    more = FOUND | {"a1": [*FOUND["a1"], FOUND["a1"][0] | {"label": "swim"}], "x": FOUND["a2"]}
    output = call(TRUTH, more).output
    assert "videos: 2 both evaluated and predicted; 1 only predicted (x)" in output
    assert "labels: 2 both annotated and predicted; 1 only predicted (swim)" in output


def test_names_of_another_unicode_form_and_blanks_around_labels_meet() -> None:
    truth = {"\u00e9": TRUTH["a1"], "a2": TRUTH["a2"]}
    spaced = [record | {"label": "run "} for record in FOUND["a2"]]
    assert scores(call(truth, {"e\u0301": FOUND["a1"], "a2": spaced}))[-1] == "100.00"


def test_an_empty_taxonomy_is_none() -> None:
    assert scores(call(TRUTH, FOUND, taxonomy=[]))[-1] == "100.00"


def test_ambiguous_segments_of_thumos14_are_no_class() -> None:
    video = min(thumos14.test_videos("210"))
    annotated = [
        {"segment": [10, 20], "label": "Diving"},
        {"segment": [30, 40], "label": "Ambiguous"},
    ]
    truth = {video: {"subset": "test", "duration": 60, "annotations": annotated}}
    found = {
        video: [
            {"label": "Diving", "score": 0.9, "segment": [32, 41]},
            {"label": "Diving", "score": 0.8, "segment": [10, 20]},
        ]
    }
    result = call(truth, found)
    assert scores(result)[-1] == "50.00"
    assert "1 instances of 1 classes" in result.output
    assert "1 segments are ambiguous, not instances of a class (--skip-ambiguous)" in result.output
    skipped = call(truth, found, "--skip-ambiguous")
    assert scores(skipped)[-1] == "100.00"
    assert "left out: 1 predictions on ambiguous segments" in skipped.output
