"""A long training that is interrupted goes on where it was, and ends with the same bytes as an unbroken one.

Every so often the whole state of the training goes into one file: the line of a digest of all that follows, a line of
JSON (scalars, generators, curves, and what the training is of), and safetensors.
"""

import hashlib
import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from safetensors.torch import load, save
from torch import Tensor

from hcutal.files import atomic_path
from hcutal.model.criteria import Criteria
from hcutal.model.kept_states import KeptState
from hcutal.model.start import WarmUp, WarmUpKind
from hcutal.model.training import Finished, Trainer

SECONDS = 120.0
STATE, UNUSED = "state", "unused"
ENDED = 128 + signal.SIGTERM
NETWORK, FINISHED, MOMENTS, LEVEL, KEPT = "network.", "finished.", "moments.", "level.", "kept."
ASSIGNMENT = "assignment"


class KeptTraining:
    """The state of a training in a folder of its own, kept while it runs.

    Args:
        folder: for nothing else.
        identity: all that the result depends on, as JSON: a state of something else is not used.
        seconds: from one state to the next, in seconds of wall clock.
        say: what to do with a line that says what happened.
        what: the beginning of such a line.
    """

    def __init__(
        self,
        folder: Path,
        identity: Mapping[str, str],
        seconds: float = SECONDS,
        say: Callable[[str], None] = lambda line: None,
        what: str = "train",
    ) -> None:
        self._folder = folder
        self.what = what
        self._identity = dict(identity)
        self._seconds = seconds
        self._say = say
        self._next = time.monotonic() + seconds
        self._ending = False
        self._works = True

    def restore(self, trainer: Trainer) -> bool:
        """Bring a new trainer to where the training was interrupted; False where it starts anew."""
        path = self._folder / STATE
        for leftover in self._folder.glob(f".{STATE}.*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if not path.exists():
            return False
        written = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
        found = read_state(path)
        values, tensors = found if found else ({}, {})
        identity = values.get("identity", {})
        if others := [name for name, value in self._identity.items() if identity.get(name) != value]:
            _set_aside(path)
            why = f"of other {', '.join(others)}" if found else "damaged"
            self._say(f"{self.what}: the state of {written} is {why}; training starts anew")
            return False
        put_back(trainer, values, tensors)
        how = f"goes on at step {trainer.done:,} of {trainer.steps:,}"
        if trainer.done == trainer.steps:
            how = f"all {trainer.steps:,} steps are done"
        self._say(f"{self.what}: {how} (state of {written})")
        return True

    @contextmanager
    def until_asked_to_end(self) -> Iterator[None]:
        """While in the block, SIGTERM ends the process after the present step, with its state kept."""

        def note(number: int, frame: object) -> None:
            self._ending = True

        before = signal.signal(signal.SIGTERM, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def after_step(self, trainer: Trainer) -> None:
        """Keep the state if it is time to."""
        if self._ending or time.monotonic() >= self._next:
            self.keep(trainer)
            self._next = time.monotonic() + self._seconds
        if self._ending:
            raise SystemExit(ENDED)

    def remove(self) -> None:
        """Remove what was kept: the training is complete."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self, trainer: Trainer) -> None:
        """Keep the state now. A disk that is full is no reason to stop training."""
        values, tensors = state_of(trainer)
        try:
            write_state(self._folder / STATE, {**values, "identity": self._identity}, tensors)
        except OSError as error:
            if self._works:
                self._say(f"{self.what}: the state cannot be kept ({error.strerror}); training goes on")
            self._works = False


def _set_aside(path: Path) -> None:
    """Rename a state that cannot be used, in the place of an earlier one."""
    aside = path.with_name(UNUSED)
    if aside.is_dir():
        shutil.rmtree(aside)
    # Neither does a folder replace a file.
    aside.unlink(missing_ok=True)
    path.rename(aside)


def write_state(path: Path, values: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Write a state, completely or not at all.

    `values` is for Python's own JSON, since generators have integers of 128 bits, and losses may be infinite.
    """
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    content = json.dumps(values).encode() + b"\n" + save(plain)
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        stream.write(_digest(content) + b"\n")
        stream.write(content)


def read_state(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """The values and tensors of a state; None where it is not, byte by byte, what was written."""
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if digest != _digest(content):
        return None
    values, _, tensors = content.partition(b"\n")
    # Copies of their own are aligned in memory.
    return json.loads(values), {name: value.clone() for name, value in load(tensors).items()}


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=32).hexdigest().encode()


def state_of(trainer: Trainer) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """All that a training goes on from, between two steps: what JSON can hold, and tensors by name."""
    progress, objective = trainer.progress, trainer.objective
    values = {
        "finished": [{**asdict(each.warmup), "rows": each.rows} for each in progress.finished],
        "rows": progress.rows,
        "kind": asdict(trainer.level.kind),
        "relabelled": progress.relabelled,
        "states": [{"step": each.step, "criteria": asdict(each.criteria)} for each in progress.states],
        "curves": trainer.curves,
        "draws": trainer.draws.bit_generator.state,
        "sampled": trainer.sampled,
        "magnitude": objective.magnitude,
        "weights": trainer.weights.state() if trainer.weights else None,
    }
    assert trainer.optimiser is not None
    moments = trainer.optimiser.state_dict()["state"]
    tensors = {
        **_named(NETWORK, trainer.network.state_dict()),
        **{
            f"{FINISHED}{number}.{name}": value
            for number, each in enumerate(progress.finished)
            for name, value in each.state.items()
        },
        **{
            f"{KEPT}{each.step}.{name}": value
            for each in progress.states
            for name, value in {**each.network, ASSIGNMENT: each.assignment}.items()
        },
        **_named(LEVEL, trainer.level.state() if trainer.has_video_level else {}),
        **{f"{MOMENTS}{index}.{key}": value for index, of in moments.items() for key, value in of.items()},
        "generator": trainer.generator.get_state(),
        "start": trainer.start.get_state(),
    }
    return values, tensors if progress.labels is None else {**tensors, "labels": progress.labels}


def put_back(trainer: Trainer, values: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Bring a new trainer of the same training into the state that `state_of` gave; its rows are reported again."""
    device = trainer.generator.device
    progress = trainer.progress
    progress.rows, progress.relabelled = values["rows"], values["relabelled"]
    for number, each in enumerate(values["finished"]):
        warmup = WarmUp(WarmUpKind(**each["kind"]), each["loss"], each["clusters"])
        state = {name: value.to(device) for name, value in _below(f"{FINISHED}{number}.", tensors).items()}
        progress.finished.append(Finished(warmup, state, each["rows"]))
    for each in values["states"]:
        network = _below(f"{KEPT}{each['step']}.", tensors)
        assignment = network.pop(ASSIGNMENT)
        progress.states.append(KeptState(each["step"], network, assignment, Criteria(**each["criteria"])))
    trainer.level.kind = WarmUpKind(**values["kind"])
    progress.labels = tensors["labels"].to(device) if "labels" in tensors else None
    progress.moments = {}
    for name, value in _below(MOMENTS, tensors).items():
        index, _, key = name.partition(".")
        progress.moments.setdefault(int(index), {})[key] = value
    trainer.network.load_state_dict(_below(NETWORK, tensors))
    if trainer.has_video_level:
        trainer.draws.bit_generator.state = values["sampled"]
        level = {name: value.to(device) for name, value in _below(LEVEL, tensors).items()}
        trainer.level.restore(trainer.all_snippets(), level)
    trainer.objective.magnitude = values["magnitude"]
    if trainer.weights:
        trainer.weights.restore(values["weights"])
    trainer.draws.bit_generator.state = values["draws"]
    trainer.generator.set_state(tensors["generator"])
    trainer.start.set_state(tensors["start"])
    for row in values["curves"]:
        trainer.record(row)


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: value for name, value in tensors.items()}


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
