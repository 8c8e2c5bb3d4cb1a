"""What the states that a training kept score on the test recordings: named, applied and evaluated as the run itself.

Labels are seen here, outside of the stages: nothing of this reaches a training, or a rule that calls itself label-free.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.layout import DatasetFiles, RunPaths, state_folder
from hcutal.params.evaluate import EvaluateParams
from hcutal.params.map import MapParams
from hcutal.params.propose import ProposeParams
from hcutal.params.section import read_run_section

Scores = dict[str, float | None]


def state_scores(
    run: str, dataset: str, steps: Iterable[int], cache: Path, fingerprint: str
) -> dict[int, Scores]:
    """The metrics of the stages map and evaluate for the states of a run after so many steps, by step.

    Intervals, the level of chance and metrics of errors are not measured. What the file `cache` has under the same
    `fingerprint` is taken from there, and what is new is written to it.
    """
    known = _read(cache, fingerprint)
    found = {}
    for step in steps:
        if str(step) not in known:
            known[str(step)] = score_state(run, dataset, step)
            write_json(cache, {"fingerprint": fingerprint, "states": known})
        found[step] = known[str(step)]
    return found


def _read(cache: Path, fingerprint: str) -> dict[str, Scores]:
    """The scores that a cache holds; none where it is of something else, or damaged: they can be computed again."""
    try:
        found: Any = read_json(cache)
        return dict(found["states"]) if found["fingerprint"] == fingerprint else {}
    except (HcutalError, KeyError, TypeError):
        return {}


def score_state(run: str, dataset: str, step: int) -> Scores:
    """The metrics of the stages map and evaluate for one state of a run."""
    # Slow to import, and not needed where all is known.
    from hcutal.stages.evaluate import write_measures
    from hcutal.stages.map import write_names
    from hcutal.stages.propose import write_found

    data = DatasetFiles.of(dataset)
    evaluated = read_run_section(EvaluateParams, run, "evaluate")
    with tempfile.TemporaryDirectory() as folder:
        files = RunPaths(Path(folder, "state"))
        files.folder.mkdir()
        files.model.symlink_to((RunPaths.of(run).states / state_folder(step)).resolve())
        write_names(run, files, data, read_run_section(MapParams, run, "map"), None)
        write_found(files, dataset, read_run_section(ProposeParams, run, "propose"))
        plain = evaluated.model_copy(update={"bootstrap": None, "chance": None})
        write_measures(files, data.annotations, plain)
        return {**read_json(files.metrics("map")), **read_json(files.metrics("evaluate"))}
