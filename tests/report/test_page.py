"""The page as a whole: one file, readable by machines and without labels where there are none."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.params.report import ReportParams
from hcutal.report.inputs import read_inputs
from hcutal.report.page import render, write_report
from hcutal.report.section_results import result_rows
from hcutal.report.sections import cluster_section, flatten

Project = Callable[..., Path]
QUICK = ReportParams(timelines=1, dpi=50)
VOID = {"meta", "link", "img", "br"}


class Structure(HTMLParser):
    """Elements and their attributes; tags that are not closed in order are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(params: ReportParams = QUICK) -> str:
    write_report("out", read_inputs("demo", "toy"), params)
    return Path("out/report.html").read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(project: Project) -> None:
    project()
    text = page_of()
    page = Structure(text)
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert all(len(image["alt"]) > 20 for image in page.all("img"))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert all(link["href"][1:] in anchors for link in page.all("a"))
    assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", re.sub(r"base64,[\w+/=]+", "", text))


def test_the_same_inputs_give_the_same_bytes_and_old_figures_vanish(project: Project) -> None:
    project()
    page_of(ReportParams(timelines=2, dpi=50))
    page_of()
    first = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    page_of()
    assert first == {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    assert sorted(path.name for path in Path("out/figures").iterdir()) == [
        "ap_by_class.png",
        "calibration.png",
        "clusters.png",
        "errors_by_rank.png",
        "gains.png",
        "map_by_tiou.png",
        "missed_by_group.png",
        "timeline_test_0000.png",
        "training.png",
    ]


def test_headline_and_chance_are_on_the_page(project: Project) -> None:
    project()
    inputs = read_inputs("demo", "toy")
    metrics = inputs.metrics["evaluate"]
    text = render(inputs, [])
    average = 100 * metrics["average_mAP"]
    assert f"{average:.1f}<small>" in text
    assert f"95 % interval {average - 2:.1f}&ndash;{average + 3:.1f}; by chance 3.0 %" in text
    assert "checkpoint is the last one" in text
    assert "in test, of 6 classes" in text


@pytest.mark.parametrize(
    ("supervision", "sentence"),
    [
        ("unsupervised", "Training saw no label."),
        ("weak", "Training saw which classes occur in each training recording"),
        ("mapped", "Training saw labels, but only through the clusters"),
    ],
)
def test_the_page_says_where_labels_come_in(project: Project, supervision: str, sentence: str) -> None:
    project(supervision=supervision)
    inputs = read_inputs("demo", "toy")
    assert sentence in render(inputs, [])
    assert (cluster_section(inputs, QUICK) is None) == (supervision == "weak")


def test_names_are_escaped(project: Project) -> None:
    project(classes=("<script>alert(1)</script>", "a & b"))
    inputs = read_inputs("demo", "toy")
    text = render(inputs, [cluster_section(inputs, QUICK)])
    assert "<script" not in text
    assert "a &amp; b" in text


def test_a_class_that_names_no_cluster_is_told(project: Project) -> None:
    root = project(clusters=6)
    assert cluster_section(read_inputs("demo", "toy"), QUICK).values["unnamed"] == []
    mapping = root / "results/demo/map/mapping.csv"
    mapping.write_text(re.sub(r"(?m)^(\d+,Row,.*),1$", r"\1,0", mapping.read_text()))
    inputs = read_inputs("demo", "toy")
    text = render(inputs, [cluster_section(inputs, QUICK)])
    assert "1 class has no cluster</strong> and cannot be found in test: Row." in text


def test_without_annotated_instances_there_is_no_result(project: Project) -> None:
    root = project(instances=0)
    write_json(
        root / "results/demo/evaluate/metrics.json", {"videos": 24, "instances": 0, "predictions": 100}
    )
    (root / "results/demo/evaluate/per_class.csv").write_text("label,instances,average_AP\n")
    text = page_of()
    assert 'id="results"' not in text
    assert "not evaluated: no annotations" in text
    assert 'id="diagnosis"' not in text
    assert 'id="timelines"' in text
    assert "average mAP</span>" not in text
    assert "truth</b>" not in text


def test_two_hundred_classes_and_an_hour_fit(project: Project) -> None:
    names = tuple(f"class {n}" for n in range(200))
    project(
        classes=names, clusters=200, train=400, test=3, duration=3600.0, instances=40, noise=120, steps=50
    )
    text = page_of(ReportParams(timelines=1))
    assert len(text) < 1_000_000
    assert "AP of each of the 200 classes" in text


def test_a_cas_that_does_not_fit_the_classes_is_named(project: Project) -> None:
    root = project()
    np.savez(root / "results/demo/propose/cas.npz", classes=np.array(["a", "b"]), test_0000=np.zeros((4, 3)))
    with pytest.raises(HcutalError, match=r"cas\.npz: test_0000 is \(4, 3\); expected \[T, 2\]"):
        page_of()
    assert not Path("out").exists()


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
    assert [row["name"] for row in rows] == ["this experiment", "chance"]
    assert [row["values"] for row in rows] == [[0.6, 0.4], [0.3, 0.1]]
    assert [row["average"] for row in rows] == pytest.approx([0.5, 0.2])


def test_nested_settings_become_dotted_names() -> None:
    assert flatten({"a": 1, "b": {"c": [2], "d": {"e": None}}}) == [("a", 1), ("b.c", [2]), ("b.d.e", None)]
