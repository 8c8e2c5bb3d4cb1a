"""What the rule files need, so that they hold rules alone."""

import os
import sys
from pathlib import Path
from typing import Any

from hcutal.code import code_digests
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.layout import CODE, SOURCES
from hcutal.pipeline.graph import Graph, read_graph
from hcutal.pipeline.outlook import BEFORE_PLAN, plan_text, write_plan
from hcutal.pipeline.plan import make_plan
from hcutal.pipeline.synchronise import synchronise
from hcutal.progress import work_of


def read_rules(is_main_process: bool) -> Graph:
    """The stages to make rules of, after the records were brought in step with them.

    Jobs on other machines read the rules again, but the records are the main process's business. Raises
    `HcutalError`.
    """
    # The jobs call `python`: it must be the one that runs Snakemake.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with work_of(BEFORE_PLAN):
        graph = read_graph()
    if is_main_process:
        _refresh(CODE, code_digests())
        _refresh(SOURCES, sources_of(graph))
        synchronise(graph)
        steps = make_plan(graph)
        write_plan(steps)
        if steps:
            sys.stderr.write(f"{plan_text(steps)}\n")
    return graph


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
