# What the files beside this one share: the stages, read once from dvc.yaml.
import sys

from hcutal.errors import HcutalError
from hcutal.layout import (
    BENCHMARKS,
    COMPARED_CSV,
    COMPARED_MARKDOWN,
    INPUTS,
    LOGS,
    REPORT_PAGES,
    rule_name,
)
from hcutal.params.document import load
from hcutal.pipeline.graph import PARAMETERS, experiments_of
from hcutal.pipeline.job_resources import AFTER_TRAINING, job_resources
from hcutal.pipeline.node_limits import NodeLimits, check_limits, slurm_limits
from hcutal.pipeline.records import COMPARE, record_path, shard_name, track_name
from hcutal.pipeline.rules import allowed_rules, is_ruled, read_rules
from hcutal.pipeline.suite_targets import suite_targets


def node_limits():
    """What a job may ask for at most where this run submits jobs to a partition of a Slurm."""
    defaults = workflow.resource_settings.default_resources or {}
    if not workflow.is_main_process or "slurm_partition" not in defaults:
        return NodeLimits()
    clusters = defaults["clusters"].raw if "clusters" in defaults else None
    return slurm_limits(defaults["slurm_partition"].raw, clusters)


ALLOWED = allowed_rules(sys.argv)
try:
    GRAPH = read_rules(workflow.is_main_process, ALLOWED)
    RESOURCES = job_resources()
    LIMITS = node_limits()
    check_limits(GRAPH.values(), RESOURCES, LIMITS)
except HcutalError as error:
    raise WorkflowError(str(error))
EXPERIMENTS = experiments_of(GRAPH)
# Everything waits for `parameters`, whose record is always there.
RULED = [
    stage
    for stage in GRAPH.values()
    if stage.name == PARAMETERS or is_ruled(stage.name, stage.rule, ALLOWED)
]


def shards_of(stage):
    """The shards that do the work of a stage that must run; none where it does it alone."""
    made_by = [GRAPH[name] for name in stage.needs if name != PARAMETERS]
    is_stale = not all(other.fresh for other in (stage, *made_by))
    return range(stage.shards) if stage.shards > 1 and is_stale else range(0)


def records_of(stage):
    """The records of the stages that a stage needs. That of `parameters` is ancient to a stage that is up to date by
    itself: whom an edited value reaches is known by now."""
    is_done = record_path(stage.name).exists()
    return [
        ancient(record_path(n)) if n == PARAMETERS and is_done else record_path(n)
        for n in stage.needs
    ]


def memory_of(stage):
    """Megabytes of a job; twice as much where it is tried again, in case that was what it lacked."""
    amount = max(RESOURCES[stage.kind].mem_mb, stage.memory_mb)
    return lambda wildcards, attempt: LIMITS.memory(amount, attempt)


def minutes_of(stage):
    """Minutes of a job; twice as many where it is tried again."""
    amount = max(RESOURCES[stage.kind].runtime, stage.minutes)
    return lambda wildcards, attempt: LIMITS.minutes(amount, attempt)


def group_of(stage):
    """The stages of a run after its training are short: on a cluster they are one job."""
    return f"after_training_{stage.key}" if stage.kind in AFTER_TRAINING else None


def threads_of(stage):
    """Cores of a job: of those of this machine, or on a cluster of those of its kind."""
    settings, of_kind = workflow.resource_settings, RESOURCES[stage.kind].threads
    is_elsewhere = settings.nodes is not None or not workflow.is_main_process
    return stage.threads_of(of_kind if is_elsewhere else settings.cores or of_kind)
