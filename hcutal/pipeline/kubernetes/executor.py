"""Submits stages as jobs of a Kubernetes: `executor: hcutal-kubernetes` of Snakemake.

Snakemake's own executor for Kubernetes takes inputs and outputs of rules to pods by a storage; ours are records of
what DVC did in the project's folder, which has to be there itself.
"""

import time
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings, ExecutorSettingsBase

from hcutal.errors import HcutalError
from hcutal.layout import LOGS
from hcutal.pipeline.kubernetes.job_manifest import (
    TEMPLATE_FILE,
    PodResources,
    check_volume,
    job_manifest,
    labels_of,
    read_template,
)
from hcutal.pipeline.kubernetes.job_states import is_live, job_state

POD_LOGS = LOGS / "kubernetes"
GONE = 404
# Pods are given half a minute, by default, to end.
ENDING_SECONDS = 120.0
common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    auto_deploy_default_storage_provider=False,
)


@dataclass
class ExecutorSettings(ExecutorSettingsBase):  # type: ignore[misc]
    """What a profile says as `hcutal-kubernetes-NAME`; all else stands in the template."""

    gpu: str = field(default="nvidia.com/gpu", metadata={"help": "The resource that a GPU is."})


class Executor(RemoteExecutor):  # type: ignore[misc]
    """One job of Kubernetes for each job of Snakemake, whose state is asked for until it ends."""

    def __post_init__(self) -> None:
        """Read the template, and find the server: as `kubectl` does, or as a pod may."""
        self._folder = Path.cwd()
        try:
            self._client = import_module("kubernetes")
        except ImportError as error:
            raise WorkflowError("no package kubernetes: pip install 'hcutal[kubernetes]'") from error
        try:
            self._template = read_template(TEMPLATE_FILE)
            check_volume(self._template, TEMPLATE_FILE, self._folder)
            self._client.config.load_config()
        except (HcutalError, self._client.config.ConfigException) as error:
            raise WorkflowError(str(error)) from error
        self._namespace = self._template["metadata"]["namespace"]
        self._jobs, self._pods = self._client.client.BatchV1Api(), self._client.client.CoreV1Api()
        # It says no, or does not answer; or the client finds that what is sent or comes is nothing of Kubernetes'.
        no_answer = import_module("urllib3").exceptions.HTTPError
        self._errors = (self._client.client.ApiException, no_answer, ValueError)
        self._told: set[str] = set()
        self._delete_orphans()

    def _delete_orphans(self) -> None:
        """Delete the jobs that a run left here when it was killed: they would write what ours write."""
        labels = ",".join(f"{name}={value}" for name, value in labels_of(self._folder).items())
        try:
            found = self._jobs.list_namespaced_job(self._namespace, label_selector=labels).items
            for job in found:
                if not job_state(job, []).ended:
                    self.logger.warning(f"the run before was cut off: its job {job.metadata.name} is deleted")
                    self._delete(job.metadata.name)
            until = time.monotonic() + ENDING_SECONDS
            while any(
                map(is_live, self._pods.list_namespaced_pod(self._namespace, label_selector=labels).items)
            ):
                if time.monotonic() > until:
                    raise WorkflowError("pods of an earlier run do not end: kubectl get pods -l app=hcutal")
                time.sleep(1)
        except self._errors as error:
            raise WorkflowError(
                f"Kubernetes does not tell which jobs there are: {_words_of(error)}"
            ) from error

    def run_job(self, job: Any) -> None:
        """Submit a job; one that the server refuses has failed."""
        name = f"hcutal-{uuid.uuid4()}"
        asked = PodResources(
            job.threads,
            job.resources["mem_mb"],
            job.resources["runtime"],
            {self.workflow.executor_settings.gpu: job.resources.get("gpu", 0)},
        )
        command = self.format_job_exec(job)
        manifest = job_manifest(self._template, name, job.name, command, self._folder, asked)
        try:
            self._jobs.create_namespaced_job(self._namespace, manifest)
        except self._errors as error:
            self._fail(SubmittedJobInfo(job), f"Kubernetes refused it: {_words_of(error)}")
            return
        self.logger.info(f"{job.name}: submitted as job {name}")
        self.report_job_submission(SubmittedJobInfo(job, external_jobid=name))

    async def check_active_jobs(
        self, active_jobs: list[SubmittedJobInfo]
    ) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Tell Snakemake which jobs have ended; yields the others."""
        for info in active_jobs:
            async with self.status_rate_limiter:
                if not self._has_ended(info):
                    yield info

    def _has_ended(self, info: SubmittedJobInfo) -> bool:
        name = info.external_jobid
        try:
            pods = self._pods_of(name)
            state = job_state(self._jobs.read_namespaced_job(name, self._namespace), pods)
        except self._errors as error:
            # A server that does not answer may answer the next time; the job goes on without it.
            if getattr(error, "status", None) != GONE:
                self._tell(info, f"Kubernetes does not say how {name} is: {error}")
                return False
            self._fail(info, f"job {name} is gone: somebody deleted it")
            return True
        if state.succeeded:
            self.report_job_success(info)
        elif state.ended:
            logs = [str(path) for pod in pods if (path := self._save_log(pod.metadata.name))]
            self._fail(info, ": ".join([f"job {name} failed, {state.reason}", *logs]))
        elif state.reason:
            self._tell(info, f"has not begun: {state.reason}")
        return state.ended

    def _pods_of(self, name: str | None) -> list[Any]:
        return list(self._pods.list_namespaced_pod(self._namespace, label_selector=f"job-name={name}").items)

    def _fail(self, info: SubmittedJobInfo, reason: str) -> None:
        """Say why a job failed, which Snakemake leaves out for groups, and have it tried again."""
        self.logger.error(f"message: {info.job.name}: {reason}")
        self.report_job_error(info)

    def _tell(self, info: SubmittedJobInfo, text: str) -> None:
        """Say something of a job, once."""
        line = f"{info.job.name}: {text}"
        if line not in self._told:
            self._told.add(line)
            self.logger.warning(line)

    def _save_log(self, pod: str) -> Path | None:
        """Keep what a pod said; none where the server has nothing of it."""
        try:
            text = self._pods.read_namespaced_pod_log(pod, self._namespace)
        except self._errors:
            # It began nothing, or is gone: the job has failed all the same.
            return None
        POD_LOGS.mkdir(parents=True, exist_ok=True)
        path = POD_LOGS / f"{pod}.log"
        path.write_text(text)
        return path

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """Delete jobs with their pods."""
        for info in active_jobs:
            try:
                self._delete(info.external_jobid)
            except self._errors as error:
                # The others are to be deleted all the same.
                self.logger.error(f"job {info.external_jobid}: cannot be deleted: {error}")

    def _delete(self, name: str | None) -> None:
        self._jobs.delete_namespaced_job(name, self._namespace, propagation_policy="Background")


def _words_of(error: Exception) -> str:
    """What a server says in its answer, or why there is none."""
    return str(getattr(error, "body", None) or error)
