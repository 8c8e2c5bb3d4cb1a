"""The table and the figures of results, and the intervals of the mAP."""

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from hcutal.files import read_json, write_json
from hcutal.params.report import ReportParams
from hcutal.report.kit.colours import class_colours
from hcutal.report.kit.page import PageSection
from hcutal.report.kit.rendering import environment
from hcutal.report.material import Material, collect
from hcutal.report.pages.run_page import render
from hcutal.report.run_outputs import read_outputs
from hcutal.report.sections.results_section import (
    draw_classes,
    draw_thresholds,
    interval_row,
    make_results,
    result_rows,
    results_section,
)

Project = Callable[..., Path]


def texts(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(matplotlib.text.Text)}


def material() -> Material:
    return collect(read_outputs("demo.0", "toy"), ReportParams(timelines=1, dpi=50))


def html(section: PageSection) -> str:
    return environment().get_template(section.template).render(values=section.values)


def test_classes_are_in_the_order_of_their_ap() -> None:
    averages = pd.Series({"low": 0.1, "unknown": np.nan, "high": 0.9})
    axes = draw_classes(averages, class_colours(averages.index)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["high", "low", "unknown"]
    assert [bar.get_width() for bar in axes.patches[:2]] == pytest.approx([90, 10])


def test_two_hundred_classes_fit_on_the_page() -> None:
    figure = draw_classes(pd.Series({f"class {n}": n / 200 for n in range(200)}), {})
    assert max(figure.get_size_inches()) <= 11
    assert "200 classes, best first" in texts(figure)


def test_a_line_that_is_almost_flat_has_room_above_it() -> None:
    axes = draw_thresholds({"own": [0.693, 0.675]}, ["0.3", "0.5"]).axes[0]
    assert axes.get_ylim() == (0, pytest.approx(1.04 * 69.3))


def test_rows_of_the_result_table_follow_the_names_of_the_metrics() -> None:
    metrics = {
        "mAP/0.5": 0.4,
        "mAP/0.25": 0.6,
        "average_mAP": 0.5,
        "chance/mAP/0.5": 0.1,
        "chance/mAP/0.25": 0.3,
        "recall/AR/5": 1,
    }
    thresholds, rows = result_rows(metrics)
    assert thresholds == ["0.25", "0.5"]
    assert [row["name"] for row in rows] == ["this run", "chance"]
    assert [row["values"] for row in rows] == [[0.6, 0.4], [0.3, 0.1]]
    assert [row["average"] for row in rows] == pytest.approx([0.5, 0.2])


def test_intervals_stand_below_the_map(project: Project) -> None:
    project()
    outputs = read_outputs("demo.0", "toy")
    metrics, colours = outputs.metrics["evaluate"], dict.fromkeys(outputs.per_class["label"], "k")
    text = html(make_results(metrics, outputs.per_class, colours, 50, 0.9))
    low, high = (100 * metrics[f"mAP/0.5/{end}"] for end in ("low", "high"))
    assert f"<td>{low:.1f}&ndash;{high:.1f}</td>" in text
    assert "90 % interval" in text


def test_without_draws_there_is_no_interval(project: Project) -> None:
    root = project()
    path = root / "results/demo/seed-0/evaluate/metrics.json"
    kept = {name: value for name, value in read_json(path).items() if not name.endswith(("/low", "/high"))}
    write_json(path, kept)
    found = material()
    assert "interval" not in html(results_section(found))
    assert "interval" not in render(found, [])


def test_an_interval_may_be_known_for_the_average_alone() -> None:
    row = interval_row({"average_mAP/low": 0.1, "average_mAP/high": 0.2}, ["0.5"])
    assert row == {"values": [None], "average": (0.1, 0.2)}
    assert interval_row({"mAP/0.5/low": 0.1, "mAP/0.5/high": 0.2}, ["0.5"]) is None


@pytest.mark.parametrize("level", [None, 0.95])
def test_the_tile_names_the_level(project: Project, level: float | None) -> None:
    root = project()
    settings = read_json(root / "resolved.json")
    settings["runs"]["demo"]["0"]["evaluate"] = {"bootstrap": level and {"level": level}}
    write_json(root / "resolved.json", settings)
    text = render(material(), [])
    assert ("95 % interval" in text) == (level is not None)
    assert "interval" in text
