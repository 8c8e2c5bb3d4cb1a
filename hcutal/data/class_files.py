"""THUMOS'14 as it was published: a text file a class and subset, a line `video start end` an instance."""

from pathlib import Path
from typing import Any

from hcutal.errors import HcutalError

# What a file is called behind its class, and the subset that it is of.
SUBSETS = {"_val": "validation", "_test": "test"}
# Lists of names are called alike.
NO_CLASSES = {"split"}


def class_files(folder: Path) -> dict[Path, tuple[str, str]]:
    """Class and subset of the files below a folder that are called like those of THUMOS'14, in the order of paths."""
    found = {}
    for path in sorted(folder.rglob("*.txt")):
        label, mark, subset = path.stem.rpartition("_")
        if label and label not in NO_CLASSES and mark + subset in SUBSETS:
            found[path] = (label, SUBSETS[mark + subset])
    return found


def read_class_files(folder: Path) -> dict[str, Any]:
    """The instances as ActivityNet's form has them, without durations; `HcutalError` naming file and line."""
    files = class_files(folder)
    if not files:
        raise HcutalError(
            f"{folder}: no files of classes; expected BaseballPitch_val.txt, BaseballPitch_test.txt, ..."
        )
    database: dict[str, Any] = {}
    for path, (label, subset) in files.items():
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise HcutalError(f"{path}: cannot be read ({error})") from None
        for number, line in enumerate(lines, 1):
            parts = line.split()
            if not parts:
                continue
            where = f"{path}: line {number}"
            if len(parts) != 3:
                raise HcutalError(f"{where}: found {line!r}; expected a video, start and end in seconds")
            video, *segment = parts
            entry = database.setdefault(video, {"subset": subset, "annotations": []})
            if entry["subset"] != subset:
                raise HcutalError(
                    f"{where}: {video} is in files of {entry['subset']} as well; expected one subset"
                )
            entry["annotations"].append({"segment": segment, "label": label})
    return {"database": database}
