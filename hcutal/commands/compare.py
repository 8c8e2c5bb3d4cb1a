"""`hcutal compare`: one table of all experiments."""

import click


@click.command("compare")
def command() -> None:
    """Print and write the table of all experiments: metrics and differing parameters."""
    from hcutal.pipeline.compare import CSV, MARKDOWN, show, write

    print(show(write()))
    print(f"written to {CSV} and {MARKDOWN}")
