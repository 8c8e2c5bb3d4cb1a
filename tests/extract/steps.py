"""An extractor for tests that can begin in the midst of a recording, and is interrupted where a test says so."""

from collections.abc import Generator
from pathlib import Path
from typing import ClassVar

import numpy as np

from hcutal.extract.extractor import About
from hcutal.extract.parts import Growing
from hcutal.params.section import Section


class StepsParams(Section):
    """`batch` snippets at a time; it is said not to change the features, and changes their last bits."""

    scale: float = 1.0
    batch: int = 3


class StepsExtractor:
    """Reads text files of one number: that many snippets. `made` holds those that were computed."""

    Params: ClassVar = StepsParams
    suffixes: ClassVar = frozenset({".txt"})
    neutral: ClassVar = frozenset({"batch"})
    made: ClassVar[list[int]] = []
    # The snippet before which a call is interrupted, and by what.
    stop: ClassVar[int | None] = None
    reason: ClassVar[type[BaseException]] = KeyboardInterrupt
    bad: ClassVar[int | None] = None

    def __init__(self, params: StepsParams) -> None:
        self._params = params

    def about(self) -> About:
        return About(25.0, 16, 16)

    def step(self) -> float:
        return 16 / 25

    def probe(self, path: Path) -> float:
        return int(path.read_text()) * self.step()

    def extract(self, path: Path) -> dict[str, np.ndarray]:
        found = Growing()
        for piece in self.extract_from(path, 0):
            found.add(piece)
        return found.rows()

    def extract_from(self, path: Path, start: int) -> Generator[dict[str, np.ndarray]]:
        count, batch = int(path.read_text()), self._params.batch
        for first in range(start, count, batch):
            size = min(batch, count - first)
            if self.stop is not None and first + size > self.stop:
                raise self.reason
            rows = np.arange(first, first + size, dtype=np.float32)[:, None] * self._params.scale
            self.made.extend(range(first, first + size))
            if self.bad in range(first, first + size):
                rows[0] = np.nan
            yield {"a": np.sin(rows * [1, 2]).astype(np.float32), "b": (rows + size / 1e4).astype(np.float16)}
