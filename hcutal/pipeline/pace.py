"""How long the features of recordings that nobody extracted yet will take, from a sample of one of them."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import orjson

from hcutal.cores import cpu_count
from hcutal.errors import HcutalError
from hcutal.extract.extractor import Extractor, Resumable
from hcutal.extract.registry import Recipe
from hcutal.files import write_json
from hcutal.layout import PACE
from hcutal.pipeline.outlook import clock
from hcutal.progress import WorkBar

# How long a sample may take; a first piece is always made.
SAMPLE_SECONDS = 10.0


def sampled_seconds(
    recipe: Recipe, files: Mapping[str, Path], durations: Mapping[str, float]
) -> float | None:
    """Seconds that one process takes for all recordings, from a part of one; None where that is not cheap to say.

    durations: seconds of each recording.
    """
    if not files:
        return None
    extractor = recipe.settled(files.values()).make()
    if waiting_text(extractor):
        # What is fetched does not say how long it takes; an extractor may know how to do without.
        rehearsal = getattr(extractor, "rehearsal", None)
        made = None if rehearsal is None else rehearsal()
        if made is None:
            return None
        extractor = made
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
    name = sorted(files, key=lambda name: durations[name])[
        len(files) // 2 if isinstance(extractor, Resumable) else 0
    ]
    # It is an estimate alone: what goes wrong here is told when the recording is extracted.
    with contextlib.suppress(Exception), _silent():
        taken, worked = _sample(extractor, files[name], durations[name])
        return sum(durations.values()) * taken / worked
    return None


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """No warnings of the package meanwhile."""
    logger = logging.getLogger("hcutal")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _sample(extractor: Extractor, path: Path, duration: float) -> tuple[float, float]:
    """Seconds of work, and how many of the recording they were for; what is made once is not among them."""
    if not isinstance(extractor, Resumable):
        started = time.monotonic()
        extractor.extract(path)
        return time.monotonic() - started, duration
    snippets, elapsed = 0, 0.0
    with (
        closing(extractor.extract_from(path, 0)) as pieces,
        WorkBar(SAMPLE_SECONDS, "time a sample", "second") as bar,
    ):
        # The first piece has networks and weights to load.
        made = next(pieces)
        started = time.monotonic()
        for made in pieces:
            snippets += len(next(iter(made.values())))
            elapsed = time.monotonic() - started
            bar.reach(min(elapsed, SAMPLE_SECONDS))
            if elapsed > SAMPLE_SECONDS:
                break
    if not snippets:
        raise HcutalError(f"{path}: too short for a sample")
    return elapsed, snippets * extractor.step()


def extraction_text(seconds: float | None, recordings: int, length: float | None = None) -> str:
    """How long the features will take, from what one process takes, as a line for people, or two.

    length: seconds of all recordings, where what a minute of them takes is to be said.
    """
    if seconds is None:
        return "how long the features take is not known yet; `hcutal run` shows it once they are being made"
    workers = min(cpu_count(), recordings)
    noun = "process" if workers == 1 else "processes"
    about = f"{clock(max(seconds / workers, 1))} with {workers} {noun}"
    text = f"features: about {about}, by a sample; then clusters and segments"
    # Under a second it is nothing to plan by.
    if not length or 60 * seconds < length:
        return text
    return f"{text}\n    one process takes about {clock(60 * seconds / length)} for a minute of recording"


def waiting_text(extractor: Extractor) -> str:
    """What an extractor would fetch before its first recording, in words; empty where nothing would be."""
    waiting = getattr(extractor, "waiting", None)
    return "" if waiting is None else str(waiting())


def keep_pace(project: Path, stage: str, seconds: float, recordings: int) -> None:
    """Keep what one process would take for a stage (s), for the plan of the first run."""
    write_json(project / PACE, {stage: {"seconds": seconds, "recordings": recordings}})


def kept_paces() -> dict[str, float]:
    """Seconds that stages will take with the cores of this machine, as far as a sample says it."""
    try:
        found = orjson.loads(PACE.read_bytes())
        return {
            stage: float(each["seconds"]) / min(cpu_count(), int(each["recordings"]))
            for stage, each in found.items()
        }
    except (OSError, AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return {}
