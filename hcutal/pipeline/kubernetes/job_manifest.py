"""What is submitted: the project's template of a job, with what one stage runs and asks for."""

import copy
import hashlib
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hcutal.errors import HcutalError
from hcutal.layout import PROFILES

TEMPLATE_FILE = PROFILES / "kubernetes" / "job.yaml"


class PodResources(NamedTuple):
    """What the job of a stage asks for.

    Attributes:
        mem_mb: memory (MB), which it is held to.
        runtime: minutes after which it is ended.
        gpus: of each kind of GPU by the name of its resource, such as `nvidia.com/gpu`, how many.
    """

    cores: int
    mem_mb: int
    runtime: int
    gpus: dict[str, int]


def read_template(path: Path) -> dict[str, Any]:
    """The template of all jobs of a project.

    Raises:
        HcutalError: where it is no job of Kubernetes with a container.
    """
    try:
        found = YAML(typ="safe").load(path)
    except (OSError, YAMLError) as error:
        raise HcutalError(f"{path}: cannot be read: {error}") from error
    kind = found.get("kind") if isinstance(found, dict) else found
    if kind != "Job":
        raise HcutalError(f"{path}: kind: found {kind!r}; expected Job, of batch/v1")
    try:
        _mounts_of(found)
        found["metadata"] = {"namespace": "default", **(found.get("metadata") or {})}
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise HcutalError(
            f"{path}: expected a container in spec.template.spec.containers with volumeMounts, each with a mountPath"
        ) from error
    return dict(found)


def _mounts_of(template: dict[str, Any]) -> list[PurePath]:
    container = template["spec"]["template"]["spec"]["containers"][0]
    return [PurePath(each["mountPath"]) for each in container.get("volumeMounts") or []]


def check_volume(template: dict[str, Any], path: Path, folder: Path) -> None:
    """Raise `HcutalError` where a template mounts nothing where the project is."""
    mounts = _mounts_of(template)
    if not any(folder.is_relative_to(mount) for mount in mounts):
        places = ", ".join(map(str, mounts)) or "nothing"
        raise HcutalError(
            f"{path}: volumeMounts: found {places}; expected the volume of the project, which is in {folder} here "
            "and must be there in all pods"
        )


def job_manifest(
    template: dict[str, Any], name: str, stage: str, command: str, folder: Path, asked: PodResources
) -> dict[str, Any]:
    """A job that runs a command of the shell in a folder, once: whether it is tried again is Snakemake's to say."""
    job = copy.deepcopy(template)
    job["metadata"]["name"] = name
    pod = job["spec"]["template"]
    pod["metadata"] = {**(pod.get("metadata") or {})}
    for of in (job["metadata"], pod["metadata"]):
        of["labels"] = {**(of.get("labels") or {}), **labels_of(folder)}
        of["annotations"] = {**(of.get("annotations") or {}), "hcutal/stage": stage}
    job["spec"]["backoffLimit"] = 0
    pod["spec"]["restartPolicy"] = "Never"
    # Of the pod, whose time begins on a node; that of a job runs while it waits for one.
    pod["spec"]["activeDeadlineSeconds"] = 60 * asked.runtime
    container = pod["spec"]["containers"][0]
    container["command"], container["args"] = ["/bin/sh", "-c"], [command]
    container["workingDir"] = str(folder)
    container["resources"] = _resources(container.get("resources") or {}, asked)
    return job


def labels_of(folder: Path) -> dict[str, str]:
    """By which the jobs of the project in a folder are known, and their pods."""
    return {"app": "hcutal", "hcutal/folder": hashlib.sha256(str(folder).encode()).hexdigest()[:32]}


def _resources(given: dict[str, Any], asked: PodResources) -> dict[str, Any]:
    """Cores are what is set aside, and may be more where others leave them; memory and GPUs are a limit as well."""
    gpus = {kind: str(count) for kind, count in asked.gpus.items() if count}
    memory = f"{asked.mem_mb}M"
    return {
        **given,
        "requests": {**(given.get("requests") or {}), "cpu": str(asked.cores), "memory": memory, **gpus},
        "limits": {**(given.get("limits") or {}), "memory": memory, **gpus},
    }
