"""Files with the poses of several individuals, cut into a table of each."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from hcutal.errors import HcutalError
from hcutal.extract.poses.pose_files import read_poses
from hcutal.extract.poses.tracked import AXES, LIKELIHOOD, TrackedPoses
from hcutal.files import atomic_path

SCORER = "hcutal"


def split_poses(files: Iterable[Path], out: Path) -> Iterator[str]:
    """Write OUT/<file>_<individual>.csv, DeepLabCut's table, of each individual that is seen; yields what was written.

    Raises `HcutalError` where a file cannot be read, or a table of that name is there.
    """
    for path in files:
        poses = read_poses(path)
        for number, count in enumerate(poses.seen()):
            if count:
                target = out / f"{path.stem}_{poses.individuals[number] or number}.csv"
                if target.exists():
                    raise HcutalError(f"{target}: exists already; expected another folder, or remove it")
                _write(target, poses.only(number))
                yield f"{target}: {len(poses.places)} frames, {count} places of {len(poses.parts)} parts"


def _write(target: Path, poses: TrackedPoses) -> None:
    kinds = [*AXES[: poses.places.shape[3]], LIKELIHOOD]
    values = np.concatenate([poses.places[:, 0], poses.likelihood[:, 0, :, None]], axis=2)
    columns = [(part, kind) for part in poses.parts for kind in kinds]
    with atomic_path(target) as temporary, temporary.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["scorer", *[SCORER] * len(columns)])
        rows.writerow(["bodyparts", *(part for part, _ in columns)])
        rows.writerow(["coords", *(kind for _, kind in columns)])
        for number, row in enumerate(values.reshape(len(values), -1).tolist()):
            rows.writerow([number, *("" if np.isnan(value) else repr(value) for value in row)])
