"""What a path is, and its check: features, annotations, predictions, lists of names, recordings."""

from collections.abc import Iterable, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hcutal.data.annotation_check import check_annotations
from hcutal.data.annotation_tools import is_tool_file
from hcutal.data.class_files import class_files
from hcutal.data.feature_array import SUFFIXES, ArrayForm, conversion
from hcutal.data.ground_truth import GroundTruth
from hcutal.data.meeting import Meeting
from hcutal.data.problems import ERROR, NOTE, Findings, some
from hcutal.data.split_list import read_split
from hcutal.data.tools_to_annotations import check_tool_files
from hcutal.datasets.array_check import check_arrays
from hcutal.datasets.feature_files import FeatureFiles, find_features
from hcutal.datasets.feature_folder import TRUTH, check_folder
from hcutal.doctor.installation import check_project
from hcutal.doctor.predicted import check_predictions
from hcutal.doctor.raw_recordings import check_recordings
from hcutal.errors import HcutalError
from hcutal.extract.registry import BUILT_IN, Recipe, find_extractor, reading
from hcutal.files import read_json
from hcutal.layout import PIPELINE
from hcutal.params.imported import ImportedPrepare
from hcutal.params.section import validate

# The kind of a file of an annotation tool.
TOOLS = "tool"


@dataclass(frozen=True)
class Options:
    """How to read what is named.

    Attributes:
        layout: parameters of `ImportedPrepare`.
        extractor: of recordings, None to find it.
        values: its parameters.
        by_path: whether recordings are called like their paths.
    """

    layout: Mapping[str, Any] = field(default_factory=dict)
    extractor: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    by_path: bool = False


def examine(paths: Iterable[Path], options: Options) -> dict[str, Findings]:
    """The findings of each path, by `kind: path`; annotations that are named count for all others.

    Raises `HcutalError` for what is not there or is nothing that can be recognised.
    """
    kinds = {path: kind_of(path, options) for path in paths}
    found: dict[str, Findings] = {}
    truth: GroundTruth | None = None
    tools = [path for path, kind in kinds.items() if kind == TOOLS]
    if tools:
        truth, found[f"annotations: {some(map(str, tools))}"] = check_tool_files(tools)
    for path in (path for path, kind in kinds.items() if kind == "annotations"):
        truth, found[f"annotations: {path}"] = check_annotations(path)
    for path, kind in kinds.items():
        if kind not in ("annotations", TOOLS):
            found[f"{kind}: {path}"] = _check(path, kind, options, truth)
    return found


def kind_of(path: Path, options: Options) -> str:
    """project, annotations, predictions, features, recordings, recording, array, list or file of an annotation tool.

    JSON is told by its keys, a folder with the files of a project is one, a folder with `gt.json`, `features/`, a
    split list or arrays holds features unless an extractor is named, one with files of classes as of THUMOS'14
    annotations, all other folders recordings. A file is an annotation tool's (`is_tool_file`), a recording where
    the extractor that is named reads such files, an array by its end, a list of names where it is text, and a
    recording where any extractor reads such files.
    """
    if not path.exists():
        raise HcutalError(f"{path}: no such file or folder, and no data set of params.yaml")
    if path.is_dir():
        if not options.extractor and all((path / name).is_file() for name in PIPELINE):
            return "project"
        if not options.extractor and not _holds_features(path) and class_files(path):
            return "annotations"
        return "recordings" if options.extractor or not _holds_features(path) else "features"
    suffix = path.suffix.lower()
    is_asked = options.extractor is not None and suffix in find_extractor(options.extractor).suffixes
    if suffix == ".json" and (keys := _keys(path)) & {"results", "database"}:
        return "predictions" if "results" in keys else "annotations"
    if not (is_asked and suffix == ".json") and is_tool_file(path):
        return TOOLS
    if is_asked:
        return "recording"
    if suffix == ".json":
        return "annotations"
    if suffix in SUFFIXES or conversion(path):
        return "array"
    if suffix == ".txt":
        return "list"
    if any(suffix in find_extractor(name).suffixes for name in BUILT_IN):
        return "recording"
    raise HcutalError(
        f"{path}: cannot be recognised; expected .json, .npy, .npz, .txt, a file of an annotation tool, a recording, "
        "or a folder of recordings or features"
    )


def _keys(path: Path) -> set[str]:
    """The keys of JSON; none where it cannot be read, which the check of annotations says."""
    try:
        data = read_json(path)
    except HcutalError:
        return set()
    return set(data) if isinstance(data, dict) else set()


def _holds_features(folder: Path) -> bool:
    marks = [TRUTH, "features", "split_train.txt", "split_test.txt"]
    if any((folder / mark).exists() for mark in marks):
        return True
    suffixes = {path.suffix.lower() for path in folder.rglob("*") if path.is_file()}
    return bool(suffixes & set(SUFFIXES)) or any(conversion(Path(f"a{suffix}")) for suffix in suffixes)


def _check(path: Path, kind: str, options: Options, truth: GroundTruth | None) -> Findings:
    if kind == "predictions":
        return check_predictions(path, truth)
    if kind == "project":
        return _check_project(path)
    if kind == "features":
        params = validate(ImportedPrepare, dict(options.layout), "options")
        return check_folder(path, params, complete=False).findings
    if kind == "array":
        return _check_array(path, options)
    if kind == "list":
        return _check_list(path, truth)
    return check_recordings(path, _recipe(path, options), truth, options.by_path)


def _check_project(folder: Path) -> Findings:
    with chdir(folder):
        found = check_project()
    assert found is not None
    return found


def _recipe(folder: Path, options: Options) -> Recipe:
    """The extractor that is named, else the first one of the package that reads a file of the folder, or this one."""
    name = options.extractor
    if name is None:
        files = folder.rglob("*") if folder.is_dir() else [folder]
        name = reading(path.suffix for path in files if path.is_file()) or "i3d"
    return Recipe(name, options.values)


def _check_array(path: Path, options: Options) -> Findings:
    found = Findings()
    command = conversion(path)
    if command is not None:
        text = f"{path}: not read (nothing that could run code)"
        found.add(ERROR, "not-read", text, f"where you trust it: {command}")
        return found
    params = validate(ImportedPrepare, dict(options.layout), "options")
    arrays = FeatureFiles("")
    alone = find_features(path.parent, [path.stem])
    arrays.files = [file for file in alone.files if file.place.path == path]
    checked = check_arrays(arrays.files, ArrayForm(params.axes, params.crop), path.parent)
    checked.report(found)
    found.summary |= {"D": checked.sizes, "snippets": sum(checked.lengths.values())}
    return found


def _check_list(path: Path, truth: GroundTruth | None) -> Findings:
    found = Findings()
    try:
        names = read_split(path)
    except HcutalError as error:
        found.add(ERROR, "split", str(error), "write the names of the recordings, one a line, in UTF-8")
        return found
    found.summary["names"] = len(names)
    if truth is not None:
        meeting = Meeting.of(names, truth.videos["video"])
        found.summary["videos"] = meeting.counts("listed", "annotated")
        gravity = NOTE if meeting.both else ERROR
        found.add_each(
            gravity, "not-annotated", meeting.first, "listed videos are not annotated", "write names alike"
        )
    return found
