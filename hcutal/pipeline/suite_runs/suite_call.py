"""What a call of suites asks for, and which experiments that takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hcutal.errors import HcutalError
from hcutal.layout import run_name
from hcutal.params.document import Document, Experiment, resolve
from hcutal.pipeline.suite_runs.suite_costs import SuiteCosts, suite_costs
from hcutal.pipeline.suite_runs.suite_experiments import experiments_of
from hcutal.pipeline.suite_runs.suite_rules import rules_by_suite, variants_with_states
from hcutal.pipeline.suite_runs.suite_values import one_of_each_training
from hcutal.suites.suites import SUITES, suites_of


@dataclass(frozen=True)
class SuiteCall:
    """What was asked for.

    Attributes:
        names: suites and groups of them.
        seeds: of all experiments, the first of them for figures.
        rules: by which states are chosen (`last,oracle`); None: as each suite has it.
        recordings, label: which recordings and class figures show; empty and None: by rule.
    """

    names: Sequence[str]
    dataset: str
    preset: str
    seeds: Sequence[int]
    rules: str | None = None
    recordings: Sequence[str] = ()
    label: str | None = None


@dataclass(frozen=True)
class PlannedSuites:
    """The experiments of a call.

    Attributes:
        suites: their names, without groups.
        rules: by suite.
        entries: name and values of the experiment of each variant.
        first: the experiments that train; others have a training in common with one of them.
        costs: what is to be made, and how long that takes.
    """

    call: SuiteCall
    suites: Sequence[str]
    rules: Mapping[str, Sequence[str]]
    entries: Mapping[str, tuple[str, Experiment]]
    first: Sequence[str]
    costs: SuiteCosts

    @property
    def experiments(self) -> list[str]:
        """The names of all experiments."""
        return [name for name, _ in self.entries.values()]

    @property
    def tables(self) -> list[str]:
        """Those of the suites that are tables."""
        return [suite for suite in self.suites if SUITES[suite].figure is None]

    @property
    def figures(self) -> list[str]:
        """Those of the suites that are figures."""
        return [suite for suite in self.suites if SUITES[suite].figure is not None]

    def run_of(self, variant: str) -> str:
        """The run of a variant that figures show: that of the first seed that was asked for."""
        return run_name(self.entries[variant][0], self.call.seeds[0])


def plan_suites(document: Document, call: SuiteCall) -> PlannedSuites:
    """The experiments of a call; nothing is written.

    Raises:
        HcutalError: for what cannot be run: no suite, or a suite, data set, preset or rule that there is not.
    """
    if not call.names:
        raise HcutalError("--data: name the suites to run, as in hcutal run table6 --data watch")
    suites = suites_of(call.names)
    rules = rules_by_suite([suite for suite in suites if SUITES[suite].figure is None], call.rules)
    if (call.recordings or call.label) and not any(SUITES[suite].figure for suite in suites):
        raise HcutalError(
            "--recordings, --class: are of figures; name one, as in hcutal run figure4 --data watch"
        )
    entries = experiments_of(
        document, suites, call.dataset, call.preset, call.seeds, variants_with_states(rules)
    )
    experiments = document.experiments | dict(entries.values())
    changed = document.model_copy(update={"experiments": experiments})
    first = one_of_each_training(resolve(changed), [name for name, _ in entries.values()])
    costs = suite_costs(changed, entries.values(), first)
    return PlannedSuites(call, suites, rules, entries, first, costs)
