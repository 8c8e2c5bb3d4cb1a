"""A training that another run has made already is taken from there: the same inputs give the same bytes.

Experiments that differ in what follows training have one training; DVC, which knows results by the name of the run,
would make it for each. What was made stands in a folder by the digest of all that it depends on: where its files are,
and what they hold.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from hcutal.errors import HcutalError
from hcutal.files import atomic_path, clone, content_digest, json_digest, read_json, write_json
from hcutal.params.section import validate


class MadeTraining(BaseModel):
    """Where the files of a training are, and the digest of each, by its path in there."""

    model_config = ConfigDict(frozen=True)

    folder: str
    files: dict[str, str]


def note_training(known: Path, identity: Mapping[str, str], folder: Path) -> None:
    """Note in the folder `known` that the training `identity` has its results in `folder`."""
    files = {str(path.relative_to(folder)): content_digest(path) for path in _files(folder)}
    write_json(_entry(known, identity), {"folder": str(folder), "files": files})


def take_training(known: Path, identity: Mapping[str, str], folder: Path) -> Path | None:
    """Copy the results of the same training into `folder`; returns where they are from, None where there are none.

    Results in `folder` itself are none: who asks for a training again wants it made again. Neither are such that are
    not, byte by byte, what was noted.
    """
    try:
        made = validate(MadeTraining, read_json(_entry(known, identity)), str(known))
    except HcutalError:
        return None
    source = Path(made.folder)
    if source == folder:
        return None
    try:
        with atomic_path(folder) as target:
            for name, digest in made.files.items():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                clone(source / name, target / name)
                if content_digest(target / name) != digest:
                    raise HcutalError(f"{source / name}: is not what it was")
    except (HcutalError, OSError):
        return None
    return source


def _entry(known: Path, identity: Mapping[str, str]) -> Path:
    return known / f"{json_digest(dict(identity))}.json"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
