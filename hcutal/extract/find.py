"""The recordings in a folder."""

import logging
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from hcutal.data.meeting import plain
from hcutal.errors import HcutalError
from hcutal.files import is_file, is_utf8

log = logging.getLogger(__name__)


def find_recordings(source: Path, suffixes: Iterable[str]) -> dict[str, Path]:
    """The files below `source` with one of the suffixes (any case), by name, sorted; hidden ones are left out.

    A recording is called like its file without the suffix, in the plain form (`meeting.plain`); where two files are
    called the same, it is the path within the folder, with `__` in the place of slashes. One whose name is no UTF-8
    is left out with a warning, since no table can name it. Raises `HcutalError` where there is none.
    """
    source = source.resolve()
    if not source.is_dir():
        raise HcutalError(f"{source}: no such folder; expected recordings")
    wanted = {suffix.lower() for suffix in suffixes}
    paths = [
        path
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in wanted
        and is_file(path)
        and _has_name(path)
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    ]
    if not paths:
        raise HcutalError(f"{source}: no recording; expected files that end in {', '.join(sorted(wanted))}")
    times = Counter(plain(path.stem) for path in paths)
    named: dict[str, Path] = {}
    for path in paths:
        name = plain(path.stem)
        name = name if times[name] == 1 else plain("__".join(path.relative_to(source).parts))
        if name in named:
            raise HcutalError(
                f"{path} and {named[name]}: names that differ in their Unicode form or blanks alone; rename one"
            )
        named[name] = path
    return dict(sorted(named.items()))


def _has_name(path: Path) -> bool:
    if not is_utf8(path):
        log.warning("%s is left out: its name is not valid UTF-8; rename it", ascii(str(path)))
    return is_utf8(path)
