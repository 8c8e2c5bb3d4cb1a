import hashlib
from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.params.document import load, resolve
from hcutal.params.given_labels import given_names, label_hashes

DOCUMENT = """\
datasets:
  mine: {kind: recordings, source: videos, prepare: {annotations: gt.json}}
presets: {default: {}}
experiments:
  one: {dataset: mine, supervision: unsupervised}
  two: {dataset: mine, supervision: unsupervised}
"""


def test_names_reach_the_map_stage_of_their_run_alone(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(DOCUMENT)
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "gt.json").write_text("{}")
    before = resolve(load(tmp_path / "params.yaml"), labels=labels)
    assert before["runs"]["one"]["0"]["map"]["names"] == {}
    assert before["datasets"]["mine"]["prepare"]["annotations_sha256"] == hashlib.sha256(b"{}").hexdigest()
    (labels / "one.0.csv").write_text("cluster,name,training\n0,jump,abc\n1,,abc\n02, sit down ,abc\n")
    after = resolve(load(tmp_path / "params.yaml"), labels=labels)
    assert after["runs"]["one"]["0"]["map"]["names"] == {"0": "jump", "2": "sit down"}
    assert after["runs"]["one"]["0"]["map"]["named_training"] == "abc"
    assert after["runs"]["two"] == before["runs"]["two"]
    assert after["runs"]["one"]["0"]["train"] == before["runs"]["one"]["0"]["train"]


def test_a_file_made_by_hand_needs_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert given_names(path) == {}
    path.write_text("\ufeffcluster,name\n3,run\n")
    assert given_names(path) == {"names": {"3": "run"}, "named_training": None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cluster\n0\n", r"x\.csv: no column name; found cluster"),
        ("", r"x\.csv: not a CSV table"),
        ("cluster,name\na,run\n", r"line 2: cluster is 'a'; expected a number"),
        ("cluster,name\n1,run\n1,sit\n", r"line 3: cluster is '1'; expected a number, each once"),
        ("cluster,name,training\n1,run,a\n2,sit,b\n", r"clusters of 2 trainings; expected those of one"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(HcutalError, match=message):
        given_names(tmp_path / "x.csv")


def test_each_file_that_a_data_set_names_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("recording\n")
    digest = hashlib.sha256(b"recording\n").hexdigest()
    named = {"annotations": None, "dropped": "d.csv", "taught": "d.csv", "names": "file"}
    assert label_hashes(named, tmp_path) == {"dropped_sha256": digest, "taught_sha256": digest}


def test_annotations_stand_in_the_folder(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"found '\.\./gt\.json'; expected the name of a file in"):
        label_hashes({"annotations": "../gt.json"}, tmp_path)
    with pytest.raises(HcutalError, match=r"gt\.json: cannot be read .*prepare\.annotations names it"):
        label_hashes({"annotations": "gt.json"}, tmp_path)


def test_empty_rows_of_a_spreadsheet_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"cluster,name,training\r\n0,walk,abc\r\n\r\n1,sit,abc\r\n,,\r\n")
    assert given_names(path)["names"] == {"0": "walk", "1": "sit"}
