"""Faults on purpose: damaged inputs, damaged state, killed processes, a full disk; the tables of docs/reliability.md.

Run `python benchmarks/faults.py KIND` in the repository's folder. A soak takes minutes to hours and is run by
hand; the test suite has a short form of each kind (tests/fuzz, tests/workflow/test_faults.py).
"""

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tqdm import tqdm

# The soaks share targets and projects with the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fuzz.campaign import Outcome, attack
from tests.fuzz.sample import write_sample
from tests.fuzz.targets import TARGETS
from tests.workflow.faults import (
    DAMAGES,
    RUN,
    STATE,
    Killer,
    damage,
    files_of,
    fill,
    fingerprint,
    finished_parents,
    last_line,
    look,
    settle,
    small_disk,
    used,
)
from tests.workflow.project import PARAMS, Project, make

SHOWN = 3
# Of the room that an unbroken run takes: what is left on the disk when the run starts.
FILL_LEVELS = (0.0, 0.1, 0.3, 0.6, 0.9)
DISK_MEGABYTES = 64


def fuzz(inputs: int, seed: int, only: str) -> int:
    """Damaged files for every reader; the number of faults."""
    targets = [target for target in TARGETS if only in target.name]
    total = sum(target.weight for target in targets)
    started, outcomes = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder, "sample")
        write_sample(sample)
        for number, target in enumerate(tqdm(targets, disable=None)):
            share = int(inputs * target.weight / total) + 1
            outcome = _attack_apart(TARGETS.index(target), sample, Path(folder, str(number)), share, seed)
            outcomes.append(outcome)
            for fault, numbers in outcome.faults.items():
                print(
                    f"FAULT {outcome.target}: {fault}: {len(numbers)} inputs, e.g. {numbers[:SHOWN]}",
                    flush=True,
                )
    _print_fuzz(outcomes, time.monotonic() - started)
    return sum(len(outcome.faults) for outcome in outcomes)


def _attack_apart(index: int, sample: Path, folder: Path, inputs: int, seed: int) -> Outcome:
    """In a process of its own, since a reader may bring it down."""
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(attack_number, index, sample, folder, inputs, seed).result()
    except BrokenProcessPool:
        return Outcome(TARGETS[index].name, faults={"the process died": [0]})


def attack_number(index: int, sample: Path, folder: Path, inputs: int, seed: int) -> Outcome:
    """`attack` with a target that another process can name."""
    return attack(TARGETS[index], sample, folder, inputs, seed)


def _print_fuzz(outcomes: list[Outcome], seconds: float) -> None:
    print("| reader: file | inputs | taken | refused | faults | slowest (s) | most memory (MiB) |")
    print("|---|---|---|---|---|---|---|")
    for o in outcomes:
        numbers = f"{o.inputs} | {o.taken} | {o.refused} | {sum(map(len, o.faults.values()))}"
        print(f"| {o.target} | {numbers} | {o.slowest:.2f} | {o.memory / 2**20:.0f} |")
    inputs, taken = sum(o.inputs for o in outcomes), sum(o.taken for o in outcomes)
    slowest, memory = max(o.slowest for o in outcomes), max(o.memory for o in outcomes)
    print(
        f"{inputs} inputs, {taken} taken, {sum(o.refused for o in outcomes)} refused, "
        f"{sum(len(o.faults) for o in outcomes)} kinds of faults; slowest {slowest:.2f} s, "
        f"most memory {memory / 2**20:.0f} MiB; {seconds:.0f} s"
    )


def states(only: str) -> int:
    """Every file of state damaged in every way in a finished project; the number of cases that went wrong."""
    wrong = cases = 0
    print("| file | files | emptied | cut | zeroed |\n|---|---|---|---|---|", flush=True)
    with _finished() as (project, expected):
        for pattern in [pattern for pattern in STATE if only in pattern]:
            files = [path.relative_to(project.folder) for path in files_of(project.folder, pattern)]
            cells = []
            for kind in DAMAGES:
                ends = Counter(_damaged_state(project, expected, file, kind) for file in files)
                wrong += sum(number for end, number in ends.items() if end.startswith("WRONG"))
                cells.append("; ".join(f"{number} {end}" for end, number in sorted(ends.items())))
            cases += len(files) * len(DAMAGES)
            print(f"| {pattern} | {len(files)} | {' | '.join(cells)} |", flush=True)
    print(f"{wrong} of {cases} cases are wrong")
    return wrong


def _damaged_state(project: Project, expected: dict[str, str], file: Path, kind: str) -> str:
    copy = Project(project.folder.with_name("copy"), None)
    shutil.rmtree(copy.folder, ignore_errors=True)
    shutil.copytree(project.folder, copy.folder, symlinks=True)
    path = copy.folder / file
    damage(path, kind)
    first = copy.attempt(*RUN)
    if first.returncode == 0:
        problems, done = look(copy, expected), "right"
    elif "Traceback" in first.stdout or path.name not in first.stdout:
        return f"WRONG: {file}: {last_line(first.stdout)}"
    else:
        # What a message is for: the file is the user's to remove.
        path.unlink()
        problems, done = settle(copy, expected), "a message, right once the file is removed"
    return f"WRONG: {file}: {'; '.join(problems)}" if problems else done


def kills(count: int, seed: int, rounds: int, seconds: float) -> int:
    """`count` kills at random moments over runs of changing parameters; the number of faults."""
    rng = Random(seed)
    wrong: list[str] = []
    with _finished() as (project, _):
        project.run(*RUN)
        killer = Killer(project, rng, seconds)
        steps = iter(range(100, 100 + 10 * count))

        def next_state() -> None:
            _set_steps(project, next(steps))

        for number in range(rounds):
            next_state()
            killer.kill(count // rounds + (number < count % rounds), next_state)
            killer.wait()
            expected = _unbroken(project)
            problems = settle(project, expected)
            wrong += problems
            print(f"{killer.killed.total()} kills: {'; '.join(problems) or 'right'}", flush=True)
        parents = finished_parents(project.database)
    print(
        f"kills: {dict(killer.killed)}; {len(parents)} states in MLflow, each with one finished parent"
        * (not wrong)
    )
    return len(wrong)


def _set_steps(project: Project, steps: int) -> None:
    (project.folder / "params.yaml").write_text(_params(steps))


def _params(steps: int) -> str:
    """The parameters of the miniature project with one experiment, so that a run is short."""
    lines = [line for line in PARAMS.splitlines() if not line.startswith("  b:")]
    return "\n".join(lines).replace("steps: 10", f"steps: {steps}") + "\n"


def _unbroken(project: Project) -> dict[str, str]:
    """What an unbroken run makes of the project's present parameters, in another place and from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        other = Project(Path(folder), None)
        make(other.folder)
        shutil.copy(project.folder / "params.yaml", other.folder)
        other.run(*RUN)
        return fingerprint(other.folder)


def disk() -> int:
    """A disk that is full at five levels; the number of cases that went wrong."""
    wrong = 0
    print("| room left | the run | after room was made |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "disk")
        expected, needed = _measure(place)
        for level in FILL_LEVELS:
            with small_disk(place, DISK_MEGABYTES):
                project = _make_small(place / "project")
                filler = fill(project.folder, int(needed * level))
                done = project.attempt(*RUN)
                said = "No space left on device" in done.stdout and "Traceback" not in done.stdout
                filler.unlink()
                problems = settle(project, expected)
            is_wrong = bool(problems) or done.returncode == 0 or not said
            wrong += is_wrong
            outcome = "says that the disk is full" if said else f"WRONG: {last_line(done.stdout)}"
            print(
                f"| {level:.0%} of {needed / 2**20:.1f} MiB | {outcome} | {'; '.join(problems) or 'right'} |",
                flush=True,
            )
    return wrong


def _measure(place: Path) -> tuple[dict[str, str], int]:
    """The fingerprint of an unbroken run, and the bytes of a disk that it takes."""
    with small_disk(place, DISK_MEGABYTES):
        project = _make_small(place / "project")
        before = used(project.folder)
        project.run(*RUN)
        return fingerprint(project.folder), used(project.folder) - before


def _make_small(folder: Path) -> Project:
    folder.mkdir()
    make(folder)
    project = Project(folder, None)
    _set_steps(project, 10)
    return project


@contextmanager
def _finished() -> Iterator[tuple[Project, dict[str, str]]]:
    """A miniature project after a run that nothing disturbed, and its fingerprint."""
    with tempfile.TemporaryDirectory() as folder:
        project = _make_small(Path(folder, "project"))
        project.run(*RUN)
        project.executed()
        yield project, fingerprint(project.folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    parts = {
        "fuzz": kinds.add_parser("fuzz", help="damaged files for every reader"),
        "states": kinds.add_parser("states", help="damaged files of state"),
        "kills": kinds.add_parser("kills", help="processes killed at random moments"),
        "disk": kinds.add_parser("disk", help="a full disk (takes root, for a tmpfs)"),
    }
    for name in ("fuzz", "kills"):
        parts[name].add_argument("--seed", type=int, default=0)
    parts["fuzz"].add_argument("--inputs", type=int, default=100_000)
    for name in ("fuzz", "states"):
        parts[name].add_argument("--only", default="", help="those with these words in their names")
    parts["kills"].add_argument("--kills", type=int, default=100)
    parts["kills"].add_argument("--rounds", type=int, default=5, help="how often the state is looked at")
    parts["kills"].add_argument(
        "--seconds", type=float, default=20.0, help="the longest time between two kills"
    )
    return parser.parse_args()


if __name__ == "__main__":
    options = _arguments()
    if options.kind == "fuzz":
        faults = fuzz(options.inputs, options.seed, options.only)
    elif options.kind == "states":
        faults = states(options.only)
    elif options.kind == "kills":
        faults = kills(options.kills, options.seed, options.rounds, options.seconds)
    else:
        faults = disk()
    sys.exit(1 if faults else 0)
