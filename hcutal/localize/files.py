"""What the propose stage writes: proposals in ActivityNet's format, and class activation sequences."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.files import atomic_path, write_json

CLASSES = "classes"


def write_proposals(path: str | Path, proposals: Mapping[str, pd.DataFrame]) -> None:
    """Write ActivityNet's format: for each video its table of columns start, end, label, score, in its order."""
    results = {
        video: [
            {"label": label, "score": score, "segment": [start, end]}
            for start, end, label, score in zip(
                *(table[name].tolist() for name in ("start", "end", "label", "score")), strict=True
            )
        ]
        for video, table in proposals.items()
    }
    write_json(path, {"version": "1.0", "results": results, "external_data": {}})


def write_cas(path: str | Path, cas: Mapping[str, npt.NDArray[np.floating]], classes: Sequence[str]) -> None:
    """Write an `.npz`: CAS [T', C] float32 by video, and the names of the C columns under `classes`.

    The same arrays always give the same bytes. Raises `HcutalError` for a video that is called `classes`.
    """
    if CLASSES in cas:
        raise HcutalError(
            f"{path}: a video is called {CLASSES!r}, which is the key of the class names; rename it"
        )
    arrays: dict[str, npt.NDArray[np.generic]] = {CLASSES: np.array(classes, dtype=np.str_)}
    arrays |= {video: np.asarray(values, dtype=np.float32) for video, values in cas.items()}
    # numpy's own writer takes names as keyword arguments: a video called `file` would break it.
    with (
        atomic_path(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)
