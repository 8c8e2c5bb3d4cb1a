"""An extractor for tests: quick, counts how often it is asked, and fails where the recording says so."""

import os
import signal
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from hcutal.errors import HcutalError
from hcutal.extract.extractor import About
from hcutal.params.section import Section


class CountingParams(Section):
    """`scale` changes the features, `batch` does not."""

    scale: float = Field(1.0, gt=0)
    batch: int = 1


class CountingExtractor:
    """Reads text files of one number: that many snippets. The words `bad`, `bug` and `die` fail in three ways."""

    Params: ClassVar = CountingParams
    suffixes: ClassVar = frozenset({".txt"})
    neutral: ClassVar = frozenset({"batch"})

    def __init__(self, params: CountingParams) -> None:
        self._params = params

    def about(self) -> About:
        return About(25.0, 16, 16, settings={"unit": "words"})

    def step(self) -> float:
        return 16 / 25

    def probe(self, path: Path) -> float:
        return self._read(path) * self.step()

    def extract(self, path: Path) -> dict[str, np.ndarray]:
        count = self._read(path)
        with path.with_suffix(".asked").open("a") as log:
            log.write("x")
        values = np.arange(count * 3, dtype=np.float32).reshape(count, 3) * self._params.scale
        return {"a": values, "b": -values}

    def _read(self, path: Path) -> int:
        text = path.read_text()
        if text == "bug":
            raise ZeroDivisionError("a bug of the decoder")
        if text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if not text.isdecimal():
            raise HcutalError(f"{path}: holds {text!r}; expected a number")
        return int(text)
