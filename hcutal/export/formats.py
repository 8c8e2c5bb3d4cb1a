"""The forms of annotation tools, by the name under which a user asks for them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.export.addresses import addresses_below
from hcutal.export.audacity import write_audacity
from hcutal.export.boris import write_boris
from hcutal.export.elan import write_elan
from hcutal.export.label_studio import write_configuration, write_label_studio
from hcutal.export.segmented_recording import SegmentedRecording

SUFFIXES = {"elan": ".eaf", "label-studio": ".json", "audacity": ".txt"}
CONFIGURATION = Path("label-studio", "labels.xml")
BORIS, PROJECT = "boris", Path("boris", "segments.boris")


def export_paths(folder: Path, formats: Collection[str], names: Iterable[str]) -> Iterator[Path]:
    """Where the exports of recordings stand: FOLDER/<format>/<name><suffix>, of BORIS one project for all."""
    if BORIS in formats:
        yield folder / PROJECT
    for name in names:
        for form in formats:
            if form in SUFFIXES:
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
    recordings: Sequence[SegmentedRecording],
    formats: Collection[str],
    version: str,
    colours: Mapping[str, str],
    media_url: str = "",
    place: Path | None = None,
) -> None:
    """Write FOLDER/<format>/<name><suffix> for each recording and format, and what Label Studio needs besides.

    version: what made the segments; colours: of the classes; place: where the folder will stand (default: `folder`).
    """
    final = folder if place is None else place
    addresses = addresses_below(each.media for each in recordings if each.media)
    for recording in recordings:
        for form in set(formats) & SUFFIXES.keys():
            path = folder / form / f"{recording.name}{SUFFIXES[form]}"
            if form == "elan":
                write_elan(path, recording, final / form)
            elif form == "audacity":
                write_audacity(path, recording)
            else:
                address = addresses[recording.media] if recording.media else None
                write_label_studio(path, recording, media_url, version, address)
    if "label-studio" in formats:
        write_configuration(folder / CONFIGURATION, colours)
    if BORIS in formats:
        write_boris(folder / PROJECT, recordings, colours, (final / PROJECT).parent)
