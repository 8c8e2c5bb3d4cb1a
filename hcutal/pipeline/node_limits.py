"""What the nodes of a Slurm have at most: a job that asks for more is refused, or waits for ever."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hcutal.errors import HcutalError
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.job_resources import STAGES_FILE, JobResources


class NodeLimits(NamedTuple):
    """What a job may ask for at most; None where nothing limits it, or nobody says.

    Attributes:
        mem_mb: memory of the largest node (MB).
        runtime: the longest run time (minutes).
        where: the partition, in words.
    """

    mem_mb: int | None = None
    runtime: int | None = None
    where: str = ""

    def memory(self, asked: int, attempt: int) -> int:
        """Megabytes of a job: twice as much where it is tried again, but no more than a node has."""
        return _bounded(asked * attempt, self.mem_mb)

    def minutes(self, asked: int, attempt: int) -> int:
        """Minutes of a job: twice as many where it is tried again, but no more than are allowed."""
        return _bounded(asked * attempt, self.runtime)


def _bounded(amount: int, most: int | None) -> int:
    return amount if most is None else min(amount, most)


def slurm_limits(partition: str, clusters: str | None = None) -> NodeLimits:
    """The limits of a partition; none at all where there is no Slurm that knows it: that says so itself."""
    if shutil.which("sinfo") is None:
        return NodeLimits()
    command = ["sinfo", "--noheader", "--Node", "--format=%m|%l", f"--partition={partition}"]
    command += [f"--clusters={clusters}"] if clusters else []
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    # Beside nodes there are the names of clusters.
    nodes = [line.strip().split("|") for line in answer.splitlines() if "|" in line]
    if not nodes:
        return NodeLimits()
    times = [_minutes(time) for _, time in nodes]
    longest = None if None in times else max(time for time in times if time is not None)
    memory = max(int(memory.rstrip("+")) for memory, _ in nodes)
    return NodeLimits(memory, longest, f"partition {partition}")


def _minutes(text: str) -> int | None:
    """Minutes of a time as Slurm writes it: `2-00:00:00`, `12:00:00`, `30:00`, `infinite`."""
    days, _, clock = text.rpartition("-")
    parts = clock.split(":")
    if not all(part.isdecimal() for part in [*parts, days or "0"]):
        return None
    hours, minutes = [0, 0, *map(int, parts[:-1])][-2:]
    return int(days or 0) * 1440 + hours * 60 + minutes


def check_limits(stages: Iterable[Stage], asked: Mapping[str, JobResources], limits: NodeLimits) -> None:
    """Raise `HcutalError` for a stage whose jobs ask for more than any node has."""
    for stage in stages:
        own = asked[stage.kind]
        _check(
            stage,
            "mem_mb",
            own.mem_mb,
            "memory_mb",
            stage.memory_mb,
            limits.mem_mb,
            f"MB, as {limits.where} has",
        )
        _check(
            stage,
            "runtime",
            own.runtime,
            "minutes",
            stage.minutes,
            limits.runtime,
            f"minutes, as {limits.where} allows",
        )


def _check(
    stage: Stage, key: str, asked: int, data_key: str, of_data: int, most: int | None, unit: str
) -> None:
    amount = max(asked, of_data)
    if most is None or amount <= most:
        return
    of_stage = f"{STAGES_FILE}: {stage.kind}.{key}"
    source = of_stage if asked >= of_data else f"params.yaml: {data_key} of datasets.{stage.key}.{stage.kind}"
    raise HcutalError(f"{source}: found {amount} for {stage.name}; expected at most {most} {unit}")
