"""Reading the inputs of the page: what is read, and what bad files are told."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.report.inputs import read_cas, read_inputs

Project = Callable[..., Path]


def test_everything_is_read(project: Project) -> None:
    project()
    inputs = read_inputs("demo", "toy")
    assert inputs.truth is not None
    assert len(inputs.truth.videos) == 24
    assert len(inputs.pseudo_labels) == 48
    assert np.isnan(inputs.metrics["map"]["undefined"])
    assert inputs.per_class["label"].tolist()[0] == "Pendulum"
    assert len(inputs.truth_of("test_0000")) == 5
    assert len(inputs.proposals_of("nowhere")) == 0


def test_a_class_named_like_a_missing_value_keeps_its_name(project: Project) -> None:
    project(classes=("NA", "nan", "None"))
    inputs = read_inputs("demo", "toy")
    assert inputs.per_class["label"].tolist() == ["NA", "nan", "None"]
    assert {row.label for row in inputs.mapping} == {"NA", "nan", "None"}


def test_test_recordings_without_instances_are_not_annotated(project: Project) -> None:
    project(instances=0)
    inputs = read_inputs("demo", "toy")
    assert inputs.truth is None
    assert inputs.truth_of("test_0000") is None


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("results/demo/train/curves.csv", "time,a\n0,1\n", r"curves\.csv: no column step"),
        (
            "results/demo/train/curves.csv",
            "step,a\n0,x\n",
            r"curves\.csv: column a holds 'x'; expected numbers",
        ),
        ("results/demo/evaluate/per_class.csv", "", r"per_class\.csv: not a CSV table"),
        (
            "results/demo/train/pseudo_labels.csv",
            "video,cluster,confidence\na,b,1\n",
            r"pseudo_labels\.csv: column cluster",
        ),
        (
            "results/demo/map/metrics.json",
            '{"ARI": "high"}',
            r"metrics\.json: ARI is 'high'; expected a number",
        ),
        (
            "results/demo/evaluate/diagnosis.json",
            '{"tiou": 0.5, "instances": 3}',
            r"diagnosis\.json: no missed; expected a diagnosis, or the reason why there is none",
        ),
        ("data/toy/labels.json", "[]", r"labels\.json: found list, expected an object"),
        ("features/toy/features.json", "{}", r"features\.json\.extractor: is missing"),
        ("resolved.json", '{"experiments": {"other": {}}}', r"resolved\.json: no experiments\.demo"),
    ],
)
def test_bad_files_are_named(project: Project, path: str, text: str, message: str) -> None:
    (project() / path).write_text(text)
    with pytest.raises(HcutalError, match=message):
        read_inputs("demo", "toy")


def test_a_missing_file_is_named(project: Project) -> None:
    (project() / "results/demo/map/mapping.csv").unlink()
    with pytest.raises(HcutalError, match=r"mapping\.csv: no such file"):
        read_inputs("demo", "toy")


def test_the_archive_of_the_cas_is_checked(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"cas\.npz: no such file"):
        read_cas(tmp_path / "cas.npz")
    (tmp_path / "cas.npz").write_bytes(b"nothing")
    with pytest.raises(HcutalError, match=r"cas\.npz: not a NumPy archive"):
        read_cas(tmp_path / "cas.npz")
    np.savez(tmp_path / "cas.npz", video=np.zeros((2, 2)))
    with pytest.raises(HcutalError, match=r"cas\.npz: no array 'classes'"):
        read_cas(tmp_path / "cas.npz")
