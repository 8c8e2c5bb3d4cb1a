# Orders the stages of dvc.yaml, runs them in parallel or on a cluster, and puts the results into MLflow.
# DVC decides by content what must run and owns the data: see workflow/rules/stages.smk.
from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"


if config:
    raise WorkflowError(
        f"--config {' '.join(config)} does not reach the stages, which read params.yaml: edit params.yaml, "
        "or try a value with `dvc exp run --set-param experiments.watch.train.steps=500`"
    )


rule all:
    default_target: True
    input:
        records=[record_path(name) for name in GRAPH],
        tracked=[record_path(track_name(name)) for name in EXPERIMENTS],
        compared=[record_path(COMPARE), str(COMPARED_CSV)],


include: "workflow/rules/shards.smk"
include: "workflow/rules/stages.smk"
include: "workflow/rules/tracking.smk"
include: "workflow/rules/suites.smk"
