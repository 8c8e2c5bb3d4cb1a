"""`hcutal compare`: one table of all experiments."""

import click


@click.command("compare")
@click.argument("patterns", nargs=-1, metavar="[NAME]...")
@click.option(
    "--data", "datasets", multiple=True, metavar="DATASET", help="Those on this data set; repeatable."
)
@click.option(
    "--sort", help="A metric, highest first, or `name`; default: average_mAP, where something was evaluated."
)
def command(patterns: tuple[str, ...], datasets: tuple[str, ...], sort: str | None) -> None:
    """Compare all experiments, or those with a NAME such as `watch` or 'watch*'.

    A row is an experiment: the mean over its seeds, the standard deviation (±; none with one seed), and an interval
    over recordings and seeds. The last column is the difference from the best on the same data set, over the
    recordings and seeds that both have; `within noise`: its interval holds 0. Below are the parameters that differ.
    """
    from hcutal.errors import HcutalError
    from hcutal.layout import COMPARED_CSV
    from hcutal.pipeline.compare import SORTED_BY, ordered, show, show_differing, summarised, write

    experiments = summarised(datasets, patterns)
    if not experiments:
        raise HcutalError("no results yet; start with: hcutal run")
    known = dict.fromkeys(name for each in experiments for name in each.metrics)
    sort = sort or (SORTED_BY if SORTED_BY in known else "name")
    if sort not in ("name", *known):
        raise HcutalError(f"no number {sort!r} to sort by; there is name, {', '.join(known)}")
    experiments = ordered(experiments, sort)
    print(show(experiments, sort))
    if len(experiments) > 1:
        print(f"\n{show_differing(experiments)}")
    write(experiments)
    print(f"\nall numbers of all experiments: {COMPARED_CSV}")
