"""`hcutal teach` writes labels, and an experiment that is trained on them, once."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.labelling.agreement import Agreement
from hcutal.labelling.run_labels import RunLabels
from hcutal.labelling.taught import read_taught
from hcutal.params.document import load
from hcutal.pipeline.teach import agreement_lines, agreements, teach
from tests.report.folder import write_folder

DOCUMENT = """\
datasets:
  folder: {kind: recordings, source: videos} # of mine
presets: {default: {}}
experiments:
  mine:
    dataset: folder
    seeds: [0, 1]
    supervision: unsupervised
    train: {steps: 60}
"""
TABLE = Path("labels/mine.0.taught.csv")
MARKS = """\
recording,start,end,label,clusters,verdict,name,training
a,2,4,cluster-00,0,right,,{0}
b,1,2.5,cluster-00,0,wrong,sit,{0}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(DOCUMENT)
    files = {name: Path(f"videos/{name}.mp4") for name in "abc"}
    proposals = {"a": [("cluster-00", 2.0, 4.0, 0.9)], "b": [("cluster-00", 1.0, 2.5, 0.6)], "c": []}
    write_folder(files, proposals, {"a": 0, "b": 0, "c": 1}, {0: "cluster-00", 1: "cluster-01"})
    Path("labels").mkdir()
    Path("labels/mine.0.csv").write_text("cluster,name\n0,jump\n1,run\n")


def test_labels_and_an_experiment_are_written_once() -> None:
    taught = teach("mine.0")
    assert (taught.experiment, taught.labelled, taught.recordings) == ("mine-taught", 3, 3)
    assert read_taught(TABLE) == {"a": ["jump"], "b": ["jump"], "c": ["run"]}
    document = load()
    made = document.experiments["mine-taught"]
    assert (made.dataset, made.supervision, made.seeds, made.train) == ("folder", "weak", [0], {"steps": 60})
    assert document.datasets["folder"].prepare == {"taught": "mine.0.taught.csv"}
    assert document.experiments["mine"].supervision == "unsupervised"
    text = Path("params.yaml").read_text()
    assert "# of mine" in text
    teach("mine.0")
    assert Path("params.yaml").read_text() == text


def test_a_data_set_is_taught_by_one_run() -> None:
    teach("mine.0")
    Path("params.yaml").write_text(Path("params.yaml").read_text().replace("mine.0.taught", "mine.1.taught"))
    Path("labels/mine.1.taught.csv").write_text("recording,label\n")
    with pytest.raises(
        HcutalError, match=r"prepare\.taught is mine\.1\.taught\.csv; a data set has the labels of one"
    ):
        teach("mine.0")


def test_one_label_teaches_nothing() -> None:
    Path("labels/mine.0.csv").write_text("cluster,name\n0,jump\n")
    with pytest.raises(HcutalError, match=r"give 1 labels; expected two or more: hcutal label mine\.0"):
        teach("mine.0")
    assert not TABLE.exists() and Path("params.yaml").read_text() == DOCUMENT


def test_before_and_after_are_held_against_the_marks() -> None:
    Path("labels/mine.0.marks.csv").write_text(MARKS.format("t1"))
    # Cluster 0 of another training is another one: all that is known is that "sit" is there.
    assert agreements("mine.0", load()) == {"mine.0": Agreement(1, 0, 0, 0, 1, 0)}
    Path("labels/mine.0.marks.csv").write_text(MARKS.format(RunLabels("mine.0").training))
    # Names were given after the results were made.
    assert agreements("mine.0", load()) == {"mine.0": Agreement(2, 1, 1, 0, 2, 1)}
    assert agreement_lines("mine.0", load()) == ["mine.0 agrees with 1 of 2 marks (50 %)"]
    marks = Path("labels/mine.0.marks.csv")
    kept = marks.read_text()
    # Of a recording that is not there any more, nothing can be found.
    marks.write_text(f"{kept}removed,1,2,cluster-00,0,right,,{RunLabels('mine.0').training}\n")
    assert agreements("mine.0", load()) == {"mine.0": Agreement(2, 1, 1, 0, 2, 1)}
    marks.write_text(kept)
    teach("mine.0")
    after = [
        {"label": "jump", "score": 0.9, "segment": [2.0, 4.0]},
        {"label": "sit", "score": 0.8, "segment": [1.0, 2.4]},
    ]
    results = {"a": after[:1], "b": after[1:], "c": []}
    write_json(
        "results/mine-taught/seed-0/propose/proposals.json",
        {"version": "1", "results": results, "external_data": {}},
    )
    assert agreements("mine.0", load())["mine-taught.0"] == Agreement(2, 2, 1, 1, 2, 2)
    assert agreement_lines("mine.0", load())[1:] == ["mine-taught.0 agrees with 2 of 2 marks (100 %)"]
    # What another run of the pipeline is just making is looked at later.
    Path("results/mine/seed-0/map/mapping.csv").unlink()
    assert agreement_lines("mine.0", load()) == []


def test_the_command_says_what_it_made_and_how_to_go_on() -> None:
    for name in ("Snakefile", "dvc.yaml"):
        Path(name).touch()
    Path("labels/mine.0.marks.csv").write_text(MARKS.format(RunLabels("mine.0").training))
    Path("labels/mine.0.dropped.csv").write_text("recording\nc\n")
    Path("labels/mine.0.csv").write_text("cluster,name\n0,jump\n")
    outcome = CliRunner().invoke(main, ["teach", "mine"])
    assert outcome.exit_code == 0, outcome.output
    lines = outcome.output.splitlines()
    assert lines[0] == "labels/mine.0.taught.csv: 2 of 3 recordings have labels: jump, sit"
    assert lines[1].endswith(
        "to leave them out everywhere: datasets.folder.prepare.dropped: mine.0.dropped.csv"
    )
    assert "| mine.0 | 1 of 2 | 0 of 1 | 1 of 2, 50 % |" in lines
    assert lines[-1] == "then: hcutal run mine-taught"
