"""Records in step with what DVC says, before Snakemake reads them.

A stage has a record while it is fresh, dated like params.yaml, so that no record is newer than another. The
record of `parameters` is always there, and is dated back while that stage is stale: its followers wait for
it, but run for their own parameters alone. What that stage reads (params.yaml, labels/, code.json) stands as one
digest in a file of its own, since Snakemake passes over a newer input whose content it knows, and does not
miss a file that is gone.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from hcutal.files import json_digest, sha256, write_json
from hcutal.layout import (
    CODE,
    COMPARED_CSV,
    COMPARED_MARKDOWN,
    INPUTS,
    LABELS,
    PARAMS,
    RESOLVED,
    SNAKEMAKE_LOCKS,
    shard_name,
)
from hcutal.pipeline.graph import PARAMETERS, Graph, Stage, experiments_of, state_of
from hcutal.pipeline.mlflow_log.mlflow_store import identity
from hcutal.pipeline.records import COMPARE, read_record, record_path, track_name, write_record


def synchronise(graph: Graph) -> None:
    """Drop the records of stale stages and of their followers, and write those of fresh ones.

    Nothing is touched while Snakemake holds the folder: the run that does so looks after the records.
    """
    if any(SNAKEMAKE_LOCKS.glob("*")):
        return
    _write_inputs(is_whole=graph[PARAMETERS].intact)
    stale: set[str] = set()
    for stage in graph.values():
        if stage.name == PARAMETERS:
            write_record(stage.name, stage.fingerprint if stage.fresh else None)
            _date(stage.name, seconds=0 if stage.fresh else -1)
        elif stage.fresh and not stale.intersection(stage.needs):
            write_record(stage.name, stage.fingerprint)
            _date(stage.name)
        else:
            # Followers as well: Snakemake does not miss a record between two that are there.
            stale.add(stage.name)
            record_path(stage.name).unlink(missing_ok=True)
            for shard in range(stage.shards):
                record_path(shard_name(stage.name, shard)).unlink(missing_ok=True)
    store = identity()
    for experiment, stages in experiments_of(graph).items():
        _keep_if(track_name(experiment), tracked(stages, store))
    _keep_if(COMPARE, compared(graph))


def _write_inputs(is_whole: bool) -> None:
    files = [PARAMS, CODE, *sorted(LABELS.rglob("*"))]
    digests = {str(f): sha256(f) for f in files if f.is_file()}
    before = read_record(INPUTS) or {}
    # When resolved.json was last to be made anew, content is put here that Snakemake has never seen: it would pass over
    # the job otherwise. It stays, since Snakemake knows it from then on.
    made = before.get(str(RESOLVED)) if is_whole else f"to be made, {time.time_ns()}"
    if made is not None:
        digests[str(RESOLVED)] = made
    if before != digests:
        write_json(INPUTS, digests)
    _set_time(INPUTS)


def tracked(stages: Sequence[Stage], store: str) -> str | None:
    """The fingerprint of an experiment's state in a store, by its `identity`; None while a stage is stale.

    What another store holds, or one that was deleted, is no reason not to track.
    """
    return json_digest([store, state_of(stages)]) if all(stage.fresh for stage in stages) else None


def compared(graph: Graph) -> str | None:
    """The fingerprint of the state of all experiments, and of their table; None while a stage is stale."""
    stages = [stage for stage in graph.values() if stage.name != PARAMETERS]
    if not all(stage.fresh for stage in stages):
        return None
    tables = [sha256(path) if path.is_file() else None for path in (COMPARED_CSV, COMPARED_MARKDOWN)]
    return json_digest([state_of(stages), *tables])


def _keep_if(name: str, state: str | None) -> None:
    path = record_path(name)
    if not path.exists():
        return
    if state is None or (read_record(path) or {}).get("fingerprint") != state:
        path.unlink(missing_ok=True)
    else:
        _date(name)


def _date(name: str, seconds: int = 0) -> None:
    _set_time(record_path(name), seconds)


def _set_time(path: Path, seconds: int = 0) -> None:
    """Date a file like params.yaml, or some seconds after it."""
    moment = PARAMS.stat().st_mtime_ns + seconds * 1_000_000_000
    os.utime(path, ns=(moment, moment))
