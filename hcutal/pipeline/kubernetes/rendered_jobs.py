"""The jobs of a run as it would submit them to a Kubernetes, for people to look at and for a server to check."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.layout import LOGS
from hcutal.pipeline.graph import PARAMETERS, Stage
from hcutal.pipeline.job_resources import AFTER_TRAINING, JobResources
from hcutal.pipeline.kubernetes.job_manifest import (
    TEMPLATE_FILE,
    PodResources,
    check_volume,
    job_manifest,
    read_template,
)

GPU = "nvidia.com/gpu"
FILE = LOGS / "kubernetes" / "jobs.yaml"


def write_jobs(
    stages: Iterable[Stage], resources: Mapping[str, JobResources], profile: Mapping[str, Any], folder: Path
) -> str:
    """Write the jobs of stages to `FILE`; says so, in a line or two.

    Raises:
        HcutalError: where the template is no job.
    """
    template = read_template(TEMPLATE_FILE)
    jobs = rendered_jobs(template, stages, resources, profile.get("hcutal-kubernetes-gpu", GPU), folder)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    with atomic_path(FILE) as temporary:
        yaml.dump_all(jobs, temporary)
    lines = [
        f"{len(jobs)} jobs, to look at: {FILE}; to have a server check: kubectl apply --dry-run=server -f {FILE}"
    ]
    try:
        check_volume(template, TEMPLATE_FILE, folder)
    except HcutalError as error:
        lines.append(f"not to be run from here: {error}")
    return "\n".join(lines)


def rendered_jobs(
    template: dict[str, Any],
    stages: Iterable[Stage],
    resources: Mapping[str, JobResources],
    gpu: str,
    folder: Path,
) -> list[dict[str, Any]]:
    """A job for each stage, one for those of a run after its training, and one for all shards of a stage.

    The command is what Snakemake, which starts it in the pod, comes to. gpu: the resource that a GPU is.
    """
    groups: dict[str, list[Stage]] = {}
    for stage in stages:
        if stage.name != PARAMETERS:
            own = f"after_training_{stage.key}" if stage.kind in AFTER_TRAINING else ""
            groups.setdefault(own or stage.rule, []).append(stage)
    jobs = []
    for number, (own, group) in enumerate(groups.items(), 1):
        # As Snakemake calls a group.
        name = own if own == group[0].rule else "_".join([own, *sorted(each.rule for each in group)])
        asked = [_asked(stage, resources[stage.kind], gpu) for stage in group]
        together = PodResources(
            max(each.cores for each in asked),
            max(each.mem_mb for each in asked),
            sum(each.runtime for each in asked),
            {gpu: max(each.gpus[gpu] for each in asked)},
        )
        command = " && ".join(map(_command, group, asked))
        jobs.append(job_manifest(template, f"hcutal-{number}", name, command, folder, together))
    return jobs


def _asked(stage: Stage, of_kind: JobResources, gpu: str) -> PodResources:
    return PodResources(
        stage.threads_of(of_kind.threads),
        max(of_kind.mem_mb, stage.memory_mb),
        max(of_kind.runtime, stage.minutes),
        {gpu: of_kind.gpu},
    )


def _command(stage: Stage, asked: PodResources) -> str:
    log = LOGS / f"{stage.name}.log"
    return f"python -m hcutal.pipeline.run_stage {stage.name} --log {log} --cores {asked.cores}"
