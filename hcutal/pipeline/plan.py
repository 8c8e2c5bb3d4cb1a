"""What a run would do, and why: a step for each stage that is not up to date."""

from collections.abc import Collection

from hcutal.pipeline.changed_folder import changed_text
from hcutal.pipeline.executions import latest_seconds
from hcutal.pipeline.graph import PARAMETERS, WORDS, Graph, Stage, stages_of
from hcutal.pipeline.outlook import MAY_RUN, Step, expected_seconds
from hcutal.pipeline.pace import kept_paces


def make_plan(graph: Graph, names: Collection[str] = ()) -> list[Step]:
    """The stages that are stale, and those that follow; of some experiments and runs, or of all.

    A stage whose result is in the cache is restored in the place of running. A stage that follows others runs only
    where they come out otherwise than before.
    """
    wanted = {stage.name for name in names for stage in stages_of(graph, name)} or set(graph)
    found: list[tuple[Stage, str, str, tuple[str, ...]]] = []
    stale: set[str] = set()
    for stage in graph.values():
        before = sorted(stale.intersection(stage.needs))
        after = [name for name in before if name != PARAMETERS]
        if stage.fresh and not after:
            continue
        what, why = (
            (MAY_RUN, f"after {', '.join(after)}")
            if stage.fresh
            else ("runs", "; ".join(_reasons(stage)) or "stale")
        )
        stale.add(stage.name)
        found.append((stage, what, why, tuple(before)))
    # What all executions took is read where there is something to do alone.
    seconds = kept_paces() | latest_seconds() if found else {}
    return [
        Step(stage.name, what, why, needs, stage.threads, expected_seconds(stage.name, seconds))
        for stage, what, why, needs in found
        if stage.name in wanted or stage.name == PARAMETERS
    ]


def _reasons(stage: Stage) -> list[str]:
    """Why a stage is stale; of a folder of recordings, which ones came and went."""
    changed = changed_text(stage.key) if WORDS["sources"] in stage.reasons else None
    return [changed if changed and why == WORDS["sources"] else why for why in stage.reasons]
