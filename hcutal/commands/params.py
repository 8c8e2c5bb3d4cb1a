"""`hcutal params`: check params.yaml, show what reaches an experiment, explain a value."""

import sys
from typing import Any

import click

from hcutal.commands.names_of_runs import check_names
from hcutal.layout import is_run, split_run


@click.command("params")
@click.argument("name", required=False, metavar="[EXPERIMENT|RUN]")
@click.option("--explain", "key", metavar="KEY", help="Say what a value does and where it comes from.")
@click.option(
    "--write",
    is_flag=True,
    help="Add missing values, renew the comments behind them and the schema for editors.",
)
def command(name: str | None, key: str | None, write: bool) -> None:
    """Check params.yaml; show the values that reach an experiment or a run (watch.0), or explain one of them."""
    from hcutal.params.document import load, resolve
    from hcutal.params.explain import explain

    document = load()
    resolved = resolve(document)
    if name is not None:
        check_names([name], document)
    experiment = name and name.partition(".")[0]
    if write:
        _write()
    if key is not None:
        print(explain(key, document, resolved, experiment))
    elif name is not None and is_run(name):
        experiment, seed = split_run(name)
        _show(resolved["runs"][experiment][str(seed)])
    elif name is not None:
        _show(resolved["experiments"][name])
    else:
        print(f"params.yaml is valid; experiments: {', '.join(document.experiments)}")


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
