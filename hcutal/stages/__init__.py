"""One thin command a stage of dvc.yaml: it reads files and parameters, calls the package, and writes files.

`python -m hcutal.stages.STAGE NAME`; `command` is what they share.
"""
