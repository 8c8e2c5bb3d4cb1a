"""The orchestration: the only room that knows DVC, Snakemake and MLflow.

`graph` reads the stages as DVC sees them, `sources` says what raw data is, `records` keeps the files that
Snakemake orders the stages by, `rules` is what the rule files need. `run` starts Snakemake and `display` shows how far
it is; `run_stage` is the job of each rule, `tracking` and `suite_targets` those of the rules beside the stages.
`mlflow_log` is what MLflow is told, `suite_runs` makes the paper's tables and figures; `compare` makes the table of all
experiments.
"""
