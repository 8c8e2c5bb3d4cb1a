"""What became of a folder of recordings since a data set was made of it, in words."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hcutal.data.problems import some
from hcutal.errors import HcutalError
from hcutal.hashes import KnownDigests
from hcutal.layout import RECORDINGS_INDEX, DatasetFiles
from hcutal.params.section import read_section
from hcutal.tables import read_table


class _Listed(BaseModel):
    """What resolved.json says of a data set."""

    kind: str
    source: str | None
    prepare: dict[str, Any]


def changed_text(dataset: str) -> str | None:
    """`renamed: b.mp4 to d.mp4; added: c.mp4; removed: a.mp4`, from the folder on; None where that is not known.

    It is not of other kinds of data sets, nor where recordings are folders themselves, or some are dropped.
    """
    try:
        about = read_section(_Listed, "datasets", dataset)
        index = DatasetFiles.of(dataset).recordings / RECORDINGS_INDEX
        table = read_table(index, {"path": str, "content": str})
    except HcutalError:
        return None
    if about.kind != "recordings" or about.source is None or about.prepare.get("dropped"):
        return None
    source, known = Path(about.source), KnownDigests()
    listed = [Path(path) for path in table["path"]]
    if any(path.is_dir() for path in listed):
        return None
    kinds = {path.suffix.lower() for path in listed}
    files = [path for path in sorted(source.rglob("*")) if path.suffix.lower() in kinds and path.is_file()]
    before = {
        os.path.relpath(path, source): content for path, content in zip(listed, table["content"], strict=True)
    }
    return described(before, {os.path.relpath(path, source): known.of(path) for path in files})


def described(before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """The difference between two folders in words, from the digests of their files by name; None where there is none.

    >>> described({"a": "1", "b": "2"}, {"b": "2", "c": "1", "d": "3"})
    'renamed: a to c; added: d'
    """
    gone = {name: content for name, content in before.items() if name not in now}
    new = {name: content for name, content in now.items() if name not in before}
    renamed: dict[str, str] = {}
    for name, content in gone.items():
        same = next((other for other, found in new.items() if found == content), None)
        if same is not None:
            renamed[name] = same
            del new[same]
    parts = {
        "renamed": [f"{name} to {other}" for name, other in renamed.items()],
        "added": list(new),
        "removed": [name for name in gone if name not in renamed],
        "other content": [name for name, content in now.items() if before.get(name, content) != content],
    }
    return "; ".join(f"{what}: {some(names)}" for what, names in parts.items() if names) or None
