"""Suites as Snakemake targets: those whose experiments params.yaml has."""

from dataclasses import dataclass
from pathlib import Path

import click

from hcutal.entry import Command
from hcutal.errors import HcutalError
from hcutal.layout import FigureFiles, SuiteFiles, rule_name
from hcutal.params.document import Document, load
from hcutal.pipeline.suite_runs.suite_experiments import CHECKPOINTS, DEFAULT, experiments_of
from hcutal.suites.checkpoint_rules import needs_states
from hcutal.suites.suites import SUITES

# What is asked for does not depend on the seeds.
ANY_SEEDS = (0,)


@dataclass(frozen=True)
class SuiteTarget:
    """A suite on a data set, with the preset `default`: the experiments that it shows, and the file that it is."""

    suite: str
    dataset: str
    experiments: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The name of its Snakemake rule: `table6_simulated`."""
        return rule_name(self.suite, self.dataset)

    @property
    def file(self) -> Path:
        """Its table, or the first of its pictures."""
        where = self.suite, self.dataset, DEFAULT
        if SUITES[self.suite].figure is None:
            return SuiteFiles.of(*where).csv
        return FigureFiles.of(*where).pictures[0]


def suite_targets(document: Document) -> list[SuiteTarget]:
    """The suites of which params.yaml has all experiments; `hcutal run SUITE --data DATASET` writes them."""
    found = []
    for dataset in document.datasets:
        for suite in SUITES:
            try:
                entries = experiments_of(document, [suite], dataset, DEFAULT, ANY_SEEDS)
            except HcutalError:
                # A variant that this data set cannot have, or another experiment of its name.
                continue
            names = tuple(name for name, _ in entries.values())
            if all(_has(document, name, needs_states(SUITES[suite].rules)) for name in names):
                found.append(SuiteTarget(suite, dataset, names))
    return found


def _has(document: Document, name: str, with_states: bool) -> bool:
    """Whether there is the experiment; with states of its training, where these are compared."""
    entry = document.experiments.get(name)
    return entry is not None and bool(not with_states or entry.train.get(CHECKPOINTS))


@click.command(cls=Command)
@click.argument("suite")
@click.argument("dataset")
def main(suite: str, dataset: str) -> None:
    """Write table or figure, and the page, of a suite whose experiments are complete."""
    from hcutal.pipeline.suite_runs.suite_call import SuiteCall, plan_suites
    from hcutal.pipeline.suite_runs.suite_run import show_suites

    document = load()
    entries = experiments_of(document, [suite], dataset, DEFAULT, ANY_SEEDS)
    names = [name for name, _ in entries.values()]
    # Those that all of them have.
    seeds = [
        seed
        for seed in document.experiments[names[0]].seeds
        if all(seed in document.experiments[name].seeds for name in names)
    ]
    plan = plan_suites(document, SuiteCall([suite], dataset, DEFAULT, seeds))
    for table in show_suites(plan, click.echo):
        click.echo(f"\n{table}")


if __name__ == "__main__":
    main()
