"""Small copies of new films that browsers do not play, beside the page that shows them."""

from collections.abc import Iterable
from pathlib import Path

import av

from hcutal import __version__
from hcutal.apply.localize_recordings import DAYS, Found
from hcutal.apply.trained import TrainedRun
from hcutal.extract.previews import FilmPreviews, FilmToShow, is_needed, read_previews, write_previews
from hcutal.files import content_digest, json_digest
from hcutal.layout import MADE_PREVIEWS
from hcutal.params.recordings import PreviewParams

FOLDER = "previews"
CACHE = MADE_PREVIEWS / "localize"


def write_localized_previews(folder: Path, found: Iterable[Found], run: TrainedRun) -> FilmPreviews:
    """Write the previews that are needed into `FOLDER/previews`; nothing where none is.

    They stay in a cache, from which they are taken until no call has used them for a month.
    """
    media = {each.name: each.media for each in found if each.media}
    films = {name: FilmToShow(path, content_digest(path)) for name, path in media.items() if is_needed(path)}
    if not films:
        return FilmPreviews()
    params, settings = PreviewParams(), run.features.settings.get("params", {})
    rate = settings.get("picture_rate")
    made_by = [av.__version__, av.library_versions, __version__]
    key = json_digest([params.model_dump(exclude={"workers"}), rate, made_by])
    write_previews(folder / FOLDER, films, params, CACHE / key[:16], rate, DAYS)
    return read_previews(folder / FOLDER)
