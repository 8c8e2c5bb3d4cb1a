"""`hcutal new`: a project for one's own recordings."""

from pathlib import Path

import click


@click.command("new")
@click.argument("project", type=click.Path(path_type=Path))
@click.option(
    "--videos",
    "--recordings",
    "source",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the recordings; they stay where they are.",
)
@click.option(
    "--annotations",
    type=click.Path(path_type=Path),
    help="JSON in ActivityNet's form, to name clusters and to evaluate; optional.",
)
@click.option(
    "--clusters",
    type=click.IntRange(2),
    help="Number of clusters; default: the annotated classes, or estimated.",
)
@click.option(
    "--extractor", default="i3d", show_default=True, help="What makes features: see docs/extractors.md."
)
@click.option(
    "--option", "-o", "options", multiple=True, metavar="KEY=VALUE", help="Parameter of the extractor."
)
def command(
    project: Path,
    source: Path,
    annotations: Path | None,
    clusters: int | None,
    extractor: str,
    options: tuple[str, ...],
) -> None:
    """Start a project folder for your own recordings.

    PROJECT gets the pipeline and a params.yaml that fits what was found; `hcutal run` in it does the rest.
    """
    from hcutal.extract.registry import Recipe, read_options
    from hcutal.pipeline.new_project import new_project

    recipe = Recipe(extractor, read_options(options))
    found = new_project(project, source, annotations, clusters, recipe)
    for reason in found.unreadable:
        click.echo(f"cannot be read: {reason}", err=True)
    minutes, seconds = divmod(round(found.seconds), 60)
    print(f"{found.recordings} recordings, {minutes}:{seconds:02d} minutes in all")
    number = clusters or (
        "as many as annotated classes" if annotations else "estimated (train.video.clusters: {estimate: {}})"
    )
    print(f"clusters: {number}")
    print(f"{project} is ready; all its settings stand in {project / 'params.yaml'}. Go on with:")
    print(f"    cd {project}\n    hcutal run")
