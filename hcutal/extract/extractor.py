"""What an extractor is: it turns one recording (a file) into features, snippet by snippet."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from hcutal.data.times import SnippetTimes
from hcutal.params.section import Section

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class About:
    """What the sidecar of a feature store says of an extractor.

    `times` is where the snippets stand that fps, snippet_frames and stride describe. `weights` names the weights by
    their SHA-256, None where there are none. `settings` is whatever else a reader of the features should know
    (crop, flow algorithm, a stream that was asked for and is missing), plain JSON values.
    """

    fps: float
    snippet_frames: int
    stride: int
    weights: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def times(self) -> SnippetTimes:
        """Where the snippets stand."""
        return SnippetTimes(self.fps, self.snippet_frames, self.stride)


@dataclass(frozen=True, eq=False)
class RawSignals:
    """What a recording that is no film holds: values [n, D] at a constant rate, and the names of the D columns."""

    names: Sequence[str]
    values: npt.NDArray[np.floating]
    rate: float


class Extractor(Protocol):
    """Features of recordings. One object serves many files, one after the other, in one process.

    A class is made with its checked parameters. It loads what is heavy (networks, weights) when it is first
    needed. What does not change the features (batch size, device) is named in `neutral`.
    """

    Params: ClassVar[type[Section]]
    suffixes: ClassVar[frozenset[str]]
    neutral: ClassVar[frozenset[str]]

    def __init__(self, params: Any) -> None:
        """`params` is a checked object of the class `Params`."""

    def about(self) -> About:
        """What the sidecar says; the same for all recordings. `HcutalError` where weights are missing."""

    def step(self) -> float:
        """Seconds from the start of one snippet to that of the next; known without weights."""

    def probe(self, path: Path) -> float:
        """Seconds that the recording lasts, without reading it in full. `HcutalError` says why it cannot be used."""

    def extract(self, path: Path) -> dict[str, Array]:
        """Features [T, D] of each stream, T the same for all. `HcutalError` says why there are none."""


@runtime_checkable
class Resumable(Protocol):
    """What an extractor may have beyond `Extractor`, where a recording takes long: it can begin in the midst of one."""

    def extract_from(self, path: Path, start: int) -> Generator[dict[str, Array]]:
        """Features [n, D] of each stream from snippet `start` on, some snippets at a time, in order.

        `start` is 0 or where an earlier call with the same parameters was between two yields. What comes from there on
        must be the same, byte for byte, as what that call would have given. `HcutalError` as in `extract`.
        """
