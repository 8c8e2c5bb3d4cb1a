"""What a run would do, and why: a line a stage that is not up to date."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from hcutal.pipeline.graph import NOT_RUN, PARAMETERS, Graph, stages_of


class Step(NamedTuple):
    """A stage of the plan: what becomes of it (`runs`, `may run`), and the reason."""

    stage: str
    what: str
    why: str


def make_plan(graph: Graph, names: Collection[str] = ()) -> list[Step]:
    """The stages that are stale, and those that follow; of some experiments and runs, or of all.

    A stage whose result is in the cache is restored in the place of running. A stage that follows others runs only
    where they come out otherwise than before.
    """
    wanted = {stage.name for name in names for stage in stages_of(graph, name)} or set(graph)
    steps: list[Step] = []
    stale: set[str] = set()
    for stage in graph.values():
        before = sorted(stale.intersection(stage.needs) - {PARAMETERS})
        if not stage.fresh:
            stale.add(stage.name)
            steps.append(Step(stage.name, "runs", "; ".join(stage.reasons) or "stale"))
        elif before:
            stale.add(stage.name)
            steps.append(Step(stage.name, "may run", f"after {', '.join(before)}"))
    return [step for step in steps if step.stage in wanted or step.stage == PARAMETERS]


def plan_text(steps: Iterable[Step]) -> str:
    """The plan as lines for people."""
    steps = list(steps)
    if not steps:
        return "everything is up to date"
    listed = _with_new_ones_together(steps)
    widths = [max(len(step[column]) for step in listed) for column in (0, 1)]
    lines = [f"  {stage:<{widths[0]}}  {what:<{widths[1]}}  {why}" for stage, what, why in listed]
    return "\n".join([f"{len(steps)} stages run, or are restored where the cache has their result:", *lines])


def _with_new_ones_together(steps: Iterable[Step]) -> list[Step]:
    """The steps, with those that never ran in one line for each data set, run or experiment: why is no news."""
    new: dict[str, list[str]] = {}
    rest: list[Step] = []
    for step in steps:
        kind, _, key = step.stage.partition("@")
        if key and step.why == NOT_RUN:
            new.setdefault(key, []).append(kind)
        else:
            rest.append(step)
    # A data set and an experiment may have the same name: their stages come one after the other.
    return [*rest, *(Step(key, "runs", f"{', '.join(kinds)}: not yet run") for key, kinds in new.items())]
