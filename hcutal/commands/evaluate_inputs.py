"""Small inputs of `hcutal evaluate`: lists of names, ranges of thresholds."""

from pathlib import Path

import numpy as np

from hcutal.data.meeting import plain
from hcutal.errors import HcutalError
from hcutal.evaluate.detection import checked_tiou

# Steps of a range beyond this are a slip.
MOST = 1000


def read_names(path: Path) -> list[str]:
    """The names in a text file, one a line, in their order; `HcutalError` where there is none."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise HcutalError(f"{path}: not a text file ({error})") from error
    names = [plain(line) for line in lines if plain(line)]
    if not names:
        raise HcutalError(f"{path}: is empty; expected names, one a line")
    return names


def read_tiou(text: str) -> list[float]:
    """Thresholds from `start:end:step`, the end with them, or from numbers with commas between them."""
    try:
        if ":" in text:
            start, end, step = map(float, text.split(":"))
            steps = (end - start) / step
            if not 0 <= steps < MOST:
                raise ValueError(text)
            values = start + step * np.arange(int(np.floor(steps + 1e-6)) + 1)
        else:
            values = np.array(text.split(","), dtype=np.float64)
    except (ValueError, ZeroDivisionError):
        raise HcutalError(f"--tiou is {text!r}; expected start:end:step or numbers with commas") from None
    # Sums of 0.1 are not the thresholds that are meant.
    return checked_tiou(values.round(10).tolist())
