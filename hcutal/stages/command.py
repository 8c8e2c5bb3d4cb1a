"""The command line that all stages share: one name, a data set; errors of the user in one line."""

import argparse
import sys
from collections.abc import Callable

from hcutal.errors import HcutalError


def run_dataset_stage(run: Callable[[str], None], description: str) -> None:
    """Parse `DATASET` and run; exit status 1 with the message when the input is bad."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("dataset")
    arguments = parser.parse_args()
    _guard(lambda: run(arguments.dataset))


def run_experiment_stage(run: Callable[[str, str], None], description: str) -> None:
    """Parse `EXPERIMENT --dataset DATASET` and run; exit status 1 with the message when the input is bad."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("experiment")
    parser.add_argument("--dataset", required=True)
    arguments = parser.parse_args()
    _guard(lambda: run(arguments.experiment, arguments.dataset))


def _guard(action: Callable[[], None]) -> None:
    try:
        action()
    except HcutalError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
