"""What has become of a job: of what the server of Kubernetes says of it and its pod."""

from collections.abc import Sequence
from typing import Any, NamedTuple

# A pod that cannot start says why, and goes on trying.
STARTING = {"ContainerCreating", "PodInitializing"}


class JobState(NamedTuple):
    """Whether a job has ended, and well; why it failed, or why it has not begun, in words."""

    ended: bool
    succeeded: bool
    reason: str = ""


def job_state(job: Any, pods: Sequence[Any]) -> JobState:
    """The state of a V1Job with its V1Pods.

    Until a job says that it has ended it runs: a pod that has ended says nothing of what Kubernetes makes of that.
    """
    for condition in job.status.conditions or []:
        if condition.status == "True" and condition.type in ("Complete", "Failed"):
            succeeded = condition.type == "Complete"
            reasons = [] if succeeded else [*_ends(pods), condition.reason, condition.message]
            return JobState(True, succeeded, ", ".join(filter(None, reasons)))
    return JobState(False, False, "; ".join(_obstacles(pods)))


def is_live(pod: Any) -> bool:
    """Whether a V1Pod may still write."""
    return pod.status.phase not in ("Succeeded", "Failed")


def _ends(pods: Sequence[Any]) -> list[str]:
    """How pods ended: `OOMKilled (137)` of one that ran out of memory, `DeadlineExceeded` of one out of time."""
    statuses = [each for pod in pods for each in pod.status.container_statuses or []]
    ended = [each.state.terminated for each in statuses if each.state and each.state.terminated]
    codes = [f"{each.reason or 'ended'} ({each.exit_code})" for each in ended if each.exit_code]
    return [*codes, *(pod.status.reason for pod in pods if pod.status.reason)]


def _obstacles(pods: Sequence[Any]) -> list[str]:
    """Why pods have not begun: no node has what they ask for, or their image cannot be had."""
    found = []
    for pod in pods:
        for condition in pod.status.conditions or []:
            if condition.type == "PodScheduled" and condition.status == "False":
                found.append(f"{condition.reason}: {condition.message}")
        for each in pod.status.container_statuses or []:
            waiting = each.state.waiting if each.state else None
            if waiting and waiting.reason not in STARTING:
                found.append(f"{waiting.reason}: {waiting.message}")
    return found
