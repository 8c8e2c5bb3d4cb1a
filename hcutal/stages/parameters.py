"""Stage `parameters`: params.yaml, checked and merged, becomes resolved.json, which the other stages read."""

import os
import subprocess

import click

from hcutal.code import check_code
from hcutal.entry import Command
from hcutal.errors import HcutalError
from hcutal.files import atomic_path, read_json, write_json
from hcutal.layout import PARAMS, RESOLVED, RUNS
from hcutal.params.author_layout import in_layout_of
from hcutal.params.document import Document, graph_of, load, resolve
from hcutal.stages.execution import recorded

# What DVC sets for the stages of `dvc exp run`.
DVC_EXPERIMENT = "DVC_EXP_NAME"


@click.command(cls=Command)
def main() -> None:
    """Write resolved.json: the same values give the same bytes."""
    check_code("parameters")
    with recorded("parameters"):
        document = load(PARAMS)
        write_json(RESOLVED, resolve(document))
        _check_runs(document)
        if DVC_EXPERIMENT in os.environ:
            _keep_layout()


def _check_runs(document: Document) -> None:
    """Raise `HcutalError` where DVC made its stages of other runs than params.yaml has, as `dvc exp run` may."""
    if read_json(RUNS) != graph_of(document):
        raise HcutalError(
            f"{RUNS}: has not the experiments and seeds of {PARAMS}; `hcutal run -n` brings it up to date"
        )


def _keep_layout() -> None:
    """Put params.yaml into the layout of the last commit, where `dvc exp run -S` has set a value in it."""
    committed = subprocess.run(
        ["git", "show", f"HEAD:./{PARAMS}"], capture_output=True, text=True, check=False
    )
    now = PARAMS.read_text()
    kept = in_layout_of(committed.stdout, now) if committed.returncode == 0 else now
    if kept != now:
        with atomic_path(PARAMS) as temporary:
            temporary.write_text(kept)


if __name__ == "__main__":
    main()
