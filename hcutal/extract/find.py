"""The recordings in a folder: a file each, or a folder of numbered files."""

import logging
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hcutal.data.meeting import plain
from hcutal.errors import HcutalError
from hcutal.extract.moving_webp import SUFFIX as WEBP
from hcutal.extract.moving_webp import is_moving_webp
from hcutal.files import files_in, is_file, is_utf8

log = logging.getLogger(__name__)
LAST_NUMBER = re.compile(r"\d+(?=\D*$)")


class NoRecordingError(HcutalError):
    """There is no recording in a folder; `found`: how many files end in which suffix."""

    def __init__(self, source: Path, found: Counter[str], expected: Iterable[str]) -> None:
        self.found = found
        there = ", ".join(f"{count} {kind}" for kind, count in found.most_common(5)) or "no file"
        super().__init__(
            f"{source}: no recording; found {there}; expected files that end in {', '.join(expected)}"
        )


@dataclass(frozen=True)
class RecordingFolder:
    """What is below a folder.

    Attributes:
        files: the recordings by name, sorted: files, and folders of numbered files.
        passed_over: how many files end in which other suffix.
        linked: folders that are links, which are not entered.
    """

    files: dict[str, Path]
    passed_over: Counter[str] = field(default_factory=Counter)
    linked: list[Path] = field(default_factory=list)


def find_recordings(
    source: Path, suffixes: Iterable[str], sequences: Iterable[str] = (), by_path: bool = False
) -> dict[str, Path]:
    """The recordings below `source` by name, see `look_into`."""
    return look_into(source, suffixes, sequences, by_path).files


def look_into(
    source: Path, suffixes: Iterable[str], sequences: Iterable[str] = (), by_path: bool = False
) -> RecordingFolder:
    """The recordings below `source`, and what is there beside them; hidden files are no matter.

    A name depends on nothing but the recording's own path, so that no other file changes it: it is that of the file
    without the suffix, in the plain form (`meeting.plain`), with `by_path` behind its folders, `__` for each slash. A
    file whose name is no UTF-8 is left out with a warning, since no table can name it.

    Args:
        source: the folder.
        suffixes: of files that are recordings, in any case.
        sequences: endings of files of which a folder is one recording, where it holds several, they differ in their
            number alone, and no recording stands beside them; it is called like the folder.
        by_path: names of paths in the place of names of files.

    Raises:
        HcutalError: where there is none, or two have the same name.
    """
    source = source.resolve()
    if not source.is_dir():
        raise HcutalError(f"{source}: no such folder; expected recordings")
    wanted = {suffix.lower() for suffix in suffixes}
    paths = [path for path in sorted(source.rglob("*")) if not _is_hidden(path, source)]
    linked = [path for path in paths if path.is_symlink() and path.is_dir()]
    present = [path for path in paths if is_file(path)]
    folders, parts = _numbered(present, tuple(sequences), wanted)
    rest = [path for path in present if path not in parts]
    read = [path for path in rest if path.suffix.lower() in wanted and not _is_still(path)]
    alone = [path for path in read if _has_name(path)]
    passed_over = Counter(_kind(path) for path in set(rest) - set(read))
    if not alone and not folders:
        ends = [*sorted(wanted), *(f"folders of numbered *{end}" for end in sorted(sequences))]
        raise NoRecordingError(source, passed_over, ends)
    named = [(_name(path.with_suffix(""), source, by_path), path) for path in alone]
    named += [(_name(folder, source, by_path), folder) for folder in folders if _has_name(folder)]
    return RecordingFolder(_distinct(named, by_path), passed_over, linked)


def numbered_files(folder: Path, sequences: Iterable[str]) -> list[Path]:
    """The files of a recording that is a folder, in the order of their numbers; empty where it is none."""
    return sorted(_numbered(files_in(folder), tuple(sequences), set())[1], key=number_of)


def _numbered(
    paths: Iterable[Path], sequences: tuple[str, ...], wanted: set[str]
) -> tuple[list[Path], set[Path]]:
    """The folders that are recordings, see `look_into`, and their numbered files."""
    inside: dict[Path, list[Path]] = {}
    others: set[Path] = set()
    for path in paths:
        if path.name.lower().endswith(sequences):
            inside.setdefault(path.parent, []).append(path)
        elif path.suffix.lower() in wanted:
            others.add(path.parent)
    found = {
        folder: files for folder, files in inside.items() if folder not in others and _differ_in_number(files)
    }
    return list(found), {path for files in found.values() for path in files}


def _differ_in_number(files: list[Path]) -> bool:
    around = {LAST_NUMBER.sub("#", path.stem) for path in files}
    return len(files) > 1 and len(around) == 1 and "#" in around.pop()


def number_of(path: Path) -> int:
    """The number of a numbered file: the last one in its name."""
    return int(LAST_NUMBER.findall(path.stem)[0])


def _name(path: Path, source: Path, by_path: bool) -> str:
    parts = path.relative_to(source).parts if by_path else ()
    return plain("__".join(parts or (path.name,)))


def _distinct(named: Iterable[tuple[str, Path]], by_path: bool) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, path in named:
        if name in found:
            remedy = "rename one" if by_path else "rename one, or let names be paths: hcutal new --names path"
            raise HcutalError(f"{path} and {found[name]} are both called {name!r}; {remedy}")
        found[name] = path
    return dict(sorted(found.items()))


def _is_still(path: Path) -> bool:
    """Whether a file of a kind that may be a film is a single picture."""
    return path.suffix.lower() == WEBP and not is_moving_webp(path)


def _kind(path: Path) -> str:
    return path.suffix.lower() or "without suffix"


def _is_hidden(path: Path, source: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(source).parts)


def _has_name(path: Path) -> bool:
    if not is_utf8(path):
        log.warning("%s is left out: its name is not valid UTF-8; rename it", ascii(str(path)))
    return is_utf8(path)
