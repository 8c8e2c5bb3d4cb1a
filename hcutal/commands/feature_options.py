"""The options that say how features stand in their files, and when their snippets were."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from hcutal.errors import HcutalError

Function = Callable[..., Any]
OPTIONS = (
    click.option("--fps", default=25.0, show_default=True, help="Frames a second of the videos."),
    click.option(
        "--snippet-frames",
        "--window",
        default=16,
        show_default=True,
        help="Frames a feature vector stands for.",
    ),
    click.option(
        "--stride", type=click.IntRange(1), help="Frames from one snippet to the next; default: the window."
    ),
    click.option("--offset", type=click.FloatRange(0), help="Seconds before the first snippet."),
    click.option(
        "--rates",
        metavar="FILE",
        help="CSV with video and fps, or JSON {video: fps}, in ROOT or here, for recordings of several rates.",
    ),
    click.option(
        "--rescaled", is_flag=True, help="A fixed number of snippets a recording: times from durations."
    ),
    click.option("--axes", type=click.Choice(["TD", "DT", "TCD", "CTD"]), help="Of an array; C: crops."),
    click.option("--crop", type=click.IntRange(0), help="The crop that is taken; default: the mean of all."),
    click.option(
        "--parts", metavar="NAME=D,...", help="Streams side by side in an array, as rgb=1024,flow=1024."
    ),
    click.option(
        "--trim", type=click.IntRange(1), help="Snippets that streams may differ by; the longer is cut."
    ),
    click.option(
        "--subsets", metavar="CSV", help="Which subset each video is of, for annotations in BMN's form."
    ),
    click.option("--blocked", metavar="FILE", help="Videos that are left out: a name a line, or JSON."),
    click.option(
        "--missing",
        type=click.Choice(["refuse", "leave_out"]),
        help="What becomes of listed videos without features.",
    ),
    click.option(
        "--test-videos",
        type=click.Choice(["213", "212", "211", "210"]),
        help="Which test videos of THUMOS'14; default: those that are listed.",
    ),
)
FILES = ("ground_truth", "subsets", "blocked", "rates")


def layout_options(function: Function) -> Function:
    """Give a command all of these options."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those that were given, as parameters of `ImportedPrepare`; `HcutalError` for parts that cannot be read."""
    values = {name: value for name, value in options.items() if value not in (None, False)}
    if "parts" in values:
        values["parts"] = _parts(values["parts"])
    return values


def named_from(root: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with each file named from the folder `root`, or by its absolute path where it is elsewhere."""
    return {key: _named(root, str(value), key) if key in FILES else value for key, value in values.items()}


def _named(root: Path, name: str, key: str) -> str:
    is_there = Path.exists if key == "ground_truth" else Path.is_file
    if is_there(root / name):
        return name
    path = Path(name).resolve()
    if not is_there(path):
        raise HcutalError(
            f"--{'annotations' if key == 'ground_truth' else key}: no file {name}, neither in {root} nor here"
        )
    whole = root.resolve()
    return str(path.relative_to(whole) if path.is_relative_to(whole) else path)


def _parts(text: str) -> list[dict[str, Any]]:
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and size.strip().isdecimal() for name, _, size in pairs):
        raise HcutalError(f"--parts is {text!r}; expected names with sizes, such as rgb=1024,flow=1024")
    return [{"stream": name.strip(), "size": int(size)} for name, _, size in pairs]
