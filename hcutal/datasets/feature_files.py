"""Finding the arrays of a folder of features, in the layouts of the field."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hcutal.data.feature_array import SUFFIXES, TABLE, ArrayPlace, conversion, keys_of
from hcutal.data.meeting import plain

SUBSETS = ("train", "test")
# The stream of arrays that no folder and no key names.
ALONE = "features"
# What a file of several arrays holds.
OF_RECORDING, OF_STREAM, GROUPS = ", an array a stream", ", an array a recording", ", a group a recording"


@dataclass(frozen=True)
class FeatureFile:
    """An array: of which recording and stream, and of the folder of which subset, where folders tell."""

    video: str
    stream: str
    place: ArrayPlace
    subset: str | None = None


@dataclass
class FeatureFiles:
    """What a folder holds.

    Attributes:
        form: the layout in words, as it was read.
        files: the arrays.
        refused: files of forms that are not read, each with what converts it.
        unreadable: files that cannot be opened, each with the reason.
    """

    form: str
    files: list[FeatureFile] = field(default_factory=list)
    refused: dict[Path, str] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)

    def streams(self, subset: str | None = None) -> set[str]:
        """The streams of a subset, or of all."""
        return {file.stream for file in self.files if subset in (None, file.subset)}

    @property
    def text(self) -> str:
        """The layout with the ends of the files, and what the arrays in files of several are."""
        kinds = Counter(
            (file.place.path.suffix.lower(), _held(file)) for file in self.files if file.place.path.suffix
        )
        forms = []
        for (end, held), _ in kinds.most_common():
            whole = self.form if held != OF_STREAM else self.form.replace("<recording>", "<stream>")
            whole = whole.replace("<stream>/<stream>", "<stream>")
            forms.append(f"*{end}{held}" if held == GROUPS else f"{whole}{end}{held}")
        return " and ".join(forms) or self.form


def _held(file: FeatureFile) -> str:
    """What the arrays of the file are that an array stands in, in words."""
    if not file.place.key:
        return ""
    if "/" in file.place.key:
        return GROUPS
    return OF_RECORDING if plain(file.place.path.stem) == file.video else OF_STREAM


def find_features(folder: Path, known: Collection[str] = ()) -> FeatureFiles:
    """The arrays below `folder`: `[{train,test}/][<stream>/]<recording>.npy`, or `.npz`.

    An `.npz`, `.mat` or `.h5` whose keys are recordings of `known` holds these, and is called like their stream. Else
    it holds the streams of one recording where it is called like one, or where all files have the same keys; one of a
    single array is like an `.npy`. Groups of an `.h5` are recordings. A `.csv` counts where it is called like one.
    Hidden files are left out. Names are plain (`meeting.plain`).
    """
    subsets = [name for name in SUBSETS if (folder / name).is_dir()]
    bases: list[tuple[str | None, Path]] = [(name, folder / name) for name in subsets]
    bases = bases or [(None, folder)]
    inner = any(True for _, base in bases for _ in _folders(base))
    parts = ["{train,test}"] * bool(subsets) + ["<stream>"] * inner + ["<recording>"]
    found = FeatureFiles("/".join(parts))
    for subset, base in bases:
        for stream in _folders(base):
            _take(found, sorted(stream.iterdir()), plain(stream.name), subset, known)
        _take(found, sorted(base.iterdir()) if base.is_dir() else [], None, subset, known)
    return found


def _folders(base: Path) -> Iterator[Path]:
    """Folders of streams, hidden ones left out."""
    if base.is_dir():
        yield from (
            path for path in sorted(base.iterdir()) if path.is_dir() and not path.name.startswith(".")
        )


def _take(
    found: FeatureFiles, paths: list[Path], stream: str | None, subset: str | None, known: Collection[str]
) -> None:
    keys: dict[Path, list[str]] = {}
    for path in paths:
        if not path.is_file() or path.name.startswith("."):
            continue
        command = conversion(path)
        if command is not None:
            found.refused[path] = command
        is_table = path.suffix.lower() == TABLE and plain(path.stem) in known
        if is_table or path.suffix.lower() in SUFFIXES:
            try:
                keys[path] = keys_of(path)
            except ValueError as error:
                found.unreadable[path] = str(error)
    several = [set(names) for names in keys.values() if len(names) > 1]
    alike = len(several) > 1 and all(names == several[0] for names in several)
    for path, names in keys.items():
        name = plain(path.stem)
        if any("/" in key for key in names):
            found.files += _of_groups(path, names, stream, subset)
            continue
        are_recordings = any(plain(key) in known for key in names)
        if len(names) == 1 and not are_recordings:
            found.files.append(FeatureFile(name, stream or ALONE, ArrayPlace(path), subset))
        elif not are_recordings and (alike or name in known):
            found.files += [FeatureFile(name, plain(key), ArrayPlace(path, key), subset) for key in names]
        else:
            own = stream or name
            found.files += [FeatureFile(plain(key), own, ArrayPlace(path, key), subset) for key in names]


def _of_groups(path: Path, names: list[str], stream: str | None, subset: str | None) -> Iterator[FeatureFile]:
    """The arrays of groups `<recording>/<stream>`; with one array in each group, the stream is that of the file."""
    inner = {name.rpartition("/")[2] for name in names}
    for name in names:
        group, _, last = name.rpartition("/")
        own = stream or plain(path.stem) if len(inner) == 1 else plain(last)
        yield FeatureFile(plain(group or last), own, ArrayPlace(path, name), subset)
