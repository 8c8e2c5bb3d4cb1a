"""Suites in MLflow: tags by which the runs of a table are found, and one run with the page, tables and figures.

A run of an experiment has the tag `suite.table6`, with data set and preset, while a table shows its state.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hcutal.files import json_digest, sha256
from hcutal.pipeline.graph import Graph, stages_of, state_of
from hcutal.pipeline.mlflow_log.mlflow_store import StoreUnreachableError, open_store, writing
from hcutal.pipeline.mlflow_log.mlflow_view import arrange_suites
from hcutal.pipeline.mlflow_log.run_logger import STATE
from hcutal.pipeline.suite_runs.suite_call import PlannedSuites
from hcutal.pipeline.tracking import git_tags
from hcutal.suites.suites import SUITES

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

# On the run of a call: a digest of its files, and the suites that it shows.
FILES, SHOWN = "hcutal.suites_files", "hcutal.suites"
log = logging.getLogger(__name__)


def suite_tag(suite: str) -> str:
    """The tag of the runs that a suite shows."""
    return f"suite.{suite}"


def track_suites(plan: PlannedSuites, graph: Graph, files: Sequence[Path]) -> None:
    """Tag the experiments of a call, and log its files, unless they are logged.

    A store that does not answer is warned of: the results are there all the same, and the next call tries again.
    """
    try:
        client, place = open_store()
        with writing():
            _tag(client, place, plan, graph)
            arrange_suites(client, place, plan.suites)
            _log_files(client, place, plan, files)
    except StoreUnreachableError as error:
        log.warning("suites: not in MLflow, the next run tries again: %s", error)


def _tag(client: "MlflowClient", place: str, plan: PlannedSuites, graph: Graph) -> None:
    """Tag the runs of the present states, and no others of the same experiments."""
    value = f"{plan.call.dataset}/{plan.call.preset}"
    for name, suites in _shown(plan).items():
        state = state_of(stages_of(graph, name))
        for run in client.search_runs([place], f"tags.`hcutal.experiment` = '{name}'"):
            tags = run.data.tags
            if STATE not in tags:
                continue
            for suite in suites:
                tag = suite_tag(suite)
                if tags[STATE] == state:
                    if tags.get(tag) != value:
                        client.set_tag(run.info.run_id, tag, value)
                elif tag in tags:
                    client.delete_tag(run.info.run_id, tag)


def _shown(plan: PlannedSuites) -> Mapping[str, list[str]]:
    """The suites that show each experiment."""
    found: dict[str, list[str]] = {}
    for suite in plan.suites:
        for variant in SUITES[suite].variants:
            found.setdefault(plan.entries[variant][0], []).append(suite)
    return found


def _log_files(client: "MlflowClient", place: str, plan: PlannedSuites, files: Sequence[Path]) -> None:
    """Log the files of a call as one run; nothing where a finished run has the same ones."""
    there = [path for path in files if path.exists()]
    digest = json_digest({str(path): sha256(path) for path in there})
    for run in client.search_runs([place], f"tags.`{FILES}` = '{digest}'"):
        if run.info.status == "FINISHED":
            return
        client.delete_run(run.info.run_id)
    tags = {FILES: digest, SHOWN: " ".join(plan.suites), **git_tags()}
    about = f"{', '.join(plan.suites)} on {plan.call.dataset}, preset {plan.call.preset}"
    run_id = client.create_run(place, tags=tags, run_name=about).info.run_id
    for path in there:
        client.log_artifact(run_id, str(path))
    # Last of all: a finished run has all files.
    client.set_terminated(run_id, "FINISHED")
