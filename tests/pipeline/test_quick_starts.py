"""A run starts many short processes: what is slow to import is imported by those that need it."""

import subprocess
import sys

import pytest

SLOW = ("torch", "dvc", "snakemake", "mlflow", "pandas", "scipy", "sklearn", "matplotlib", "grimp")
TABLES = {"pandas"}


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("hcutal.cli", set()),
        ("hcutal.pipeline.run", set()),
        ("hcutal.pipeline.run_stage", set()),
        ("hcutal.stages.parameters", set()),
        ("hcutal.stages.map", TABLES),
        ("hcutal.stages.evaluate", TABLES),
        ("hcutal.stages.propose", TABLES | {"torch"}),
        ("hcutal.stages.summary", TABLES | {"matplotlib"}),
        ("hcutal.stages.report", TABLES | {"matplotlib"}),
        ("hcutal.pipeline.compare", TABLES),
        ("hcutal.pipeline.tracking", TABLES | {"dvc"}),
    ],
)
def test_a_process_imports_only_what_it_needs(module: str, needed: set[str]) -> None:
    code = f"import {module}, sys; print(*[name for name in {SLOW} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert {*found.split()} <= needed
