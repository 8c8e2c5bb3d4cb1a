"""Where the extractors are that other packages bring; none of them is imported here."""

from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "hcutal.extractors"


def foreign_sources() -> list[Path]:
    """The files or folders of the code of all extractors that other packages bring; none of it is imported."""
    found = []
    for point in entry_points(group=GROUP):
        top = find_spec(point.module.partition(".")[0])
        if top is not None and top.origin is not None:
            origin = Path(top.origin)
            found.append(origin.parent if origin.name == "__init__.py" else origin)
    return sorted(found)
