"""Frames a second of a recording itself, whatever rate its features have: by it, tools count frames."""

from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.extract.extractor import Extractor
from hcutal.extract.smartwatch import WatchExtractor
from hcutal.extract.vectors import VectorExtractor
from hcutal.extract.video.container import SUFFIXES, frame_rate


def own_rate(path: Path, extractor: Extractor) -> float | None:
    """Of a film its own rate, where it is constant; of an array that of its rows; None of tables and all others.

    The rows of a table have times, of which nobody knows that they are even. A film that cannot be read has none.
    """
    if path.suffix.lower() in SUFFIXES:
        try:
            return frame_rate(path)
        except HcutalError:
            return None
    is_rows = path.suffix.lower() == ".npy" and isinstance(extractor, VectorExtractor | WatchExtractor)
    return extractor.about().times.fps if is_rows else None
