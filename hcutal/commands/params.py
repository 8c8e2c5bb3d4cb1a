"""`hcutal params`: check params.yaml, show what reaches an experiment."""

import sys

import click

from hcutal.errors import HcutalError


@click.command("params")
@click.argument("experiment", required=False)
def command(experiment: str | None) -> None:
    """Check params.yaml; show the values that reach EXPERIMENT."""
    from ruamel.yaml import YAML

    from hcutal.params.document import load, resolve

    document = load()
    resolved = resolve(document)["experiments"]
    if experiment is None:
        print(f"params.yaml is valid; experiments: {', '.join(resolved)}")
        return
    if experiment not in resolved:
        raise HcutalError(
            f"no experiment {experiment!r} in params.yaml; there is {', '.join(sorted(resolved))}"
        )
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(resolved[experiment], sys.stdout)
