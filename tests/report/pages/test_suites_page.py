"""The page of suites: one file, readable by machines, that says what is reversed and where it is from."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from hcutal.evaluate.over_seeds import Difference
from hcutal.report.kit.figure import picture
from hcutal.report.pages.suites_page import SuitesReport, write_suites_page
from hcutal.report.sections.suite_figures_section import ShownFigure
from hcutal.report.sections.suite_origin_section import ExperimentOrigin
from hcutal.report.sections.suite_tables_section import IntervalRow, OrderCheck, ShownTable
from hcutal.report.sections.suite_variants_section import ShownVariant
from tests.report.structure import Structure

TABLE = ShownTable(
    suite="table8",
    title="the halves of the video level; ours: data set toy, preset default; paper: Table 8, thumos14",
    text=pd.DataFrame({"row": ["vertical", "full"], "seeds": ["2", "2"], "ARI": ["0.250 ± 0.100", "0.500"]}),
    words=1,
    rules=[],
    orders=[OrderCheck("ARI", 4, 1, ["a is above b."], 1), OrderCheck("NMI", 1, 0, [], 0)],
    intervals={
        "ARI": [
            IntervalRow("vertical", 0.25, 0.125, 0.375, [0.25, 0.25]),
            IntervalRow("full", 0.5, float("nan"), float("nan"), [0.5]),
        ]
    },
)


def report(**changes: Any) -> SuitesReport:
    values: dict[str, Any] = {
        "suites": ["table8", "figure4", "figure7"],
        "dataset": "toy",
        "preset": "default",
        "seeds": [0, 1],
        "level": 0.95,
        "tables": [TABLE],
        "figures": [
            ShownFigure(
                "figure4",
                "CAS",
                picture(Figure(), "figure4", "what is to be seen, in words", 50),
                "How to read it.",
                "By a rule.",
                files=["figure4.svg"],
            ),
            ShownFigure("figure7", "snippets", None, reason="no test recording is annotated"),
        ],
        "differences": {"vertical": {"ARI": Difference(-0.25, -0.5, 0.125, [0, 1])}},
        "variants": [
            ShownVariant(
                "vertical",
                "without L_h",
                "Table 8",
                "toy-vertical",
                {"train.video.horizontal": "False"},
            ),
            ShownVariant("full", "all", "", "toy", {"train.video.horizontal": "True"}),
        ],
        "origins": [
            ExperimentOrigin("toy-vertical", 2, "0123456789abcdef", {"train": 90.0, "map": 6.0}),
            ExperimentOrigin("toy", 2, "fedcba9876543210", {}),
        ],
        "about": {"commit": "abc", "machine": "here"},
        "data": {"features": 24.0},
    }
    return SuitesReport(**(values | changes))


def page_of(tmp_path: Path, **changes: Any) -> str:
    write_suites_page(tmp_path / "report.html", report(**changes))
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    text = page_of(tmp_path)
    page = Structure(text)
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert all(len(image["alt"]) > 20 for image in page.all("img"))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {link["href"] for link in page.all("a")} <= {f"#{anchor}" for anchor in anchors}
    assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", re.sub(r"base64,[\w+/=]+", "", text))
    assert text == page_of(tmp_path)


@pytest.mark.parametrize(
    "part",
    [
        "<td>0.250 ± 0.100</td>",
        "<strong>ARI</strong>: 2 of 4 orders of two rows are as published, 1 with the same results, "
        "1 reversed (1 beyond noise)",
        "<li>a is above b.</li>",
        "1 of 5 published orders of two rows comes out reversed</strong>, 1 beyond noise",
        "-0.250 [-0.500, +0.125] ≈",
        "<td>False</td><td>True</td>",
        "Not drawn: no test recording is annotated",
        "<code>0123456789ab</code>",
        # 90, 6 and 24 seconds.
        "Together 2:00 of computing, with features 24 s.",
        "How to read it.",
        "By a rule.",
        "For papers: figure4.svg.",
    ],
)
def test_it_says_what_came_out_and_from_where(part: str, tmp_path: Path) -> None:
    assert part in page_of(tmp_path)


def test_a_page_of_figures_alone_has_no_tables(tmp_path: Path) -> None:
    text = page_of(tmp_path, tables=[], differences={}, seeds=[0])
    assert 'id="suite_tables"' not in text and 'id="suite_differences"' not in text
    assert "reversed" not in text and "with one there is none" in text
