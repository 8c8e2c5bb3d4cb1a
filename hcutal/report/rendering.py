"""What all pages share: where templates come from, and how numbers are written."""

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """The templates of the package with the filters percent, score, count and clock; missing values are errors."""
    made = Environment(
        loader=PackageLoader("hcutal.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"percent": _percent, "score": _score, "count": _count, "clock": clock}
    return made


def _percent(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{100 * value:.1f}"


def _score(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{value:.2f}"


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def clock(seconds: float, tenths: bool = True) -> str:
    """Seconds as m:ss.t, or h:mm:ss.t from an hour on; without the tenth where `tenths` is False."""
    parts = round(seconds * 10) if tenths else round(seconds) * 10
    minutes, rest = divmod(parts, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{rest // 10:02d}" + (f".{rest % 10}" if tenths else "")
