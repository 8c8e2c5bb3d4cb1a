"""The paper's tables and figures as runs of the pipeline.

`suite_call` says which experiments a call takes (`suite_experiments`, with the values of `suite_values`, the states of
`suite_rules` and `state_scores`) and what they cost (`suite_costs`). `suite_run` brings them up to date and makes the
tables (`suite_tables`, `suite_differences`), the figures (`figure_runs`) and the page (`suite_page`), which
`suite_tracking` hands to MLflow.
"""
