"""What MLflow is told of experiments, and how it shows them.

`mlflow_store` opens the place of the runs, `mlflow_view` says which columns it shows. `run_logger` writes the runs of
an experiment: their values (`run_values`), notes (`run_notes`) and data (`run_data`), their models by `model_registry`,
as `segment_model` loads them. `live` shows the losses of a training that is going on.
"""
