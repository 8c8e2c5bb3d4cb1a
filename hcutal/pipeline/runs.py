"""runs.json: the runs of params.yaml as DVC is told them, and the seeds of an experiment as they are set.

DVC makes a stage for each entry of a mapping, and has no way to go through the seeds of each experiment.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hcutal.errors import HcutalError
from hcutal.files import atomic_path, read_json, write_json
from hcutal.layout import PARAMS, RUNS
from hcutal.params.author_yaml import in_one_line, round_trip
from hcutal.params.document import Document, graph_of, load, resolve


def write_runs(document: Document, root: Path = Path()) -> None:
    """Bring runs.json of the project at `root` in step with params.yaml; one that says the same is left untouched."""
    wanted = graph_of(document)
    if _read(root / RUNS) != wanted:
        write_json(root / RUNS, wanted)


def _read(path: Path) -> Any:
    """What the file says; None where there is none, or one that was damaged: it is made anew."""
    try:
        return read_json(path)
    except HcutalError:
        return None


def set_seeds(experiments: Iterable[str], seeds: Sequence[int], path: Path = PARAMS) -> list[str]:
    """Write the seeds of some experiments into params.yaml, where they are others; comments are kept.

    Returns the experiments that were changed. Raises `HcutalError` for seeds that cannot be; the file is then
    untouched.
    """
    document = load(path)
    changed = [name for name in experiments if document.experiments[name].seeds != list(seeds)]
    if changed:
        yaml = round_trip()
        values = yaml.load(path)
        for name in changed:
            values["experiments"][name]["seeds"] = in_one_line(seeds)
        with atomic_path(path) as temporary:
            yaml.dump(values, temporary)
            resolve(load(temporary), path)
    return changed
