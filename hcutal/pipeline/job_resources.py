"""What the jobs of stages ask a cluster for: of the machine, and so no parameter of the results."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hcutal.errors import HcutalError
from hcutal.layout import PROFILES
from hcutal.params.document import EXPERIMENT_SECTIONS

STAGES_FILE = PROFILES / "stages.yaml"
# Short: on a cluster those of a run are one job.
AFTER_TRAINING = ("map", "propose", "evaluate", "report")
KINDS = ("parameters", "prepare", "features", "previews", *EXPERIMENT_SECTIONS, "summary")


class JobResources(BaseModel):
    """What a job asks for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    mem_mb: int = Field(2000, ge=1, description="memory (MB)")
    runtime: int = Field(60, ge=1, description="run time (minutes)")
    threads: int = Field(1, ge=1, description="cores, where the number of workers is `auto`")
    gpu: int = Field(0, ge=0, description="GPUs")


def job_resources(path: Path = STAGES_FILE) -> dict[str, JobResources]:
    """By kind of stage, what a job of it asks for; the defaults where there is no such file.

    Raises:
        HcutalError: for a kind of stage that there is not, and for a key or a value that cannot be.
    """
    try:
        values = YAML(typ="safe").load(path) if path.exists() else None
        found = TypeAdapter(dict[str, JobResources]).validate_python(values or {}, strict=True)
    except YAMLError as error:
        raise HcutalError(f"{path}: cannot be read as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise HcutalError(f"{path}: {key}: found {first['input']!r}; {first['msg']}") from None
    if unknown := [kind for kind in found if kind not in KINDS]:
        raise HcutalError(f"{path}: found {unknown[0]!r}; expected kinds of stages: {', '.join(KINDS)}")
    return {kind: found.get(kind, JobResources()) for kind in KINDS}
