"""Previews of many films: kept one by one under their content, so that a new film makes one preview."""

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hcutal.cores import AUTO, given_cores
from hcutal.errors import HcutalError
from hcutal.extract.side_by_side import side_by_side
from hcutal.extract.video.browsers import browsers_play
from hcutal.extract.video.container import SUFFIXES
from hcutal.extract.video.preview import encoder, write_preview
from hcutal.files import atomic_path, clone, read_json, write_json
from hcutal.layout import PREVIEWS_INDEX
from hcutal.params.recordings import PreviewParams
from hcutal.progress import worked

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FilmPreviews:
    """Previews by the name of the recording, and why other films have none; the rest needs none."""

    files: Mapping[str, Path] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FilmToShow:
    """A film by its file and the digest of its content."""

    path: Path
    content: str


def write_previews(
    folder: Path,
    films: Mapping[str, FilmToShow],
    params: PreviewParams,
    cache: Path,
    picture_rate: float | None = None,
    days: float = 0,
) -> None:
    """Write `<name>.mp4` of each film that browsers do not play, and previews.json, in place of what is in `folder`.

    A film that cannot be read has a reason there. cache: where previews stay, by what they were made of, in a folder by
    how they were made; what no call has used for so many days is removed from it.
    """
    end = encoder()[1]
    made: dict[str, str] = {}
    failed: dict[str, str] = {}
    with atomic_path(folder) as temporary:
        temporary.mkdir()
        for name, outcome in _made(films, params, cache, picture_rate):
            if isinstance(outcome, Path):
                clone(outcome, temporary / f"{name}{end}")
                made[name] = f"{name}{end}"
            elif outcome is not None:
                failed[name] = outcome
        write_json(temporary / PREVIEWS_INDEX, {"previews": made, "failed": failed})
    _prune(cache, {film.content for film in films.values()}, days)


def read_previews(folder: Path) -> FilmPreviews:
    """What `write_previews` wrote; `HcutalError` where it is malformed."""
    path = folder / PREVIEWS_INDEX
    found = read_json(path)
    try:
        files = {str(name): folder / file for name, file in found["previews"].items()}
        return FilmPreviews(files, dict(found["failed"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise HcutalError(f"{path}: no list of previews ({error!r}); expected previews and failed") from None


Job = tuple[Path, Path, dict[str, Any], float | None]
# A file, why there is none, or None where none is needed.
Outcome = Path | str | None


def _made(
    films: Mapping[str, FilmToShow], params: PreviewParams, cache: Path, picture_rate: float | None
) -> Iterator[tuple[str, Outcome]]:
    """What there is of each film, in the order of names: taken from the cache, or made there."""
    end, names = encoder()[1], sorted(films)
    jobs: list[Job] = [
        (films[name].path, cache / f"{films[name].content}{end}", params.model_dump(), picture_rate)
        for name in names
    ]
    outcomes: dict[int, Outcome] = {}
    waiting = []
    for index, (path, target, _, _) in enumerate(jobs):
        needed = is_needed(path)
        if needed is not True or target.is_file():
            outcomes[index] = needed if needed is not True else target
        else:
            waiting.append(index)
    workers = min(given_cores() if params.workers == AUTO else int(params.workers), max(len(waiting), 1))
    done: Iterator[tuple[int, Outcome]] = (
        side_by_side(_make, {at: (jobs[at],) for at in waiting}, workers)
        if workers > 1
        else ((at, _make(jobs[at])) for at in waiting)
    )
    for index, outcome in worked(done, "previews", "film", len(waiting)):
        outcomes[index] = outcome
    for index, name in enumerate(names):
        if isinstance(outcomes[index], str):
            log.warning("%s: no preview: %s", name, outcomes[index])
        yield name, outcomes[index]


def is_needed(path: Path) -> Literal[True] | str | None:
    """Whether a preview is to be made; None: no film, or one that browsers play; a text: it cannot be read."""
    if not path.is_dir() and path.suffix.lower() not in SUFFIXES:
        return None
    try:
        return None if browsers_play(path) else True
    except HcutalError as error:
        return str(error).removeprefix(f"{path}: ")


def _make(job: Job) -> Outcome:
    path, target, params, picture_rate = job
    try:
        with atomic_path(target) as temporary:
            write_preview(path, temporary, PreviewParams(**params), picture_rate)
    except HcutalError as error:
        return str(error).removeprefix(f"{path}: ")
    # Decoders raise anything; the other films go on.
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return target


def _prune(cache: Path, contents: set[str], days: float) -> None:
    """Remove what no film has, or what was made in another way, and is that old."""
    oldest = time.time() - days * 86400
    for path in cache.parent.glob("*/*"):
        if path.parent == cache and path.stem in contents:
            path.touch()
        elif path.stat().st_mtime <= oldest:
            path.unlink()
    for folder in cache.parent.glob("*/"):
        if not any(folder.iterdir()):
            folder.rmdir()
