"""Files of poses, by their ends and by what is in them."""

from pathlib import Path

from hcutal.data.array_files import open_hdf5
from hcutal.errors import HcutalError
from hcutal.extract.poses.deeplabcut import is_deeplabcut, read_deeplabcut_csv, read_deeplabcut_h5
from hcutal.extract.poses.people import read_openpose, read_people_json
from hcutal.extract.poses.sleap import is_analysis, is_project, read_analysis, read_project
from hcutal.extract.poses.tracked import TrackedPoses

HDF5 = (".h5", ".hdf5", ".slp")
KINDS = (
    (is_analysis, read_analysis),
    (is_project, read_project),
    (is_deeplabcut, read_deeplabcut_h5),
)


def read_poses(path: Path) -> TrackedPoses:
    """The poses in a file, or in a folder of OpenPose; `HcutalError` says what is wrong with it."""
    if path.is_dir():
        return read_openpose(path)
    suffix = path.suffix.lower()
    if suffix in HDF5:
        return _read_hdf5(path)
    return read_people_json(path) if suffix == ".json" else read_deeplabcut_csv(path)


def _read_hdf5(path: Path) -> TrackedPoses:
    with open_hdf5(path, "poses") as file:
        reader = next((read for is_kind, read in KINDS if is_kind(file)), None)
        if reader is None:
            raise HcutalError(
                f"{path}: holds {', '.join(list(file)[:6]) or 'nothing'}; expected DeepLabCut's table, or SLEAP's "
                "analysis file or project"
            )
        return reader(path, file)
