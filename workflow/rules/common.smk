# What the files beside this one share: the stages, read once from dvc.yaml.
from hcutal.errors import HcutalError
from hcutal.layout import (
    BENCHMARKS,
    COMPARED_CSV,
    COMPARED_MARKDOWN,
    INPUTS,
    LOGS,
    rule_name,
)
from hcutal.pipeline.graph import PARAMETERS, experiments_of, stages_of
from hcutal.pipeline.records import COMPARE, record_path, shard_name, track_name
from hcutal.pipeline.rules import read_rules

try:
    GRAPH = read_rules(workflow.is_main_process)
except HcutalError as error:
    raise WorkflowError(str(error))
EXPERIMENTS = experiments_of(GRAPH)


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
