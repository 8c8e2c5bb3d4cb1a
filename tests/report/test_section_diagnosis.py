"""The section of the diagnosis and the interval of the mAP on the page."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hcutal.evaluate.diagnosis import diagnose
from hcutal.files import read_json, write_json
from hcutal.report.inputs import read_inputs
from hcutal.report.page import render
from hcutal.report.rendering import environment
from hcutal.report.section_diagnosis import diagnosis_section
from hcutal.report.section_results import interval_row, result_section
from tests.evaluate.cases import found, truth

Project = Callable[..., Path]
TRUTH = truth(("v", 0, 10, "run"), ("v", 20, 22, "jump"))


def html(section) -> str:
    return environment().get_template(section.template).render(values=section.values)


def test_numbers_of_the_diagnosis_are_on_the_page() -> None:
    rows = ("v", 0, 10, "run", 0.9), ("v", 60, 70, "run", 0.95), ("v", 0, 9, "swim", 0.1)
    text = html(diagnosis_section(diagnose(TRUTH, found(*rows)).as_dict(), 50))
    assert "Why the mAP at tIoU 0.5 is 25.0 % and not more." in text
    assert "no proposal is right: 1 of 2 (50.0 %)" in text
    assert "Unnoticed among them: 1." in text
    assert "background 100" in text
    assert "here as in the mAP: 1." in text
    assert "its duration is unknown: 2." in text
    assert "expected calibration error" in text


def test_it_says_when_scores_are_no_probabilities() -> None:
    text = html(diagnosis_section(diagnose(TRUTH, found(("v", 0, 10, "run", 7.5))).as_dict(), 50))
    assert "cannot be held against a frequency" in text
    assert "expected calibration error" not in text


def test_without_proposals_there_is_no_calibration_and_no_gain_to_speak_of() -> None:
    section = diagnosis_section(diagnose(TRUTH, found()).as_dict(), 50)
    assert [picture.name for picture in section.pictures] == ["errors_by_rank", "gains", "missed_by_group"]
    assert "unnoticed instance" not in section.pictures[1].alt
    assert "no proposal is right: 2 of 2 (100.0 %)" in html(section)


def test_without_a_diagnosis_the_reason_is_told() -> None:
    section = diagnosis_section({"reason": "nobody <asked>"}, 50)
    assert html(section).strip() == "<p>Nothing was diagnosed: nobody &lt;asked&gt;.</p>"
    assert section.pictures == ()


def test_the_file_gives_the_same_section_as_the_value(tmp_path: Path) -> None:
    values = diagnose(TRUTH, found(("v", 0, 10, "run", 0.9), ("v", 20, 21, "run", 0.5))).as_dict()
    write_json(tmp_path / "diagnosis.json", values)
    assert html(diagnosis_section(read_json(tmp_path / "diagnosis.json"), 50)) == html(
        diagnosis_section(values, 50)
    )


def test_intervals_stand_below_the_map(project: Project) -> None:
    project()
    inputs = read_inputs("demo", "toy")
    metrics = inputs.metrics["evaluate"]
    section = result_section(
        metrics, inputs.per_class, dict.fromkeys(inputs.per_class["label"], "k"), 50, 0.9
    )
    text = html(section)
    low, high = (100 * metrics[f"mAP/0.5/{end}"] for end in ("low", "high"))
    assert f"<td>{low:.1f}&ndash;{high:.1f}</td>" in text
    assert "90 % interval" in text


def test_without_draws_there_is_no_interval(project: Project) -> None:
    root = project()
    path = root / "results/demo/evaluate/metrics.json"
    kept = {name: value for name, value in read_json(path).items() if not name.endswith(("/low", "/high"))}
    write_json(path, kept)
    inputs = read_inputs("demo", "toy")
    section = result_section(kept, inputs.per_class, dict.fromkeys(inputs.per_class["label"], "k"), 50)
    assert "interval" not in html(section)
    assert "interval" not in render(inputs, [])


def test_an_interval_may_be_known_for_the_average_alone() -> None:
    row = interval_row({"average_mAP/low": 0.1, "average_mAP/high": 0.2}, ["0.5"])
    assert row == {"values": [None], "average": (0.1, 0.2)}
    assert interval_row({"mAP/0.5/low": 0.1, "mAP/0.5/high": 0.2}, ["0.5"]) is None


@pytest.mark.parametrize("level", [None, 0.95])
def test_the_tile_names_the_level(project: Project, level: float | None) -> None:
    root = project()
    settings = read_json(root / "resolved.json")
    settings["experiments"]["demo"]["evaluate"] = {"bootstrap": level and {"level": level}}
    write_json(root / "resolved.json", settings)
    text = render(read_inputs("demo", "toy"), [])
    assert ("95 % interval" in text) == (level is not None)
    assert "interval" in text
