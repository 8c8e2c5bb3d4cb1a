"""What jobs of stages ask a cluster for: workflow/profiles/stages.yaml."""

from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.layout import project_file
from hcutal.pipeline.job_resources import JobResources, job_resources
from hcutal.pipeline.run import submits


def test_the_shipped_file_asks_for_more_where_training_and_extraction_need_it() -> None:
    found = job_resources(project_file("workflow/profiles/stages.yaml"))
    assert found["train"].mem_mb > found["map"].mem_mb
    assert found["features"].runtime > found["map"].runtime
    assert {kind for kind, asked in found.items() if asked.gpu} == set()


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    (tmp_path / "stages.yaml").write_text("train: {gpu: 1}\n")
    found = job_resources(tmp_path / "stages.yaml")
    assert found["train"] == JobResources(gpu=1)
    assert found["summary"] == JobResources() == job_resources(tmp_path / "none.yaml")["train"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "trains: {gpu: 1}",
            "found 'trains'; expected kinds of stages: parameters, prepare, features, previews, train",
        ),
        ("train: {gpus: 1}", "train.gpus: found 1; Extra inputs"),
        ("train: {mem_mb: 8 GB}", "train.mem_mb: found '8 GB'; Input should be a valid integer"),
        ("train: {mem_mb: 0}", "train.mem_mb: found 0; Input should be greater than or equal to 1"),
        ("train: [1]", r"train: found \[1\]"),
        ("train: {", "cannot be read as YAML"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "stages.yaml"
    path.write_text(text)
    with pytest.raises(HcutalError, match=message) as refused:
        job_resources(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(("profile", "expected"), [("default", False), ("slurm", True)])
def test_a_profile_says_whether_jobs_run_elsewhere(profile: str, expected: bool) -> None:
    assert submits(project_file(f"workflow/profiles/{profile}")) == expected
