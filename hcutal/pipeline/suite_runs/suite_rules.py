"""What tables show beside the last state of each training: the states that the other rules choose."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from hcutal.errors import HcutalError
from hcutal.files import json_digest
from hcutal.layout import RunPaths, SuiteFiles, run_name
from hcutal.model.criteria import best_state
from hcutal.model.kept_states import read_states
from hcutal.params.document import Experiment
from hcutal.pipeline.compare import SORTED_BY, Summarised
from hcutal.pipeline.graph import Graph, read_graph
from hcutal.pipeline.suite_runs.state_scores import Scores, state_scores
from hcutal.suites.checkpoint_rules import LAST, ORACLE, needs_states, rules_of
from hcutal.suites.suites import SUITES, variants_of

# The stages whose inputs and results a score of a state follows from.
FOLLOWED = ("train", "map", "propose", "evaluate")


def rules_by_suite(suites: Sequence[str], asked: str | None) -> dict[str, tuple[str, ...]]:
    """The rules that each suite shows: those that are asked for (`last,oracle`), else its own."""
    given = None if asked is None else rules_of(asked)
    return {suite: SUITES[suite].rules if given is None else given for suite in suites}


def variants_with_states(shown: Mapping[str, Sequence[str]]) -> list[str]:
    """The variants of suites that show a rule for which states are kept."""
    return variants_of([suite for suite, rules in shown.items() if needs_states(rules)])


def suite_states(
    shown: Mapping[str, Sequence[str]],
    entries: Mapping[str, tuple[str, Experiment]],
    preset: str,
    say: Callable[[str], None],
) -> dict[str, dict[str, dict[str, Summarised]]]:
    """By suite, rule and variant, the results of the states that the rules choose; see `chosen_by_rules`."""
    if not any(map(needs_states, shown.values())):
        return {suite: {} for suite in shown}
    graph = read_graph()
    return {
        suite: chosen_by_rules(
            rules, {variant: entries[variant] for variant in SUITES[suite].variants}, preset, graph, say
        )
        for suite, rules in shown.items()
    }


def chosen_by_rules(
    rules: Sequence[str],
    entries: Mapping[str, tuple[str, Experiment]],
    preset: str,
    graph: Graph,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, dict[str, Summarised]]:
    """By rule and variant, the mean of each metric over the seeds (and `/sd`) of the states that the rule chooses.

    Labels of the test are looked at for all states where `oracle` is among the rules, else for the chosen ones alone.

    Args:
        rules: those beside `last`, whose results the experiments have themselves.
        entries: name and values of the experiment of each variant.
        preset: of the experiments; scores are kept beside its tables.
        graph: of which the runs are complete.
        say: told of each run whose states are scored.
    """
    found: dict[str, dict[str, Summarised]] = {rule: {} for rule in rules if rule != LAST}
    for variant, (name, entry) in entries.items():
        for rule, of_rule in found.items():
            chosen = []
            for seed in entry.seeds:
                run = run_name(name, seed)
                say(f"{run}: {rule}")
                cache = scores_file(entry.dataset, preset, run)
                chosen.append(_chosen(rule, run, entry.dataset, cache, _fingerprint(graph, run)))
            values = {"dataset": entry.dataset, "seeds": entry.seeds, "preset": entry.preset}
            of_rule[variant] = Summarised(name, values, _over_seeds(chosen))
    return found


def scores_file(dataset: str, preset: str, run: str) -> Path:
    """Where the scores of the states of a run stand."""
    return SuiteFiles.of("states", dataset, preset).csv.parent / "states" / f"{run}.json"


def _chosen(rule: str, run: str, dataset: str, cache: Path, fingerprint: str) -> Scores:
    """The metrics of the state of a run that a rule chooses, with its step."""
    folder = RunPaths.of(run).states
    said = read_states(folder)
    if not said:
        raise HcutalError(f"{folder}: no state was kept; expected some (train.checkpoints), to choose from")
    steps = list(said)
    if rule == ORACLE:
        scores = state_scores(run, dataset, steps, cache, fingerprint)
        # Where nothing is annotated none is better than the last; among equals that is the latest.
        step = max(steps, key=lambda step: (scores[step].get(SORTED_BY) or 0.0, step))
    else:
        step = steps[best_state(list(said.values()))]
        scores = state_scores(run, dataset, [step], cache, fingerprint)
    return {**scores[step], "step": step}


def _fingerprint(graph: Graph, run: str) -> str:
    return json_digest({kind: graph[f"{kind}@{run}"].fingerprint for kind in FOLLOWED})


def _over_seeds(runs: Sequence[Scores]) -> dict[str, float | None]:
    """Mean and sample standard deviation (`/sd`, None with one run) of each metric that all runs have."""
    found: dict[str, float | None] = {}
    for name in runs[0]:
        values = [value for run in runs if (value := run.get(name)) is not None]
        if len(values) == len(runs):
            found[name] = float(np.mean(values))
            found[f"{name}/sd"] = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return found
