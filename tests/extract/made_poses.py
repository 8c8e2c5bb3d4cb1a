"""Files of poses in the form of each tool, for the tests: two animals of three parts."""

import json
from pathlib import Path

import h5py
import numpy as np

RNG = np.random.default_rng(0)
# Two animals of three parts in forty frames; the first is hidden for ten of them.
BODY = np.array([[20, 0], [0, 20], [0, 0]])
PLACES = 50 + BODY + RNG.normal(size=(40, 2, 3, 2)).cumsum(axis=0) + np.array([0, 200])[:, None, None]
PLACES[10:20, 0] = np.nan
LIKELY = RNG.uniform(0.7, 1, size=(40, 2, 3))
# The names of three columns, as PyTables keeps a list of tuples: pickle's protocol 0.
NAMES = b"(lp0\n(Vd\nVnose\nVx\ntp1\na(Vd\nVnose\nVy\ntp2\na(Vd\nVnose\nVlikelihood\ntp3\na."
WHO, PARTS = ["ann", "bob"], ["nose", "ear", "tail"]


def write_csv(path: Path, places: np.ndarray = PLACES, likely: np.ndarray = LIKELY) -> Path:
    """DeepLabCut's table of two individuals."""
    names = [(who, part, kind) for who in WHO for part in PARTS for kind in ("x", "y", "likelihood")]
    head = ["scorer" + ",d" * 18]
    head += [
        ",".join([kind, *(name[at] for name in names)])
        for at, kind in enumerate(("individuals", "bodyparts", "coords"))
    ]
    rows = np.concatenate([places, likely[..., None]], axis=3).reshape(len(places), -1)
    lines = [
        ",".join([str(at), *("" if np.isnan(v) else str(v) for v in row)]) for at, row in enumerate(rows)
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(head + lines) + "\n")
    return path


def write_pandas_table(path: Path, names: bytes) -> Path:
    """The part of pandas' form `table` that is read: names of columns in an attribute, pickled, and rows."""
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_(b"frame_table")
        rows = np.zeros(4, dtype=[("index", "i8"), ("values_block_0", "f8", (3,))])
        rows["index"], rows["values_block_0"] = (
            np.arange(4),
            [[1, 2, 0.9], [3, 4, 0.9], [5, 6, 0.9], [7, 8, 0.1]],
        )
        table = group.create_dataset("table", data=rows)
        table.attrs["values_block_0_kind"] = np.bytes_(names)
    return path


def write_analysis(path: Path, order: str = "track xy node frame", says: bool = True) -> Path:
    axes = ["frame", "track", "node", "xy"]
    wanted = order.split()
    with h5py.File(path, "w") as file:
        tracks = file.create_dataset("tracks", data=PLACES.transpose([axes.index(name) for name in wanted]))
        rest = [name for name in wanted if name != "xy"]
        file["point_scores"] = LIKELY.transpose([axes.index(name) for name in rest])
        file["node_names"], file["track_names"] = np.array(PARTS, "S"), np.array(WHO, "S")
        if says:
            tracks.attrs["dims"] = json.dumps(wanted)
    return path


def write_slp(path: Path, format_id: float = 1.3, films: int = 1) -> Path:
    """The tables of a project that are read: two frames, the second of them the fourth of the film."""
    fields = [
        "instance_id",
        "instance_type",
        "skeleton",
        "track",
        "from_predicted",
        "point_id_start",
        "point_id_end",
    ]
    with h5py.File(path, "w") as file:
        frames = np.array(
            [(0, 0, 0, 1), (films - 1, 3, 1, 2)],
            dtype=[(name, "u8") for name in ("video", "frame_idx", "instance_id_start", "instance_id_end")],
        )
        instances = np.array(
            [(0, 1, 0, 0, -1, 0, 2), (1, 0, 0, 0, -1, 0, 2)], dtype=[(name, "i8") for name in fields]
        )
        point = [("x", "f8"), ("y", "f8"), ("visible", "?"), ("complete", "?")]
        file["frames"], file["instances"] = frames, instances
        file["points"] = np.array([(5, 6, True, True), (0, 0, False, True)], dtype=point)
        file["pred_points"] = np.array(
            [(1, 2, True, False, 0.9), (3, 4, True, False, 0.2)], dtype=[*point, ("score", "f8")]
        )
        file["tracks_json"] = np.array([b'[0,"ann"]'])
        about = file.create_group("metadata").attrs
        about["format_id"] = format_id
        about["json"] = json.dumps(
            {"nodes": [{"name": "tail"}, {"name": "nose"}], "skeletons": [{"nodes": [{"id": 1}, {"id": 0}]}]}
        )
    return path


def there(at: int) -> list[np.ndarray]:
    """Who is in a frame, the one more often first or last, as tools without tracks have it."""
    found = [PLACES[at, who] for who in range(2) if np.isfinite(PLACES[at, who]).any()]
    return found if at % 2 else found[::-1]


def write_mmpose(path: Path) -> Path:
    """A list of frames of people without tracks."""
    frames = [
        {
            "frame_id": at + 1,
            "instances": [{"keypoints": one.tolist(), "keypoint_scores": [0.9] * 3} for one in there(at)],
        }
        for at in range(len(PLACES))
    ]
    path.write_text(json.dumps(frames))
    return path
