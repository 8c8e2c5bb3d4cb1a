"""What the rule files need, so that they hold rules alone."""

import os
import sys
from pathlib import Path

from hcutal.pipeline.code import refresh_code
from hcutal.pipeline.graph import Graph, read_graph
from hcutal.pipeline.records import synchronise


def read_rules(is_main_process: bool) -> Graph:
    """The stages to make rules of, after the records were brought in step with them.

    Jobs on other machines read the rules again, but the records are the main process's business. Raises
    `HcutalError`.
    """
    # The jobs call `python`: it must be the one that runs Snakemake.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    graph = read_graph()
    if is_main_process:
        refresh_code()
        synchronise(graph)
    return graph
