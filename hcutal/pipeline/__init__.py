"""The orchestration: the only room that knows DVC, Snakemake and MLflow.

`graph` reads the stages as DVC sees them, `sources` says what raw data is, `records` keeps the files that
Snakemake orders the stages by, `rules` is what the rule files need. `run` starts Snakemake, `run_stage` is the
job of each rule. MLflow is written by `tracking` and `live`, models by `model_registry`; `compare` makes the
table of all experiments. `suite_run` runs the paper's tables and figures, which the other `suite_` modules make.
"""
