"""What a run would do, and why: a line a stage that is not up to date."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from hcutal.pipeline.graph import PARAMETERS, Graph, stages_of


class Step(NamedTuple):
    """A stage of the plan: what becomes of it (`runs`, `may run`), and the reason."""

    stage: str
    what: str
    why: str


def make_plan(graph: Graph, experiments: Collection[str] = ()) -> list[Step]:
    """The stages that are stale, and those that follow; of some experiments, or of all.

    A stage whose result is in the cache is restored in the place of running. A stage that follows others runs only
    where they come out otherwise than before.
    """
    wanted = {stage.name for name in experiments for stage in stages_of(graph, name)} or set(graph)
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
    listed = list(steps)
    if not listed:
        return "everything is up to date"
    widths = [max(len(step[column]) for step in listed) for column in (0, 1)]
    lines = [f"  {stage:<{widths[0]}}  {what:<{widths[1]}}  {why}" for stage, what, why in listed]
    return "\n".join([f"{len(listed)} stages run, or are restored where the cache has their result:", *lines])
