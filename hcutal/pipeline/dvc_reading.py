"""DVC, made to read little: of dvc.lock what it has not parsed before, and of the stages those that are asked for.

A dvc.lock that is not as DVC writes it is read by DVC itself, as is any in a version of DVC whose class for it has
other members.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dvc
from dvc import dvcfile
from dvc.exceptions import DvcException
from dvc.stage.loader import StageLoader
from dvc.utils.serialize import parse_yaml
from ruamel import yaml

from hcutal.layout import KNOWN_ENTRIES, LOCK
from hcutal.pipeline.lock_cache import parsed_entries
from hcutal.pipeline.lock_text import HEAD, entries_of

KNOWN = {
    "SCHEMA",
    "_verify_filename",
    "_load",
    "dump_dataset",
    "dump_stages",
    "dump",
    "remove_stage",
    "merge",
}
PARSER = f"dvc {dvc.__version__}, ruamel.yaml {yaml.__version__}"
Wanted = Callable[[str], bool]


def is_known() -> bool:
    """Whether DVC's class for dvc.lock has the members that are replaced here, and no others."""
    return {name for name in vars(dvcfile.Lockfile) if not name.startswith("__")} == KNOWN


@contextmanager
def reading(wanted: Wanted | None) -> Iterator[None]:
    """A block in which DVC reads the stages whose names are `wanted`, or all, and never writes dvc.lock."""
    if not is_known():
        yield
        return
    before = dvcfile.Lockfile, dvcfile.ProjectFile.LOADER
    dvcfile.Lockfile = _parsed_lock(wanted)
    if wanted is not None:
        dvcfile.ProjectFile.LOADER = _loader(wanted)
    try:
        yield
    finally:
        dvcfile.Lockfile, dvcfile.ProjectFile.LOADER = before


def _parsed_lock(wanted: Wanted | None) -> type[Any]:
    """DVC's class for dvc.lock, which parses what it does not know yet."""

    class ParsedLock(dvcfile.Lockfile):  # type: ignore[misc]
        def load(self, **kwargs: Any) -> Any:
            root = Path(self.repo.root_dir)
            texts = texts_of(Path(self.path)) if Path(self.path) == root / LOCK else None
            if texts is None:
                return super().load(**kwargs)
            self._check_gitignored()

            asked = {name: text for name, text in texts.items() if wanted is None or wanted(name)}

            def parse(names: Iterable[str]) -> Any:
                text = HEAD + "".join(asked[name] for name in names)
                return self.validate(parse_yaml(text, self.path), self.relpath)["stages"]

            try:
                stages = parsed_entries(asked, parse, root / KNOWN_ENTRIES, PARSER, is_whole=wanted is None)
            except (DvcException, KeyError):
                # DVC says what is wrong, and where.
                return super().load(**kwargs)
            return {"schema": "2.0", "stages": stages}

    return ParsedLock


def texts_of(path: Path) -> dict[str, str] | None:
    """The text of each entry of a dvc.lock, by the name of its stage; None where it is not as DVC writes it."""
    try:
        return entries_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _loader(wanted: Wanted) -> type[Any]:
    """DVC's mapping of the stages of a dvc.yaml, which has some of them."""

    class SomeStages(StageLoader):  # type: ignore[misc]
        def __iter__(self) -> Iterator[str]:
            return filter(wanted, super().__iter__())

    return SomeStages
