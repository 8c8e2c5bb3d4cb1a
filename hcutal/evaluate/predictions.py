"""Reading detections in ActivityNet's form, with errors that say which record is wrong."""

import math
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from hcutal.data.meeting import plain, plain_keys
from hcutal.data.unique_json import collector_paused, read_unique_json
from hcutal.errors import HcutalError

COLUMNS = ["video", "start", "end", "label", "score"]


def read_predictions(path: str | Path) -> pd.DataFrame:
    """Read `{"results": {video: [{"label": str, "score": float, "segment": [start, end]}]}}`.

    Columns: video, start, end (seconds), label, score; video and label are categorical, with plain names
    (`meeting.plain`); rows in the order of the file. Raises `HcutalError` naming file, video and record: another
    structure, a value that is not a finite number, a segment that ends before it starts, a video that stands twice.
    """
    with collector_paused():
        # A call of its own: its objects are gone before the collector looks at what is new.
        return _read(path)


def _read(path: str | Path) -> pd.DataFrame:
    data = read_unique_json(path)
    results = data.get("results") if isinstance(data, dict) else None
    if not isinstance(results, dict):
        raise HcutalError(f'{path}: no "results"; expected {{"results": {{video: [record, ...]}}}}')
    results = plain_keys(results, path)
    try:
        return _table(results)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        _refuse(str(path), results)


def _table(results: dict[str, Any]) -> pd.DataFrame:
    """All records at once; fails, without saying where, when any of them is malformed."""
    if set(map(type, results.values())) - {list}:
        raise TypeError("lists")
    records = [record for rows in results.values() for record in rows]
    segments = [record["segment"] for record in records]
    times = _numbers(chain.from_iterable(segments)).reshape(-1, 2)
    if set(map(len, segments)) - {2} or (times[:, 1] < times[:, 0]).any():
        raise ValueError("segments")
    labels = [record["label"] for record in records]
    if set(map(type, labels)) - {str}:
        raise ValueError("labels")
    video = np.repeat(np.arange(len(results)), [len(rows) for rows in results.values()])
    columns = (
        pd.Categorical.from_codes(video, categories=pd.Index(list(results), dtype=object)),
        times[:, 0],
        times[:, 1],
        _plain_labels(labels),
        _numbers(record["score"] for record in records),
    )
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _plain_labels(labels: list[str]) -> pd.Categorical:
    found = pd.Categorical(np.array(labels, dtype=object))
    names = [plain(name) for name in found.categories]
    known = pd.Index(sorted(set(names)), dtype=object)
    return pd.Categorical.from_codes(known.get_indexer(pd.Index(names))[found.codes], categories=known)


def _numbers(values: Iterable[Any]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    listed = list(values)
    array = np.array(listed, dtype=np.float64)
    # A boolean or a string of digits would pass for a number.
    if set(map(type, listed)) - {int, float} or not np.isfinite(array).all():
        raise ValueError("numbers")
    return array


def _refuse(path: str, results: dict[str, Any]) -> NoReturn:
    """Find the first malformed record and say what is wrong with it."""
    for video, rows in results.items():
        if not isinstance(rows, list):
            raise HcutalError(f"{path}: results.{video} is {type(rows).__name__}; expected a list of records")
        for number, record in enumerate(rows):
            _check_record(record, f"{path}: results.{video}[{number}]")
    raise HcutalError(f"{path}: results cannot be read; expected {{video: [record, ...]}}")


def _check_record(record: Any, where: str) -> None:
    if not isinstance(record, dict):
        raise HcutalError(f"{where} is {record!r}; expected an object with label, score and segment")
    for key in ("label", "score", "segment"):
        if key not in record:
            raise HcutalError(f"{where}: {key} is missing; expected label, score and segment")
    if not isinstance(record["label"], str):
        raise HcutalError(f"{where}: label is {record['label']!r}; expected a name")
    if not _is_number(record["score"]):
        raise HcutalError(f"{where}: score is {record['score']!r}; expected a number")
    segment = record["segment"]
    if not isinstance(segment, list) or len(segment) != 2 or not all(map(_is_number, segment)):
        raise HcutalError(f"{where}: segment is {segment!r}; expected two numbers, start and end in seconds")
    if segment[1] < segment[0]:
        raise HcutalError(f"{where}: ends at {segment[1]} s, before its start at {segment[0]} s")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
