"""`hcutal doctor`: what is wrong with data, with the installation, with a project."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hcutal.commands.feature_options import given, layout_options, named_from

if TYPE_CHECKING:
    from hcutal.data.problems import Findings


@click.command("doctor")
@click.argument("named", nargs=-1, metavar="[PATH|DATASET]...")
@layout_options
@click.option("--extractor", help="Read folders as recordings, by this extractor.")
@click.option(
    "--option", "-o", "options", multiple=True, metavar="KEY=VALUE", help="Parameter of the extractor."
)
@click.option(
    "--names",
    type=click.Choice(["file", "path"]),
    default="file",
    show_default=True,
    help="Recordings are called like their files, or like their paths.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    named: tuple[str, ...],
    extractor: str | None,
    options: tuple[str, ...],
    names: str,
    as_json: bool,
    **layout: Any,
) -> None:
    """Say what is wrong with data, before anything is made of it.

    PATH is a project, a folder of features or of recordings, annotations, predictions, a list of names or an array;
    what it was taken for is printed. DATASET is one of params.yaml. Annotations count for all that is named with them.
    Without an argument: the installation, and the project. All is read in full. The exit status is 1 where there is an
    error.
    """
    found = _examine(named, extractor, options, names == "path", layout) if named else _here()
    if as_json:
        import orjson

        whole = {name: findings.as_dict() for name, findings in found.items()}
        print(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())
    else:
        from hcutal.commands.findings_text import text_of

        for name, findings in found.items():
            print("\n".join([name, *text_of(findings)]))
    sys.exit(1 if any(findings.errors for findings in found.values()) else 0)


def _here() -> "dict[str, Findings]":
    from hcutal.doctor.installation import check_installation, check_project

    project = check_project()
    return {"installation": check_installation()} | ({} if project is None else {"project": project})


def _examine(
    named: tuple[str, ...],
    extractor: str | None,
    options: tuple[str, ...],
    by_path: bool,
    layout: dict[str, Any],
) -> "dict[str, Findings]":
    from hcutal.doctor.examine import Options, examine
    from hcutal.doctor.known import check_dataset, known_datasets
    from hcutal.extract.registry import read_options

    paths = [Path(name) for name in named]
    known = {} if all(path.exists() for path in paths) else known_datasets()
    datasets = [name for name in named if name in known and not Path(name).exists()]
    found = {f"data set: {name}": check_dataset(name, known[name]) for name in datasets}
    rest = [path for path, name in zip(paths, named, strict=True) if name not in datasets]
    values, folder = given(layout), next((path for path in rest if path.is_dir()), None)
    values = values if folder is None else named_from(folder, values)
    return found | examine(rest, Options(values, extractor, read_options(options), by_path))
