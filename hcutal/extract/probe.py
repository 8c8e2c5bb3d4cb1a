"""Recordings looked at before extraction: how long each is, how it is read, and which cannot be."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.extract.extractor import Extractor, RawSignals
from hcutal.progress import worked

# Fewer recordings have nothing in common; fewer than the second number have it only in pieces.
FEWEST, FEWEST_WHOLE = 2, 4


@dataclass
class ProbedRecordings:
    """What was found.

    Attributes:
        seconds: of each recording that can be read, as its extractor says.
        unreadable: why each of the others cannot.
        read_as: how many recordings are read in which way; "" where an extractor says nothing.
        notes: what is left out of recordings.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    read_as: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def probe_recordings(files: Mapping[str, Path], extractor: Extractor, word: str) -> ProbedRecordings:
    """Probe recordings by name; one that cannot be read does not stop the others. `word` is what the bar says."""
    found = ProbedRecordings()
    for name, path in worked(files.items(), word, "recording", len(files)):
        try:
            seconds = extractor.probe(path)
            form, note = _said_of(extractor, path)
        except HcutalError as error:
            found.unreadable.append(str(error))
        # Decoders and extractors of others raise anything.
        except Exception as error:
            found.unreadable.append(f"{path}: {type(error).__name__}: {error}")
        else:
            found.seconds[name] = seconds
            found.read_as[form] += 1
            found.notes += [f"{name}: {note}"] * bool(note)
    return found


def _said_of(extractor: Extractor, path: Path) -> tuple[str, str]:
    """How an extractor reads a recording, and what it leaves out of it, in words; empty where it says nothing."""
    read_as = getattr(extractor, "read_as", None)
    form, note = ("", "") if read_as is None else read_as(path)
    return str(form), str(note)


def signals_of(extractor: Extractor, path: Path) -> RawSignals | None:
    """What a readable recording holds; None where an extractor has nothing that can be drawn, as of films."""
    signals = getattr(extractor, "signals", None)
    found: RawSignals | None = None if signals is None else signals(path)
    return found
