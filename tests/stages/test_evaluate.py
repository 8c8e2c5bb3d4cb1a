import csv
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.data.annotations import read_annotations
from hcutal.errors import HcutalError
from hcutal.evaluate.evaluation import evaluate
from hcutal.evaluate.metrics import flat_metrics
from hcutal.evaluate.options import BootstrapOptions, ChanceOptions, DiagnosisOptions
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import read_json, write_json
from hcutal.stages.evaluate import run

PARAMETERS = {"tiou": [0.3, 0.5], "recall_at": [1, 100], "chance": {"draws": 2}, "bootstrap": {"draws": 50}}


def record(label, start, end, score=None):
    return {"label": label, "segment": [start, end]} | ({} if score is None else {"score": score})


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_json("resolved.json", {"runs": {"exp": {"0": {"evaluate": PARAMETERS}}}})
    database = {
        "a": {"subset": "train", "duration": 50, "annotations": [record("other", 0, 5)]},
        "b": {"subset": "test", "duration": 50, "annotations": [record("run", 0, 5), record("jump", 20, 30)]},
        "c": {"subset": "test", "duration": 50, "annotations": []},
    }
    write_json("data/ds/annotations.json", {"version": "1", "database": database})
    results = {"b": [record("run", 0, 5, 0.9), record("jump", 20, 24, 0.8)], "c": [record("run", 0, 5, 0.95)]}
    write_json("results/exp/seed-0/propose/proposals.json", {"version": "1", "results": results})
    write_pieces("a,0,50,1")
    return tmp_path


def write_pieces(*rows):
    lines = ["video,start,end,cluster,confidence", *(f"{row},0.9" for row in rows)]
    path = Path("results/exp/seed-0/train/pseudo_labels.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def test_clusters_of_pieces_are_held_against_annotated_action(project):
    run("exp.0", "ds")
    assert "ARI/action" not in read_json("results/exp/seed-0/evaluate/metrics.json")
    database = {
        "a": {"subset": "train", "duration": 50, "annotations": [record("x", 0, 4), record("y", 11, 15)]}
    }
    test = read_json("data/ds/annotations.json")["database"]
    write_json("data/ds/annotations.json", {"version": "1", "database": test | database})
    # The middles are 5 and 15 s: the nearest of them changes at 10 s.
    write_pieces("a,0,10,4", "a,10,20,2")
    run("exp.0", "ds")
    metrics = read_json("results/exp/seed-0/evaluate/metrics.json")
    assert (metrics["ARI/action"], metrics["NMI/action"], metrics["moments"]) == (1.0, 1.0, 80)
    write_pieces("a,0,10,4", "a,2,18,4")
    run("exp.0", "ds")
    assert read_json("results/exp/seed-0/evaluate/metrics.json")["ARI/action"] == 0.0


def test_writes_metrics_and_classes(project):
    run("exp.0", "ds")
    metrics = read_json("results/exp/seed-0/evaluate/metrics.json")
    # The better scored `run` stands in a video without it; `jump` overlaps by 0.4.
    assert metrics["mAP/0.3"] == pytest.approx(0.75)
    assert metrics["mAP/0.5"] == pytest.approx(0.25)
    assert metrics["average_mAP"] == pytest.approx(0.5)
    assert (metrics["videos"], metrics["instances"], metrics["predictions"]) == (2, 2, 3)
    assert 0 <= metrics["AR/1"] <= metrics["AR/100"] <= 1
    assert {"chance/mAP/0.3", "chance/mAP/0.5", "chance/average_mAP"} <= metrics.keys()
    with Path("results/exp/seed-0/evaluate/per_class.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["label"], row["instances"], float(row["AP/0.3"])) for row in rows] == [
        ("jump", "1", 1.0),
        ("run", "1", 0.5),
    ]
    first = (project / "results/exp/seed-0/evaluate/metrics.json").read_bytes()
    run("exp.0", "ds")
    assert (project / "results/exp/seed-0/evaluate/metrics.json").read_bytes() == first


def test_the_interval_holds_the_map(project):
    run("exp.0", "ds")
    metrics = read_json("results/exp/seed-0/evaluate/metrics.json")
    for name in ("mAP/0.3", "mAP/0.5", "average_mAP"):
        assert 0 <= metrics[f"{name}/low"] <= metrics[name] <= metrics[f"{name}/high"] <= 1
    # Some draws hold video b alone, others the false positive of c as well.
    assert metrics["mAP/0.3/low"] < metrics["mAP/0.3/high"]


def test_no_draws_no_interval(project):
    values = {"runs": {"exp": {"0": {"evaluate": PARAMETERS | {"bootstrap": None}}}}}
    write_json("resolved.json", values)
    run("exp.0", "ds")
    assert not any(
        name.endswith(("/low", "/high")) for name in read_json("results/exp/seed-0/evaluate/metrics.json")
    )


def test_the_command_has_the_same_numbers(project):
    run("exp.0", "ds")
    metrics, diagnosis = (
        read_json(f"results/exp/seed-0/evaluate/{name}.json") for name in ("metrics", "diagnosis")
    )
    given = [
        "evaluate",
        "--ground-truth",
        "data/ds/annotations.json",
        "results/exp/seed-0/propose/proposals.json",
    ]
    result = CliRunner().invoke(main, [*given, "--tiou", "0.3,0.5", "--draws", "50", "--output", "out.json"])
    assert result.exit_code == 0, result.output
    found = read_json("out.json")
    assert found["diagnosis"] == diagnosis
    assert found["intervals"]["mAP"]["0.3"] == [metrics["mAP/0.3/low"], metrics["mAP/0.3/high"]]
    assert found["recall"]["AR/100"] == metrics["AR/100"]
    for name in ("average_mAP", "videos", "instances", "predictions"):
        assert found[name] == metrics[name]


def test_the_options_of_python_are_by_default_those_of_the_stage(project):
    write_json("resolved.json", {"runs": {"exp": {"0": {"evaluate": {}}}}})
    run("exp.0", "ds")
    found = evaluate(
        read_annotations("data/ds/annotations.json").instances,
        read_predictions("results/exp/seed-0/propose/proposals.json"),
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        ["b", "c"],
        bootstrap=BootstrapOptions(),
        chance=ChanceOptions(),
        diagnosis=DiagnosisOptions(),
        durations={"b": 50.0, "c": 50.0},
    )
    assert read_json("results/exp/seed-0/evaluate/metrics.json") == flat_metrics(found)
    assert read_json("results/exp/seed-0/evaluate/diagnosis.json") == orjson.loads(
        orjson.dumps(found.diagnosis.as_dict())
    )


def test_the_diagnosis_is_written_and_summed_up(project):
    run("exp.0", "ds")
    metrics, found = (
        read_json(f"results/exp/seed-0/evaluate/{name}.json") for name in ("metrics", "diagnosis")
    )
    assert found["kinds"]["true"] == found["kinds"]["localization"] == found["kinds"]["background"] == 1
    assert found["mean_ap"] == metrics["mAP/0.5"]
    # The best of each class, one each, are wrong.
    assert (metrics["errors/true"], metrics["errors/localization"], metrics["errors/background"]) == (
        0,
        0.5,
        0.5,
    )
    # `jump` is put right; without the false `run` the true one stands first.
    assert metrics["gain/localization"] == pytest.approx(0.5)
    assert metrics["gain/background"] == pytest.approx(0.25)
    assert (metrics["missed"], metrics["unnoticed"]) == (0.5, 0)
    assert metrics["calibration_error"] == found["calibration"]["error"]
    assert set(found["by"]) == {"length", "coverage", "instances"}


def test_without_truth_only_counts(project):
    database = {video: {"subset": "test", "duration": 50, "annotations": []} for video in "bc"}
    write_json("data/ds/annotations.json", {"version": "1", "database": database})
    run("exp.0", "ds")
    metrics = orjson.loads((project / "results/exp/seed-0/evaluate/metrics.json").read_bytes())
    assert metrics == {"videos": 2, "instances": 0, "predictions": 3}
    found = read_json("results/exp/seed-0/evaluate/diagnosis.json")
    assert found == {"reason": "no instance is annotated in the subset test"}


def test_no_predictions_score_nothing(project):
    write_json("results/exp/seed-0/propose/proposals.json", {"version": "1", "results": {}})
    run("exp.0", "ds")
    metrics = read_json("results/exp/seed-0/evaluate/metrics.json")
    assert metrics["average_mAP"] == metrics["chance/average_mAP"] == metrics["AR/100"] == 0
    assert (metrics["missed"], metrics["unnoticed"], metrics["gain/unnoticed"]) == (1, 1, None)


def test_proposals_of_other_videos_are_refused(project):
    results = {"a": [record("run", 0, 5, 0.9)]}
    write_json("results/exp/seed-0/propose/proposals.json", {"version": "1", "results": results})
    with pytest.raises(HcutalError, match=r"proposals\.json: none of its videos is of the subset test of"):
        run("exp.0", "ds")


def test_a_subset_without_videos_is_an_error(project):
    write_json("data/ds/annotations.json", {"version": "1", "database": {"a": {"subset": "train"}}})
    with pytest.raises(HcutalError, match=r"annotations\.json: no video of the subset test"):
        run("exp.0", "ds")
