"""`hcutal names`: a table in which a person names the clusters."""

import click

from hcutal.commands.names_of_runs import check_names, first_run


@click.command("names")
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option(
    "--renew", is_flag=True, help="Start anew after another training; the old names are kept aside."
)
def command(name: str, renew: bool) -> None:
    """Make labels/RUN.csv, in which you name the clusters that training found.

    An experiment stands for the run of its first seed; another one is named watch.1. After that, `hcutal run` runs
    only what follows the mapping.
    """
    from hcutal.labelling.names_table import make_names
    from hcutal.params.document import load

    document = load()
    check_names([name], document)
    run = first_run(name, document)
    path, is_new = make_names(run, renew)
    print(
        f"{path}: {'made' if is_new else 'there already'}; fill in the column `name` (two clusters may share one),"
    )
    print(f"then: hcutal run {name}")
