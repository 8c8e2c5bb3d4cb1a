"""How many trainings a call of suites makes, and how long that takes, by what earlier ones on the same data took."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hcutal.layout import RunPaths, is_run, run_name, split_run
from hcutal.params.document import Document, Experiment
from hcutal.pipeline.executions import known_executions
from hcutal.pipeline.run import cores_of
from hcutal.report.kit.rendering import counted

TRAIN = "train"
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class SuiteCosts:
    """What a call takes.

    Attributes:
        runs: an experiment with a seed each.
        missing: those of `runs` that are not made yet.
        trainings: of `missing`, those that train: the others take the training of one of these.
        seconds: of computing, one stage after another; None where it is not known.
        known: how many trainings on the same data that is known from.
    """

    runs: Sequence[str]
    missing: Sequence[str]
    trainings: int
    seconds: float | None
    known: int

    def text(self, cores: str) -> str:
        """In words; cores: how many, a number or `all`."""
        all_ = counted(len(self.runs), "run")
        runs = f"{all_}, {len(self.missing)} of them not made yet: {counted(self.trainings, 'training')}"
        if not self.missing:
            return f"{all_}, all of them made"
        if self.seconds is None:
            return f"{runs}; how long they take is not known: none was made on this data"
        at_once = min(cores_of(cores), len(self.missing))
        return (
            f"{runs}; about {spoken(self.seconds / at_once)} with {at_once} at once "
            f"(by {self.known} on the same data)"
        )


def spoken(seconds: float) -> str:
    """A time for people, rounded up.

    >>> spoken(20), spoken(150), spoken(9000)
    ('1 min', '3 min', '2 h 30 min')
    """
    minutes = max(math.ceil(seconds / MINUTE), 1)
    hours, rest = divmod(minutes, HOUR // MINUTE)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def suite_costs(
    document: Document, entries: Iterable[tuple[str, Experiment]], first: Sequence[str]
) -> SuiteCosts:
    """The costs of the experiments of a call.

    Args:
        document: params.yaml as it is.
        entries: the name and the values of each experiment.
        first: the names of those that train; the others have a training in common with one of them.
    """
    entries = list(entries)
    runs = [run_name(name, seed) for name, entry in entries for seed in entry.seeds]
    missing = [run for run in runs if not RunPaths.of(run).description.exists()]
    training = [run for run in missing if split_run(run)[0] in first]
    alike = {(entry.dataset, entry.preset) for _, entry in entries}
    seconds = _medians(document, alike)
    if TRAIN not in seconds:
        return SuiteCosts(runs, missing, len(training), None, 0)
    rest = sum(typical for kind, (typical, _) in seconds.items() if kind != TRAIN)
    typical, known = seconds[TRAIN]
    total = typical * len(training) + rest * len(missing)
    return SuiteCosts(runs, missing, len(training), total, known)


def _medians(document: Document, alike: set[tuple[str, str]]) -> Mapping[str, tuple[float, int]]:
    """The median of the seconds of each stage of a run on these data sets with these presets, and of how many."""
    known = {name for name, entry in document.experiments.items() if (entry.dataset, entry.preset) in alike}
    found: dict[str, list[float]] = {}
    for stage, execution in known_executions():
        kind, _, key = stage.partition("@")
        if is_run(key) and split_run(key)[0] in known and execution.seconds is not None:
            found.setdefault(kind, []).append(execution.seconds)
    return {kind: (statistics.median(values), len(values)) for kind, values in found.items()}
