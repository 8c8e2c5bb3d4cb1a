"""`hcutal teach`: an experiment of supervision weak from the names and marks that a person gave."""

import click

from hcutal.commands.names_of_runs import check_names, first_run


@click.command("teach")
@click.argument("name", metavar="EXPERIMENT|RUN")
def command(name: str) -> None:
    """Make labels of the names and marks that you gave in `hcutal label`, and an experiment that is trained on them.

    Recordings get the names of their clusters, and what their marks say. They stand in labels/RUN.taught.csv, which
    only the experiment EXPERIMENT-taught (supervision weak) reads: others stay without labels. After `hcutal run`, call
    this again: the table shows how far the segments before and after agree with your marks.
    """
    from hcutal.layout import taught_file
    from hcutal.params.document import load
    from hcutal.pipeline.run import require_project
    from hcutal.pipeline.teach import agreements, dropped_hint, teach

    require_project()
    document = load()
    check_names([name], document)
    run = first_run(name, document)
    taught = teach(run)
    print(
        f"{taught_file(run)}: {taught.labelled} of {taught.recordings} recordings have labels: "
        f"{', '.join(taught.labels)}"
    )
    if taught.dropped:
        dataset = document.experiments[taught.experiment.removesuffix("-taught")].dataset
        print(
            f"{taught.dropped} dropped have none; to leave them out everywhere: {dropped_hint(run, dataset)}"
        )
    document = load()
    found = agreements(run, document)
    if any(each.share is not None for each in found.values()):
        print("\n| run | marked as right or named, found | marked as wrong, gone | marks that agree in all |")
        print("|:---|:---|:---|:---|")
        for each, value in found.items():
            share = (
                "" if value.share is None else f"{value.agreed} of {value.marks}, {100 * value.share:.0f} %"
            )
            print(
                f"| {each} | {value.right_found} of {value.right} | {value.wrong_gone} of {value.wrong} | {share} |"
            )
        print("\nThe taught runs were trained on labels from these marks: it is no test of new recordings.\n")
    print(f"then: hcutal run {taught.experiment}")
