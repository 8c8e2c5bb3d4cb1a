"""The stage: where it reads and writes, and what bad parameters are told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.stages.report import run
from hcutal.tables import write_table


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The smallest experiment that a page can be made of: one recording to train on and one to test."""
    monkeypatch.chdir(tmp_path)
    part = [{"segment": [1, 3], "label": "Jump"}]
    database = {
        "a": {"subset": "train", "duration": 8, "annotations": part},
        "b": {"subset": "test", "duration": 8, "annotations": part},
    }
    write_json("data/toy/annotations.json", {"version": "1", "database": database})
    write_json("data/toy/labels.json", {"a": ["Jump"], "b": ["Jump"]})
    sidecar = {"extractor": "toy", "fps": 2.0, "snippet_frames": 1, "stride": 1, "weights": None}
    write_json(
        "features/toy/features.json",
        {**sidecar, "streams": {"x": 2}, "videos": 2, "lengths": {"a": 16, "b": 16}},
    )
    results = Path("results/one/seed-0")
    write_table(results / "train/curves.csv", [{"step": 0, "total": 1.0}], ["step", "total"])
    row = {"video": "a", "start": 0, "end": 8, "cluster": 0, "confidence": 1}
    write_table(results / "train/pseudo_labels.csv", [row], list(row))
    name = {"cluster": 0, "label": "Jump", "count": 1, "videos": 1, "kept": 1}
    write_table(results / "map/mapping.csv", [name], list(name))
    write_json(
        results / "propose/proposals.json",
        {"results": {"b": [{"label": "Jump", "score": 1, "segment": [1, 3]}]}},
    )
    scores = {"label": "Jump", "instances": 1, "AP/0.5": 1.0, "average_AP": 1.0}
    write_table(results / "evaluate/per_class.csv", [scores], list(scores))
    write_json(results / "evaluate/metrics.json", {"mAP/0.5": 1.0, "average_mAP": 1.0})
    write_json(results / "evaluate/diagnosis.json", {"reason": "nobody asked"})
    for stage in ("train", "map", "propose"):
        write_json(results / stage / "metrics.json", {})
    np.savez(results / "propose/cas.npz", classes=np.array(["Jump"]), b=np.ones((16, 1), np.float32))
    settings = {"dataset": "toy", "train": {"seed": 1}, "report": {"dpi": 50}}
    write_json("resolved.json", {"runs": {"one": {"0": settings}}})
    return tmp_path


def test_page_and_figures_are_written_beside_each_other(project: Path) -> None:
    run("one.0", "toy")
    folder = project / "results/one/seed-0/report"
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert {path.name for path in (folder / "figures").iterdir()} >= {
        "timeline_b.png",
        "training.png",
        "clusters.png",
    }
    assert sorted(path.name for path in folder.iterdir()) == ["figures", "report.html"]


def test_segments_of_all_recordings_are_written_for_people_and_tools(project: Path) -> None:
    folder = project / "results/one/seed-0/segments"
    run("one.0", "toy")
    # Without recordings there is nothing that a tool could open.
    tables = ["segments.csv", "segments.json", "summary.csv", "transitions.csv"]
    assert sorted(path.name for path in folder.iterdir()) == tables
    columns = ["video", "path", "duration", "rate"]
    rows = [("a", "films/x/take.mp4", 8.0, 25.0), ("b", "films/y/take.mp4", 8.0, float("nan"))]
    write_table(
        "data/toy/recordings/index.csv", [dict(zip(columns, row, strict=True)) for row in rows], columns
    )
    trained = {"a": [{"label": "Jump", "score": 0.9, "segment": [2, 4]}], "c": []}
    write_json("results/one/seed-0/propose/training.json", {"results": trained})
    run("one.0", "toy")
    table = pd.read_csv(folder / "segments.csv").fillna(-1)
    assert table.values.tolist() == [["a", 2, 4, "Jump", 0.9, 50, 99], ["b", 1, 3, "Jump", 1, -1, -1]]
    assert set(read_json(folder / "segments.json")["results"]) == {"a", "b", "c"}
    assert pd.read_csv(folder / "transitions.csv").values.tolist() == [["Jump", "Jump", 0]]
    tasks = [read_json(folder / f"label-studio/{name}.json")[0] for name in ("a", "b", "c")]
    assert [task["data"]["video"] for task in tasks] == ["x/take.mp4", "y/take.mp4", "c"]
    (film, *_) = read_json(folder / "boris/segments.boris")["observations"].values()
    assert (folder / "boris" / film["file"]["1"][0]).resolve() == project / "films/x/take.mp4"
    assert {path.name for path in folder.iterdir()} == {*tables, "elan", "label-studio", "audacity", "boris"}


def test_a_wrong_parameter_is_named(project: Path) -> None:
    write_json("resolved.json", {"runs": {"one": {"0": {"report": {"timeline": 3}}}}})
    with pytest.raises(HcutalError, match=r"resolved\.json: runs\.one\.0\.report\.timeline: unknown key"):
        run("one.0", "toy")
