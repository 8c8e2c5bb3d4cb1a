"""`hcutal share`: results to a DVC remote, and from it."""

import click

from hcutal.entry import Command


@click.command("share", cls=Command)
@click.argument("direction", type=click.Choice(["push", "pull"]))
@click.option("--remote", metavar="NAME", help="Of `dvc remote add`; default: the project's default remote.")
def command(direction: str, remote: str | None) -> None:
    """Push results to the project's DVC remote, or pull them.

    With them goes what DVC remembers of earlier executions, so that an edit that is taken back costs nothing there,
    either. A colleague needs the project from git, and the results; not the recordings or features.
    """
    from hcutal.pipeline.run import require_project
    from hcutal.pipeline.share import share

    require_project()
    share(direction, remote)
    click.echo(
        "pushed; commit dvc.lock, code.json, runs.json and sources.json"
        if direction == "push"
        else "pulled; hcutal run says what is left to do"
    )
