"""The stage: where it reads and writes, and what bad parameters are told."""

from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.files import write_json
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


def test_a_wrong_parameter_is_named(project: Path) -> None:
    write_json("resolved.json", {"runs": {"one": {"0": {"report": {"timeline": 3}}}}})
    with pytest.raises(HcutalError, match=r"resolved\.json: runs\.one\.0\.report\.timeline: unknown key"):
        run("one.0", "toy")
