"""`hcutal params`: check params.yaml, show what reaches an experiment, explain a value."""

import sys
from typing import Any

import click

from hcutal.errors import HcutalError


@click.command("params")
@click.argument("experiment", required=False, metavar="[EXPERIMENT|RUN]")
@click.option("--explain", "key", metavar="KEY", help="Say what a value does and where it comes from.")
@click.option(
    "--write",
    is_flag=True,
    help="Add missing values, renew the comments behind them and the schema for editors.",
)
def command(experiment: str | None, key: str | None, write: bool) -> None:
    """Check params.yaml; show the values that reach EXPERIMENT, or explain one of them."""
    from hcutal.params.document import load, resolve
    from hcutal.params.explain import explain

    document = load()
    resolved = resolve(document)
    names = resolved["experiments"]
    if experiment is not None and experiment not in names:
        raise HcutalError(f"no experiment {experiment!r} in params.yaml; there is {', '.join(sorted(names))}")
    if write:
        _write()
    if key is not None:
        print(explain(key, document, resolved, experiment))
    elif experiment is not None:
        _show(names[experiment])
    else:
        print(f"params.yaml is valid; experiments: {', '.join(names)}")


def _write() -> None:
    from hcutal.files import atomic_path, write_json
    from hcutal.layout import PARAMS, SCHEMA
    from hcutal.params.schema import schema
    from hcutal.params.written import with_comments, with_values

    text = with_comments(with_values(PARAMS.read_text(encoding="utf-8")))
    with atomic_path(PARAMS) as temporary:
        temporary.write_text(text, encoding="utf-8")
    write_json(SCHEMA, schema())


def _show(values: dict[str, Any]) -> None:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(values, sys.stdout)
