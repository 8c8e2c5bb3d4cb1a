"""What the rule files need, so that they hold rules alone."""

import itertools
import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from hcutal.code import code_digests
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.layout import CODE, RUNS, SNAKEMAKE_INCOMPLETE, SOURCES, rule_name
from hcutal.params.document import EXPERIMENT_SECTIONS
from hcutal.pipeline.graph import SUMMARY, Graph, read_graph
from hcutal.pipeline.outlook import BEFORE_PLAN, plan_text, write_plan
from hcutal.pipeline.plan import make_plan
from hcutal.pipeline.records import TARGETS, record_path
from hcutal.pipeline.synchronise import synchronise
from hcutal.progress import work_of

ALLOWED = "--allowed-rules"


def read_rules(is_main_process: bool, allowed: Collection[str] = ()) -> Graph:
    """The stages to make rules of, after the records were brought in step with them.

    Jobs on other machines read the rules again, but the records are the main process's business; of the stages of
    experiments they read those whose rules are `allowed` there, with the others of these experiments. Raises
    `HcutalError`.
    """
    # The jobs call `python`: it must be the one that runs Snakemake.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with work_of(BEFORE_PLAN):
        graph = read_graph(experiments=_experiments_of(allowed) if allowed else None)
    if is_main_process:
        _refresh(CODE, code_digests())
        _refresh(SOURCES, sources_of(graph))
        synchronise(graph)
        steps = make_plan(graph)
        write_plan(steps)
        if steps:
            sys.stderr.write(f"{plan_text(steps)}\n")
    return graph


def _experiments_of(rules: Collection[str]) -> set[str] | None:
    """The experiments that have some of these rules; None where runs.json, which says it, cannot be read."""
    try:
        runs = {run: str(about["experiment"]) for run, about in read_json(RUNS)["runs"].items()}
    except (HcutalError, KeyError, TypeError, AttributeError):
        return None
    own = {
        rule_name(kind, run): experiment for kind in EXPERIMENT_SECTIONS for run, experiment in runs.items()
    }
    own |= {rule_name(SUMMARY, experiment): experiment for experiment in runs.values()}
    return {own[rule] for rule in rules if rule in own}


def allowed_rules(arguments: Sequence[str]) -> list[str]:
    """The rules that a job of a cluster is for, from how its Snakemake was called; none in the main process.

    >>> allowed_rules(["snakemake", "--cores", "1", "--allowed-rules", "map_a_0", "propose_a_0", "--attempt", "1"])
    ['map_a_0', 'propose_a_0']
    """
    after = arguments[arguments.index(ALLOWED) + 1 :] if ALLOWED in arguments else []
    return list(itertools.takewhile(lambda word: not word.startswith("-"), after))


def is_ruled(name: str, rule: str, allowed: Collection[str]) -> bool:
    """Whether a stage or another step gets its rule: in a run of ours where it has no record, or is asked for.

    A record that is there after `read_rules` is up to date, and rules for all that is cost seconds where there is much.
    In a job of a cluster, with its `allowed` rules, all that was read gets them: it is little. So does everything where
    jobs were cut off, for Snakemake to see to them.
    """
    asked = os.environ.get(TARGETS)
    if allowed or asked is None or any(SNAKEMAKE_INCOMPLETE.rglob("*")):
        return True
    return rule in asked.split() or not record_path(name).exists()


def sources_of(graph: Graph) -> dict[str, dict[str, str | None]]:
    """The digests of raw data and weights, as the stages depend on them."""
    found: dict[str, dict[str, str | None]] = {"sources": {}, "weights": {}}
    for stage in graph.values():
        for key, value in stage.params.items():
            group, _, dataset = key.partition(".")
            if group in found:
                found[group][dataset] = value
    return found


def _refresh(path: Path, value: Any) -> None:
    """Write a file that stages depend on, unless it says the same; one that was damaged is made anew."""
    if not _says(path, value):
        write_json(path, value)


def _says(path: Path, value: Any) -> bool:
    try:
        return bool(read_json(path) == value)
    except HcutalError:
        return False
