"""Reading what the stages wrote: what is read, and what bad files are told."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hcutal.datasets.imported import INDEX_COLUMNS
from hcutal.errors import HcutalError
from hcutal.report.run_outputs import read_outputs
from hcutal.tables import write_table

Project = Callable[..., Path]


def test_everything_is_read(project: Project) -> None:
    project()
    outputs = read_outputs("demo.0", "toy")
    assert outputs.truth is not None
    assert len(outputs.truth.videos) == 24
    assert len(outputs.pseudo_labels) == 48
    assert np.isnan(outputs.metrics["map"]["undefined"])
    assert outputs.per_class["label"].tolist()[0] == "Pendulum"
    assert len(outputs.truth_of("test_0000")) == 5
    assert len(outputs.proposals_of("nowhere")) == 0


def test_a_class_named_like_a_missing_value_keeps_its_name(project: Project) -> None:
    project(classes=("NA", "nan", "None"))
    outputs = read_outputs("demo.0", "toy")
    assert outputs.per_class["label"].tolist() == ["NA", "nan", "None"]
    assert {row.label for row in outputs.mapping} == {"NA", "nan", "None"}


def test_test_recordings_without_instances_are_not_annotated(project: Project) -> None:
    project(instances=0)
    outputs = read_outputs("demo.0", "toy")
    assert outputs.truth is None
    assert outputs.truth_of("test_0000") is None


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("results/demo/seed-0/train/curves.csv", "time,a\n0,1\n", r"curves\.csv: no column step"),
        (
            "results/demo/seed-0/train/curves.csv",
            "step,a\n0,x\n",
            r"curves\.csv: column a holds 'x'; expected numbers",
        ),
        ("results/demo/seed-0/evaluate/per_class.csv", "", r"per_class\.csv: not a CSV table"),
        (
            "results/demo/seed-0/train/pseudo_labels.csv",
            "video,start,end,cluster,confidence\na,0,9,b,1\n",
            r"pseudo_labels\.csv: column cluster",
        ),
        (
            "results/demo/seed-0/map/metrics.json",
            '{"ARI": "high"}',
            r"metrics\.json: ARI is 'high'; expected a number",
        ),
        (
            "results/demo/seed-0/evaluate/diagnosis.json",
            '{"tiou": 0.5, "instances": 3}',
            r"diagnosis\.json: no missed; expected a diagnosis, or the reason why there is none",
        ),
        ("data/toy/labels.json", "[]", r"labels\.json: found list, expected an object"),
        ("features/toy/features.json", "{}", r"features\.json\.extractor: is missing"),
        ("resolved.json", '{"runs": {"other": {}}}', r"resolved\.json: no runs\.demo\.0"),
    ],
)
def test_bad_files_are_named(project: Project, path: str, text: str, message: str) -> None:
    (project() / path).write_text(text)
    with pytest.raises(HcutalError, match=message):
        read_outputs("demo.0", "toy")


def test_a_list_of_arrays_is_none_of_recordings(project: Project) -> None:
    index = project() / "data/toy/recordings/index.csv"
    row = {"video": "test_0000", "stream": "rgb", "path": "test_0000.npy", "key": "", "content": "0"}
    write_table(index, [row], INDEX_COLUMNS)
    assert not read_outputs("demo.0", "toy").recordings
    write_table(index, [{"video": "test_0000", "path": "a.mp4"}], ["video", "path"])
    with pytest.raises(HcutalError, match=r"index\.csv: no column duration"):
        read_outputs("demo.0", "toy")


def test_a_missing_file_is_named(project: Project) -> None:
    (project() / "results/demo/seed-0/map/mapping.csv").unlink()
    with pytest.raises(HcutalError, match=r"mapping\.csv: no such file"):
        read_outputs("demo.0", "toy")
