"""Stage `parameters`: params.yaml, checked and merged, becomes resolved.json, which the other stages read."""

import click

from hcutal.code import check_code
from hcutal.entry import Command
from hcutal.files import write_json
from hcutal.layout import PARAMS, RESOLVED
from hcutal.params.document import load, resolve


@click.command(cls=Command)
def main() -> None:
    """Write resolved.json: the same values give the same bytes."""
    check_code("parameters")
    write_json(RESOLVED, resolve(load(PARAMS)))


if __name__ == "__main__":
    main()
