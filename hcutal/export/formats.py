"""The forms of annotation tools, by the name under which a user asks for them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.export.audacity import write_audacity
from hcutal.export.elan import write_elan
from hcutal.export.label_studio import write_configuration, write_label_studio
from hcutal.export.segmented_recording import SegmentedRecording

SUFFIXES = {"elan": ".eaf", "label-studio": ".json", "audacity": ".txt"}
CONFIGURATION = Path("label-studio", "labels.xml")


def export_paths(folder: Path, formats: Collection[str], names: Iterable[str]) -> Iterator[Path]:
    """Where the exports of recordings stand: FOLDER/<format>/<name><suffix>."""
    for name in names:
        for form in formats:
            yield folder / form / f"{name}{SUFFIXES[form]}"


def refuse_existing(folder: Path, formats: Collection[str], names: Iterable[str]) -> None:
    """Raise `HcutalError` when an export is there already: somebody may have worked on it."""
    found = [path for path in export_paths(folder, formats, names) if path.exists()]
    if found:
        raise HcutalError(
            f"{found[0]}: exists (with {len(found) - 1} more), perhaps with somebody's corrections; "
            "choose another folder, or allow to replace it with --force"
        )


def write_exports(
    folder: Path,
    recordings: Iterable[SegmentedRecording],
    formats: Collection[str],
    version: str,
    colours: Mapping[str, str],
    media_url: str = "",
) -> None:
    """Write FOLDER/<format>/<name><suffix> for each recording and format, and what Label Studio needs besides.

    version: what made the segments; colours: of the classes.
    """
    writers: dict[str, Callable[[Path, SegmentedRecording], None]] = {
        "elan": write_elan,
        "audacity": write_audacity,
        "label-studio": partial(write_label_studio, media_url=media_url, version=version),
    }
    for recording in recordings:
        for form in formats:
            writers[form](folder / form / f"{recording.name}{SUFFIXES[form]}", recording)
    if "label-studio" in formats:
        write_configuration(folder / CONFIGURATION, colours)
