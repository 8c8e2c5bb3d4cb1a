"""The option `--workers`: a number, or `auto`."""

from typing import Literal

import click

from hcutal.cores import AUTO


def worker_count(context: click.Context, parameter: click.Parameter, value: str) -> int | Literal["auto"]:
    """The number, or `auto`; anything else ends the command with a message."""
    if value == AUTO:
        return "auto"
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"found {value!r}; expected a number from 1 on, or {AUTO}")
    return int(value)
