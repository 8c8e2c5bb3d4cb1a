"""What was found in data, in lines."""

from collections.abc import Iterator
from typing import Any

from hcutal.data.problems import GRAVITIES, Findings


def text_of(found: Findings) -> Iterator[str]:
    """The summary, the problems by gravity with their remedies, and how many there are."""
    for name, value in found.summary.items():
        if isinstance(value, list) and any("," in str(each) for each in value):
            yield f"  {name}:"
            yield from (f"    {each}" for each in value)
        elif value not in (None, [], {}):
            yield f"  {name}: {_value(value)}"
    for problem in found.by_gravity():
        yield f"{problem.gravity} ({problem.kind}): {problem.text}"
        yield f"    -> {problem.remedy}"
    counts = [sum(problem.gravity == gravity for problem in found.problems) for gravity in GRAVITIES]
    yield ", ".join(
        f"{count} {gravity}{'' if count == 1 else 's'}"
        for count, gravity in zip(counts, GRAVITIES, strict=True)
    )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
