"""The page as a whole: one file, readable by machines and without labels where there are none."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.params.report import ReportParams
from hcutal.report.material import Material, collect
from hcutal.report.pages.run_page import render, write_report
from hcutal.report.run_outputs import read_outputs
from hcutal.report.sections.clusters_section import clusters_section
from tests.report.structure import Structure

Project = Callable[..., Path]
QUICK = ReportParams(timelines=1, dpi=50)


def material() -> Material:
    return collect(read_outputs("demo.0", "toy"), QUICK)


def page_of(params: ReportParams = QUICK) -> str:
    write_report("out", read_outputs("demo.0", "toy"), params)
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
    links = {link["href"] for link in page.all("a")}
    assert {link for link in links if link[1:] not in anchors} == {"../../summary/report.html"}
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
    found = material()
    metrics = found.outputs.metrics["evaluate"]
    text = render(found, [])
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
    found = material()
    assert sentence in render(found, [])
    assert (clusters_section(found) is None) == (supervision == "weak")


def test_names_are_escaped(project: Project) -> None:
    project(classes=("<script>alert(1)</script>", "a & b"))
    found = material()
    text = render(found, [clusters_section(found)])
    assert "<script" not in text
    assert "a &amp; b" in text


def test_a_class_that_names_no_cluster_is_told(project: Project) -> None:
    root = project(clusters=6)
    assert clusters_section(material()).values["unnamed"] == []
    mapping = root / "results/demo/seed-0/map/mapping.csv"
    mapping.write_text(re.sub(r"(?m)^(\d+,Row,.*),1,0\.0$", r"\1,0,0.0", mapping.read_text()))
    found = material()
    text = render(found, [clusters_section(found)])
    assert "1 class has no cluster</strong> and cannot be found in test: Row." in text


def test_clusters_of_pieces_are_named_by_what_is_beyond_chance(project: Project) -> None:
    path = project(clusters=6) / "results/demo/seed-0/train/pseudo_labels.csv"
    assert "its frequent classes" in render(material(), [clusters_section(material())])
    video, _, *rest = path.read_text().splitlines()[1].split(",")
    path.write_text(path.read_text() + ",".join([video, "1.0", *rest]) + "\n")
    assert "names of classes that it has beyond chance" in render(material(), [clusters_section(material())])


def test_without_annotated_instances_there_is_no_result(project: Project) -> None:
    root = project(instances=0)
    write_json(
        root / "results/demo/seed-0/evaluate/metrics.json", {"videos": 24, "instances": 0, "predictions": 100}
    )
    (root / "results/demo/seed-0/evaluate/per_class.csv").write_text("label,instances,average_AP\n")
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
    np.savez(
        root / "results/demo/seed-0/propose/cas.npz", classes=np.array(["a", "b"]), test_0000=np.zeros((4, 3))
    )
    with pytest.raises(HcutalError, match=r"cas\.npz: test_0000 is \(4, 3\); expected \[T, 2\]"):
        page_of()
    assert not Path("out").exists()
