"""What is submitted to a Kubernetes, against its schema, and what its answers mean."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hcutal.errors import HcutalError
from hcutal.layout import project_file
from hcutal.pipeline.kubernetes.job_manifest import (
    PodResources,
    check_volume,
    job_manifest,
    labels_of,
    read_template,
)
from hcutal.pipeline.kubernetes.job_states import JobState, job_state

PROFILE = project_file("workflow/profiles/kubernetes")
FOLDER = Path("/projects/mine")
ASKED = PodResources(4, 8000, 720, {"nvidia.com/gpu": 1})


def manifest(asked: PodResources = ASKED) -> dict[str, Any]:
    return job_manifest(
        read_template(PROFILE / "job.yaml"), "hcutal-1", "train_a_0", "echo 'x'", FOLDER, asked
    )


def test_the_shipped_files_and_what_is_submitted_are_valid() -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="pip install 'hcutal[dev]'")
    documents = [*YAML(typ="safe").load_all(PROFILE / "cluster.yaml"), manifest()]
    assert [each["kind"] for each in documents] == [
        "PersistentVolumeClaim",
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "Pod",
        "Job",
    ]
    for version in (validate.latest_version(), "1.29"):
        for document in documents:
            validate.validate(document, version, strict=True)
    with pytest.raises(validate.ValidationError):
        validate.validate({**manifest(), "spec": {"backofLimit": 0}}, validate.latest_version(), strict=True)


def test_a_job_runs_its_command_once_in_the_folder_with_what_it_asks_for() -> None:
    job = manifest()
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (job["metadata"]["name"], job["metadata"]["namespace"]) == ("hcutal-1", "default")
    assert (job["spec"]["backoffLimit"], pod["restartPolicy"]) == (0, "Never")
    assert pod["activeDeadlineSeconds"] == 720 * 60
    assert container["command"] + container["args"] == ["/bin/sh", "-c", "echo 'x'"]
    assert container["workingDir"] == "/projects/mine"
    assert container["resources"] == {
        "requests": {"cpu": "4", "memory": "8000M", "nvidia.com/gpu": "1"},
        "limits": {"memory": "8000M", "nvidia.com/gpu": "1"},
    }


def test_what_the_template_says_beside_stays() -> None:
    template = read_template(PROFILE / "job.yaml")
    container = template["spec"]["template"]["spec"]["containers"][0]
    container["resources"] = {"limits": {"ephemeral-storage": "2G"}}
    template["metadata"]["labels"] = {"team": "ours"}
    job = job_manifest(
        template, "hcutal-1", "map_a_0", "true", FOLDER, PodResources(1, 2000, 60, {"amd.com/gpu": 0})
    )
    made = job["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert made["limits"] == {"ephemeral-storage": "2G", "memory": "2000M"}
    assert job["metadata"]["labels"] == {"team": "ours", **labels_of(FOLDER)}
    # The template is for the next one as well.
    assert template["metadata"]["labels"] == {"team": "ours"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: Job", "kind: Pod", "kind: found 'Pod'; expected Job"),
        (
            "mountPath: /projects",
            "mountPath: /data",
            "found /data; expected the volume of the project, which is in",
        ),
        ("      containers:", "      others:", "expected a container in spec.template.spec.containers"),
        ("spec:", "spec: {", "cannot be read"),
    ],
)
def test_a_template_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (PROFILE / "job.yaml").read_text()
    assert old in text
    (tmp_path / "job.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(HcutalError, match=message) as refused:
        check_volume(read_template(tmp_path / "job.yaml"), tmp_path / "job.yaml", FOLDER)
    assert str(tmp_path / "job.yaml") in str(refused.value)


def pod(**status: Any) -> Any:
    client = pytest.importorskip("kubernetes.client", reason="pip install 'hcutal[kubernetes]'")
    container = status.pop("container", None)
    found = client.V1PodStatus(**status)
    if container:
        state = client.V1ContainerState(**container)
        found.container_statuses = [
            client.V1ContainerStatus(
                image="", image_id="", name="stage", ready=False, restart_count=0, state=state
            )
        ]
    return client.V1Pod(status=found)


def job(*conditions: tuple[str, str]) -> Any:
    client = pytest.importorskip("kubernetes.client", reason="pip install 'hcutal[kubernetes]'")
    made = [client.V1JobCondition(type=type_, status="True", reason=reason) for type_, reason in conditions]
    return client.V1Job(status=client.V1JobStatus(conditions=made or None))


def test_a_job_has_ended_when_its_conditions_say_so() -> None:
    assert job_state(job(), []) == JobState(False, False)
    assert job_state(job(("Complete", "CompletionsReached")), []) == JobState(True, True)
    client = pytest.importorskip("kubernetes.client")
    killed = {"terminated": client.V1ContainerStateTerminated(exit_code=137, reason="OOMKilled")}
    assert job_state(job(("Failed", "BackoffLimitExceeded")), [pod(container=killed)]) == JobState(
        True, False, "OOMKilled (137), BackoffLimitExceeded"
    )
    assert job_state(job(("FailureTarget", "DeadlineExceeded")), []) == JobState(False, False)
    late = job_state(job(("Failed", "BackoffLimitExceeded")), [pod(reason="DeadlineExceeded")])
    assert late.reason == "DeadlineExceeded, BackoffLimitExceeded"


def test_a_pod_that_cannot_begin_says_why() -> None:
    client = pytest.importorskip("kubernetes.client")
    condition = client.V1PodCondition(
        type="PodScheduled", status="False", reason="Unschedulable", message="0/3 nodes are available."
    )
    assert job_state(job(), [pod(conditions=[condition])]).reason == "Unschedulable: 0/3 nodes are available."
    for reason, expected in (("ErrImagePull", "ErrImagePull: no such image"), ("ContainerCreating", "")):
        waiting = {"waiting": client.V1ContainerStateWaiting(reason=reason, message="no such image")}
        assert job_state(job(), [pod(container=waiting)]).reason == expected
