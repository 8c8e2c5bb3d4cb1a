"""`hcutal evaluate`: score predictions against ground truth, anywhere."""

from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path)


@click.command("evaluate")
@click.argument("files", nargs=-1, type=FILE, metavar="[PREDICTIONS]...")
@click.option("--ground-truth", required=True, type=FILE, help="Annotations: ActivityNet's form or BMN's.")
@click.option("--predictions", multiple=True, type=FILE, help="The same as the argument PREDICTIONS.")
@click.option("--subset", help="train, validation or test; by default test where it is annotated.")
@click.option("--tiou", help="Thresholds, e.g. 0.1:0.7:0.1 (start:end:step, with the end) or 0.3,0.5.")
@click.option(
    "--dataset",
    type=click.Choice(["thumos14", "activitynet"]),
    help="Whose thresholds to take where --tiou is not given; by default what the ground truth looks like.",
)
@click.option(
    "--test-videos",
    type=click.Choice(["213", "212", "211", "210"]),
    help="Which list of THUMOS'14's test videos; by default those of the file.",
)
@click.option(
    "--videos", type=FILE, help="Names of the videos that survive, one a line; others are left out."
)
@click.option("--subsets", type=FILE, help="CSV with video and subset, for BMN's form.")
@click.option("--labels", type=FILE, help="The known labels, one a line.")
@click.option(
    "--skip-ambiguous",
    is_flag=True,
    help="Neither right nor wrong are predictions that lie, by more than half, on what THUMOS'14 calls ambiguous.",
)
@click.option("--strict", is_flag=True, help="Fail when anything would be left out, and list it.")
@click.option(
    "--metrics",
    type=click.Choice(["all", "map"]),
    default="all",
    show_default=True,
    help="map leaves average recall and the diagnosis out, which is quicker.",
)
@click.option("--draws", default=1000, show_default=True, help="Draws of the bootstrap over videos; 0: none.")
@click.option("--seed", default=0, show_default=True, help="Of the draws.")
@click.option("--output", type=FILE, help="Write all results as JSON.")
@click.option("--html", type=FILE, help="Write a page with figures.")
def command(files: tuple[Path, ...], predictions: tuple[Path, ...], **options: Any) -> None:
    """Score PREDICTIONS against the ground truth; compare two of them on the same draws of videos.

    PREDICTIONS are files in ActivityNet's form: {"results": {video: [{"label", "score", "segment"}]}}.
    """
    given = (*predictions, *files)
    if not 1 <= len(given) <= 2:
        raise click.UsageError(
            f"{len(given)} files of predictions are given; expected one, or two to compare"
        )
    from hcutal.commands.evaluate_request import Request, run

    for line in run(Request(predictions=given, **options)):
        print(line)
