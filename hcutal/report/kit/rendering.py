"""From templates and values to text: where templates are found, and how numbers are written."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from hcutal.report.kit.media import fragment


def environment() -> Environment:
    """The templates of the report, by their paths in it such as `kit/base.html.j2`; missing values are errors.

    With the filters percent, score, number, count, counted and clock, and the function fragment.
    """
    made = Environment(
        loader=PackageLoader("hcutal.report", package_path="."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "percent": _percent,
        "score": _score,
        "number": _number,
        "count": _count,
        "counted": counted,
        "clock": clock,
    }
    made.globals["fragment"] = fragment
    return made


def _percent(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{100 * value:.1f}"


def _score(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{value:.2f}"


def _number(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{value:.3f}" if abs(value) < 10 else f"{value:,.4g}"


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def counted(number: int, noun: str) -> str:
    """A number with what it counts: `1 class`, `2 classes`, `1,200 segments`."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def clock(seconds: float, tenths: bool = True) -> str:
    """Seconds as m:ss.t, or h:mm:ss.t from an hour on; without the tenth where `tenths` is False."""
    parts = round(seconds * 10) if tenths else round(seconds) * 10
    minutes, rest = divmod(parts, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{rest // 10:02d}" + (f".{rest % 10}" if tenths else "")


def shorten(name: str, length: int = 26) -> str:
    """The name, cut with an ellipsis where it is longer than `length` characters."""
    return name if len(name) <= length else name[: length - 1] + "…"


def flatten(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested settings as pairs of a dotted name and a value."""
    pairs: list[tuple[str, Any]] = []
    for name, value in values.items():
        pairs += (
            flatten(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(prefix + name, value)]
        )
    return pairs
