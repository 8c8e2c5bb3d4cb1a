"""The option `--workers`: a number, or `auto`."""

from collections.abc import Callable
from typing import Any, Literal

import click

from hcutal.cores import AUTO


def _worker_count(context: click.Context, parameter: click.Parameter, value: str) -> int | Literal["auto"]:
    """The number, or `auto`; anything else ends the command with a message."""
    if value == AUTO:
        return "auto"
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"found {value!r}; expected a number from 1 on, or {AUTO}")
    return int(value)


def worker_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option: how many processes extract."""
    return click.option(
        "--workers",
        default=AUTO,
        show_default=True,
        callback=_worker_count,
        metavar=f"NUMBER|{AUTO}",
        help="Processes that extract; auto: as many as cores and memory allow.",
    )(command)
