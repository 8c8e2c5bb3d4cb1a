"""`hcutal names`: a table in which a person names the clusters."""

import click

from hcutal.errors import HcutalError


@click.command("names")
@click.argument("experiment")
@click.option(
    "--renew", is_flag=True, help="Start anew after another training; the old names are kept aside."
)
def command(experiment: str, renew: bool) -> None:
    """Make labels/EXPERIMENT.csv, in which you name the clusters that training found.

    After that, `hcutal run EXPERIMENT` runs only what follows the mapping.
    """
    from hcutal.params.document import load
    from hcutal.pipeline.names import make_names

    known = load().experiments
    if experiment not in known:
        raise HcutalError(f"no experiment {experiment!r} in params.yaml; there is {', '.join(known)}")
    path, is_new = make_names(experiment, renew)
    print(
        f"{path}: {'made' if is_new else 'there already'}; fill in the column `name` (two clusters may share one),"
    )
    print(f"then: hcutal run {experiment}")
