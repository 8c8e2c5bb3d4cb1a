"""The section of the diagnosis: its numbers, and what its figures show."""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from hcutal.evaluate.diagnosis import diagnose
from hcutal.evaluate.diagnosis_errors import KINDS as KINDS_FOUND
from hcutal.evaluate.mending import UNNOTICED
from hcutal.files import read_json, write_json
from hcutal.report.kit.figure import picture
from hcutal.report.kit.page import PageSection
from hcutal.report.kit.rendering import environment
from hcutal.report.sections.diagnosis_section import (
    CHARACTERISTICS,
    KINDS,
    draw_calibration,
    draw_gains,
    draw_groups,
    draw_kinds,
    make_diagnosis,
    span,
)
from tests.evaluate import cases

TRUTH = cases.truth(("v", 0, 10, "run"), ("v", 20, 22, "jump"))
NONE = dict.fromkeys(KINDS_FOUND, 0)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text)]


def heights(figure: Figure, axes: int = 0) -> list[float]:
    return [patch.get_height() for patch in figure.axes[axes].patches]


def many_classes(number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    start = rng.uniform(0, 90, 3 * number)
    truth = pd.DataFrame(
        {
            "video": [f"v{n % 40}" for n in range(3 * number)],
            "start": start,
            "end": start + rng.gamma(2, 4, 3 * number),
            "label": [f"class {n % number}" for n in range(3 * number)],
        }
    )
    found = pd.concat([truth] * 4, ignore_index=True)
    shift = rng.normal(0, 1.5, len(found))
    found = found.assign(
        start=found["start"] + shift, end=found["end"] + shift, score=rng.normal(size=len(found))
    )
    return truth, found


def test_every_kind_and_characteristic_has_a_name() -> None:
    assert {*KINDS_FOUND, UNNOTICED} == set(KINDS)
    truth, found = many_classes(2)
    assert set(diagnose(truth, found, pd.Series({"v0": 100.0})).by) == set(CHARACTERISTICS)


def test_kinds_are_stacked_to_shares_whatever_the_order_of_the_keys() -> None:
    groups = [NONE | {"true": 3, "background": 1}, NONE | {"double": 2}, NONE]
    overall = dict(sorted((NONE | {"true": 3, "double": 2, "background": 1}).items()))
    figure = draw_kinds(groups, overall)
    found = np.reshape(heights(figure), (len(KINDS_FOUND), 3))
    assert found.sum(axis=0) == pytest.approx([100, 100, 100])
    assert found[0] == pytest.approx([75, 0, 50])
    assert found[-1] == pytest.approx([25, 0, 100 / 6])
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    # The third group holds no prediction.
    assert ticks == ["1G", "2G", "all"]


def test_gains_are_in_points_and_may_be_undefined() -> None:
    figure = draw_gains(dict.fromkeys(KINDS_FOUND[1:], 0.0) | {"wrong_label": 0.123, UNNOTICED: None})
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    assert widths[:-1] == pytest.approx([0, 12.3, 0, 0, 0])
    assert {" 12.3", " not defined"} <= set(texts(figure))


def test_groups_show_both_measures_and_leave_empty_bins_blank() -> None:
    bins = [
        {"name": "XS", "above": 0, "up_to": 3, "instances": 4, "missed_share": 0.25, "normalised_map": 0.5},
        {
            "name": "S",
            "above": 3,
            "up_to": None,
            "instances": 0,
            "missed_share": None,
            "normalised_map": None,
        },
    ]
    figure = draw_groups({"length": bins}, 0.25, 0.5)
    assert heights(figure)[0] == 25
    assert heights(figure, 1)[0] == 50
    assert np.isnan(heights(figure)[1])
    assert {"XS\n≤ 3\nn = 4", "S\n> 3\nn = 0", "25.0", "50.0"} <= set(texts(figure))


@pytest.mark.parametrize(
    ("above", "up_to", "characteristic", "text"),
    [
        (0, 3, "length", "≤ 3"),
        (3, 6.25, "length", "3–6.25"),
        (18, None, "length", "> 18"),
        (0.02, 0.04, "coverage", "2–4"),
        (0, 1, "instances", "1"),
        (1, 40, "instances", "2–40"),
        (0, 5, "instances", "1–5"),
        (80, None, "instances", "≥ 81"),
    ],
)
def test_spans_of_bins_are_plain(above: float, up_to: float | None, characteristic: str, text: str) -> None:
    assert span({"above": above, "up_to": up_to}, characteristic) == text


@pytest.mark.parametrize("probabilities", [True, False])
def test_the_diagonal_is_drawn_for_probabilities_only(probabilities: bool) -> None:
    bins = [
        {"low": 0.0, "high": 0.5, "predictions": 9, "score": 0.2, "precision": 0.1},
        {"low": 0.5, "high": 1.0, "predictions": 3, "score": 0.8, "precision": 0.7},
    ]
    upper, lower = draw_calibration({"probabilities": probabilities, "bins": bins}).axes
    curve = upper.lines[-1]
    assert curve.get_xdata().tolist() == [0.2, 0.8]
    assert curve.get_ydata().tolist() == pytest.approx([10, 70])
    assert len(upper.lines) == 1 + probabilities
    assert [patch.get_height() for patch in lower.patches] == [9, 3]


@pytest.mark.parametrize("number", [20, 200])
def test_figures_have_the_same_size_whatever_the_number_of_classes(number: int) -> None:
    found = diagnose(*many_classes(number), bins="quantiles").as_dict()
    share = found["missed"] / found["instances"]
    for figure in (
        draw_kinds(found["groups"], found["kinds"]),
        draw_gains(found["gains"]),
        draw_groups(found["by"], share, found["normalised_map"]),
        draw_calibration(found["calibration"]),
    ):
        made = picture(figure, "x", "alt", 50)
        assert made.png.startswith(b"\x89PNG")
        assert made.width <= 1056


def html(section: PageSection) -> str:
    return environment().get_template(section.template).render(values=section.values)


def test_numbers_of_the_diagnosis_are_on_the_page() -> None:
    rows = ("v", 0, 10, "run", 0.9), ("v", 60, 70, "run", 0.95), ("v", 0, 9, "swim", 0.1)
    text = html(make_diagnosis(diagnose(TRUTH, cases.found(*rows)).as_dict(), 50))
    assert "Why the mAP at tIoU 0.5 is 25.0 % and not more." in text
    assert "no proposal is right: 1 of 2 (50.0 %)" in text
    assert "Unnoticed among them: 1." in text
    assert "background 100" in text
    assert "here as in the mAP: 1." in text
    assert "its duration is unknown: 2." in text
    assert "expected calibration error" in text


def test_it_says_when_scores_are_no_probabilities() -> None:
    text = html(make_diagnosis(diagnose(TRUTH, cases.found(("v", 0, 10, "run", 7.5))).as_dict(), 50))
    assert "cannot be held against a frequency" in text
    assert "expected calibration error" not in text


def test_without_proposals_there_is_no_calibration_and_no_gain_to_speak_of() -> None:
    section = make_diagnosis(diagnose(TRUTH, cases.found()).as_dict(), 50)
    assert [picture.name for picture in section.pictures] == ["errors_by_rank", "gains", "missed_by_group"]
    assert "unnoticed instance" not in section.pictures[1].alt
    assert "no proposal is right: 2 of 2 (100.0 %)" in html(section)


def test_without_a_diagnosis_the_reason_is_told() -> None:
    section = make_diagnosis({"reason": "nobody <asked>"}, 50)
    assert html(section).strip() == "<p>Nothing was diagnosed: nobody &lt;asked&gt;.</p>"
    assert section.pictures == ()


def test_the_file_gives_the_same_section_as_the_value(tmp_path: Path) -> None:
    values = diagnose(TRUTH, cases.found(("v", 0, 10, "run", 0.9), ("v", 20, 21, "run", 0.5))).as_dict()
    write_json(tmp_path / "diagnosis.json", values)
    assert html(make_diagnosis(read_json(tmp_path / "diagnosis.json"), 50)) == html(
        make_diagnosis(values, 50)
    )
