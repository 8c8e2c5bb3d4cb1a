"""Stage `parameters`: params.yaml, checked and merged, becomes resolved.json, which the other stages read."""

import click

from hcutal.code import check_code
from hcutal.entry import Command
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.layout import PARAMS, RESOLVED, RUNS
from hcutal.params.document import Document, graph_of, load, resolve
from hcutal.stages.execution import recorded


@click.command(cls=Command)
def main() -> None:
    """Write resolved.json: the same values give the same bytes."""
    check_code("parameters")
    with recorded("parameters"):
        document = load(PARAMS)
        write_json(RESOLVED, resolve(document))
        _check_runs(document)


def _check_runs(document: Document) -> None:
    """Raise `HcutalError` where DVC made its stages of other runs than params.yaml has, as `dvc exp run` may."""
    if read_json(RUNS) != graph_of(document):
        raise HcutalError(
            f"{RUNS}: has not the experiments and seeds of {PARAMS}; `hcutal run -n` brings it up to date"
        )


if __name__ == "__main__":
    main()
