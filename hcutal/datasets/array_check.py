"""Every array of a folder of features, read in full: what is wrong with it, alone and beside the others."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hcutal.data.feature_array import ArrayForm, open_values, read_array
from hcutal.data.problems import ERROR, NOTE, WARNING, Findings
from hcutal.datasets.feature_files import FeatureFile
from hcutal.errors import HcutalError
from hcutal.progress import worked

# Numbers that are looked at in one go, so that a long array takes little memory.
BLOCK = 1 << 22
# Kinds of faults: gravity, what they are called after their number, the remedy.
KINDS = {
    "pickle": (ERROR, "files hold pickled objects", "save each array by itself, as the message says"),
    "damaged": (ERROR, "files cannot be read", "make or copy them anew"),
    "number-type": (ERROR, "arrays are of another type than float", "save them as float32"),
    "crops": (
        ERROR,
        "arrays have three axes",
        "say which: --axes TCD or CTD, and --crop N for one crop (else their mean)",
    ),
    "axes": (ERROR, "arrays have another number of axes than two", "save each as [T, D]"),
    "empty": (ERROR, "arrays are empty", "make them anew, or take these recordings out of the splits"),
    "transposed": (
        ERROR,
        "arrays stand the other way round, [D, T]",
        "--axes DT where all do; else save them as [T, D]",
    ),
    "dimensions": (
        ERROR,
        "arrays have another D than most of their stream",
        "make them with the same extractor",
    ),
    "streams-differ": (
        ERROR,
        "arrays are not as long as another stream",
        "cut the streams of a recording to one length; --trim 2 does where they differ by two snippets at most",
    ),
    "trimmed": (NOTE, "arrays are not as long as another stream, and the longer is cut", "none is needed"),
    "not-finite": (ERROR, "arrays hold NaN or infinite values", "make them anew"),
    "zeros": (
        WARNING,
        "arrays hold snippets of nothing but zeros",
        "make them anew, if the recordings are not dark",
    ),
    "constant": (WARNING, "arrays have the same values in all snippets", "make them anew"),
    "same-content": (
        WARNING,
        "arrays have the content of another recording",
        "look for files copied under a wrong name",
    ),
}
Values = npt.NDArray[Any]


@dataclass
class CheckedArrays:
    """What was found: snippets by recording, D by stream, and the places of faults by their kind."""

    lengths: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def report(self, found: Findings) -> None:
        """Add the faults to the findings."""
        for kind, (gravity, text, remedy) in KINDS.items():
            found.add_each(gravity, kind, self.faults[kind], text, remedy)


def check_arrays(files: Iterable[FeatureFile], form: ArrayForm, root: Path, trim: int = 0) -> CheckedArrays:
    """Read all arrays in full; places are named from `root`. trim: snippets that streams may differ by."""
    checked = CheckedArrays()
    shapes: dict[FeatureFile, tuple[int, int]] = {}
    contents: dict[tuple[str, bytes], str] = {}

    def name(file: FeatureFile) -> str:
        return str(file.place).removeprefix(f"{root}/")

    listed = list(files)
    for file in worked(listed, "check", "array", len(listed)):
        try:
            values = open_values(file.place)
        except HcutalError as error:
            kind = "pickle" if "pickled objects" in str(error) else "damaged"
            checked.faults[kind].append(str(error).removeprefix(f"{root}/"))
            continue
        fault = _form_fault(values, form)
        if fault is not None:
            checked.faults[fault].append(f"{name(file)}: {_said(values, fault)}")
            continue
        array = read_array(file.place, form)
        shapes[file] = (len(array), array.shape[1])
        _check_values(checked, array, name(file))
        digest = hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=16).digest()
        other = contents.setdefault((file.stream, digest), file.video)
        if other != file.video:
            checked.faults["same-content"].append(f"{name(file)} = {other}")
    _check_shapes(checked, shapes, name, trim)
    return checked


def _form_fault(values: Values, form: ArrayForm) -> str | None:
    """The kind of fault of an array that `read_array` would refuse; None where it would not."""
    if values.dtype.kind != "f" or values.dtype.itemsize > 8:
        return "number-type"
    axes = len(form.axes)
    if values.ndim != axes and not (values.ndim == axes + 1 and 1 in values.shape):
        return "crops" if values.ndim == 3 else "axes"
    return "empty" if 0 in values.shape else None


def _said(values: Values, kind: str) -> str:
    if kind == "empty":
        return f"shape is {values.shape}; expected at least one snippet and one dimension"
    return f"{values.dtype} {values.shape}; expected float16, float32 or float64 [T, D]"


def _check_values(checked: CheckedArrays, array: Values, name: str) -> None:
    rows = max(1, BLOCK // array.shape[1])
    bad = zeros = 0
    is_constant = len(array) > 1
    for start in range(0, len(array), rows):
        block = array[start : start + rows]
        bad += int((~np.isfinite(block)).sum())
        zeros += int((block == 0).all(axis=1).sum())
        is_constant = is_constant and bool((block == array[0]).all())
    if bad:
        checked.faults["not-finite"].append(f"{name}: NaN or infinite values ({bad} of {array.size})")
    elif is_constant and zeros == 0:
        checked.faults["constant"].append(name)
    elif zeros:
        checked.faults["zeros"].append(f"{name}: {zeros} of {len(array)}")


def _check_shapes(
    checked: CheckedArrays,
    shapes: dict[FeatureFile, tuple[int, int]],
    name: Callable[[FeatureFile], str],
    trim: int,
) -> None:
    """D of each stream is that of most arrays; what is wrong with the others, and with lengths."""
    by_stream = defaultdict(list)
    for file in shapes:
        by_stream[file.stream].append(file)
    for stream, files in by_stream.items():
        lengths, widths = zip(*(shapes[file] for file in files), strict=True)
        # All have as many rows, and columns as different as recordings are long: the first axis is D.
        if len(set(lengths)) == 1 and len(set(widths)) >= max(3, len(files) / 2):
            checked.faults["transposed"] += [f"{name(file)}: {shapes[file]}" for file in files]
            checked.sizes[stream] = lengths[0]
            continue
        size = Counter(widths).most_common(1)[0][0]
        checked.sizes[stream] = size
        for file in files:
            length, width = shapes[file]
            if width != size:
                kind = "transposed" if length == size else "dimensions"
                checked.faults[kind].append(f"{name(file)}: D is {width}; expected {size}")
            elif checked.lengths.setdefault(file.video, length) != length:
                other = checked.lengths[file.video]
                is_cut = abs(length - other) <= trim
                checked.faults["trimmed" if is_cut else "streams-differ"].append(
                    f"{name(file)}: {length} snippets; another stream of {file.video} has {other}"
                )
                checked.lengths[file.video] = min(length, other) if is_cut else other
