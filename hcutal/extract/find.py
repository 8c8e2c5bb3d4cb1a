"""The recordings in a folder."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from hcutal.errors import HcutalError


def find_recordings(source: Path, suffixes: Iterable[str]) -> dict[str, Path]:
    """The files below `source` with one of the suffixes (any case), by name, sorted; hidden ones are left out.

    A recording is called like its file without the suffix; where two files are called the same, it is the path
    within the folder, with `__` in the place of slashes. Raises `HcutalError` where there is none.
    """
    source = source.resolve()
    if not source.is_dir():
        raise HcutalError(f"{source}: no such folder; expected recordings")
    wanted = {suffix.lower() for suffix in suffixes}
    paths = [
        path
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in wanted
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    ]
    if not paths:
        raise HcutalError(f"{source}: no recording; expected files that end in {', '.join(sorted(wanted))}")
    times = Counter(path.stem for path in paths)
    named = {
        path.stem if times[path.stem] == 1 else "__".join(path.relative_to(source).parts): path
        for path in paths
    }
    return dict(sorted(named.items()))
