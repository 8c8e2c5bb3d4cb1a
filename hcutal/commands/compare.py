"""`hcutal compare`: one table of all experiments."""

import click


@click.command("compare")
def command() -> None:
    """Print and write the table of all experiments: metrics and differing parameters."""
    from hcutal.layout import COMPARED_CSV, COMPARED_MARKDOWN
    from hcutal.pipeline.compare import show, write

    print(show(write()))
    print(f"written to {COMPARED_CSV} and {COMPARED_MARKDOWN}")
