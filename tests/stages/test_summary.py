"""The stage: what it reads of the runs, and what it says of one seed and of several."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.evaluate.over_seeds import measured_table, write_measured
from hcutal.files import read_json, write_json
from hcutal.layout import RunPaths
from hcutal.stages.summary import run
from tests.report.structure import Structure

FOLDER = Path("results/exp/summary")
SCORES = {0: 0.5, 3: 0.75}


def write_project(seeds: list[int], labelled: bool = True) -> None:
    values = {
        "dataset": "toy",
        "preset": "default",
        "seeds": seeds,
        "evaluate": {"bootstrap": {"draws": 3}},
        "train": {"supervision": "unsupervised", "steps": 5},
    }
    write_json("resolved.json", {"experiments": {"exp": values}})
    for seed, score in SCORES.items():
        files = RunPaths.of(f"exp.{seed}")
        scores = (
            {"ARI": score, "ARI/set": score, "clusters_used": 4.0} if labelled else {"clusters_used": 4.0}
        )
        write_measured(files.draws("map"), measured_table(scores, {}))
        drawn = {"average_mAP": score + np.array([-0.1, 0.0, 0.1])}
        measured = {"average_mAP": score, "chance/average_mAP": 0.125} if labelled else {"videos": 3}
        write_measured(files.draws("evaluate"), measured_table(measured, drawn if labelled else {}))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_headline_and_table_of_several_seeds() -> None:
    write_project([0, 3])
    run("exp")
    metrics = read_json(FOLDER / "metrics.json")
    assert (metrics["seeds"], metrics["average_mAP"], metrics["ARI"]) == (2, 0.625, 0.625)
    assert metrics["average_mAP/sd"] == pytest.approx(np.std([0.5, 0.75], ddof=1))
    assert 0.4 <= metrics["average_mAP/low"] < 0.625 < metrics["average_mAP/high"] <= 0.85
    assert metrics["ARI/low"] is None
    assert metrics["chance/average_mAP/sd"] == 0.0
    assert not {"ARI/set", "clusters_used"} & metrics.keys()
    table = pd.read_csv(FOLDER / "summary.csv", index_col="metric")
    assert list(table.columns) == ["mean", "sd", "low", "high", "seed-0", "seed-3"]
    assert table.loc["clusters_used", "mean"] == 4.0
    first = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    run("exp")
    assert first == {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def test_dvc_is_shown_what_tells_most_and_the_map_by_tiou() -> None:
    write_project([0, 3])
    for seed in SCORES:
        path = RunPaths.of(f"exp.{seed}").draws("evaluate")
        measured = {"average_mAP": 0.5, "mAP/0.5": 0.25, "mAP/0.1": 0.75, "AR/10": 1.0}
        write_measured(path, measured_table(measured, {"mAP/0.5": np.array([0.25, 0.5])}))
    run("exp")
    # DVC makes a column of each key.
    assert read_json(FOLDER / "headline.json") == {"ARI": 0.625, "average_mAP": 0.5, "mAP/0.5": 0.25}
    plotted = pd.read_csv(FOLDER / "map_by_tiou.csv")
    assert plotted.to_dict("list") == {"tiou": [0.1, 0.5], "mAP": [0.75, 0.25]}


def test_where_nothing_is_labelled_there_is_no_headline() -> None:
    write_project([0, 3], labelled=False)
    run("exp")
    assert read_json(FOLDER / "headline.json") == {}
    assert (FOLDER / "map_by_tiou.csv").read_text() == "tiou,mAP\n"


def test_the_page_leads_to_those_of_the_runs_and_asks_nothing_of_the_network() -> None:
    write_project([0, 3])
    run("exp")
    page = Structure((FOLDER / "report.html").read_text())
    links = {link["href"] for link in page.all("a")}
    assert {"../seed-0/report/report.html", "../seed-3/report/report.html"} <= links
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert all(str(link)[1:] in anchors for link in links if str(link).startswith("#"))
    assert not any(str(link).startswith(("http", "/")) for link in links)
    assert all(image["src"].startswith("data:image/png") for image in page.all("img"))


def test_one_seed_has_no_spread_and_the_page_says_so() -> None:
    write_project([3])
    run("exp")
    metrics = read_json(FOLDER / "metrics.json")
    assert (metrics["seeds"], metrics["average_mAP"], metrics["average_mAP/sd"]) == (1, 0.75, None)
    text = (FOLDER / "report.html").read_text()
    assert "spread over seeds is not known" in text and "hcutal run exp --seeds 3,4,5" in text
    assert "exp.0" not in text


def test_without_labels_the_page_says_that_nothing_was_measured() -> None:
    write_project([0, 3], labelled=False)
    run("exp")
    assert read_json(FOLDER / "metrics.json") == {"seeds": 2}
    text = (FOLDER / "report.html").read_text()
    assert "Nothing could be measured" in text and "The interval" not in text and "± is" not in text
    top = text.partition("<main")[0]
    assert 'href="../seed-0/report/report.html"' in top and 'href="../seed-3/report/report.html"' in top


def test_a_run_that_is_missing_is_named() -> None:
    write_project([0, 1])
    with pytest.raises(HcutalError, match=r"results/exp/draws/seed-1/map\.csv: no such file"):
        run("exp")
