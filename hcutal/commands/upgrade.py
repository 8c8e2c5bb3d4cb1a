"""`hcutal upgrade`: bring a project of another version in step with the installed one."""

import click


@click.command("upgrade")
def command() -> None:
    """Replace the pipeline's files by those of this version, and bring params.yaml in step.

    What is replaced stays beside as NAME.old. Results that the new version makes in the same way are not made again.
    """
    from hcutal.pipeline.run import require_project
    from hcutal.pipeline.upgrade import upgrade

    require_project()
    for line in upgrade() or ["nothing to do: the project is as this version makes it"]:
        print(line)
