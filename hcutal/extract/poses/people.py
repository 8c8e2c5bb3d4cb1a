"""JSON of tools that find people frame by frame: OpenPose (a folder of files), MMPose, MediaPipe's landmarks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hcutal.errors import HcutalError
from hcutal.extract.find import numbered_files
from hcutal.extract.poses.linking import Person, by_identity, linked
from hcutal.extract.poses.tracked import Array, TrackedPoses, check_frames, numbered
from hcutal.files import read_json

OPENPOSE_END = "_keypoints.json"
BODY = "pose_keypoints_2d"
LANDMARKS = ("pose_landmarks", "landmarks", "landmark")
EXPECTED = (
    'expected MMPose\'s list of frames (or {"instance_info": ...}) with "instances" of "keypoints", or a list of '
    'frames with MediaPipe\'s "pose_landmarks"; OpenPose writes a folder of *_keypoints.json'
)


def read_openpose(folder: Path) -> TrackedPoses:
    """Poses of a folder of numbered files, one a frame, from the first number on; a place of likelihood 0 is none."""
    files = numbered_files(folder, [OPENPOSE_END])
    if not files:
        raise HcutalError(f"{folder}: no numbered files *{OPENPOSE_END}; expected one a frame")
    people = [[_of_openpose(file, one) for one in _people(file)] for file in files]
    return _tracked(folder, "OpenPose's folder", people, [])


def _people(file: Path) -> list[Any]:
    content = read_json(file)
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise HcutalError(f"{file}: no list of people; expected OpenPose's JSON of a frame")
    return people


def _of_openpose(file: Path, one: Any) -> Person:
    values = _numbers(file, one.get(BODY) if isinstance(one, dict) else None)
    if values.ndim != 1 or len(values) % 3 or not len(values):
        raise HcutalError(
            f"{file}: {BODY} holds {len(values)} numbers; expected x, y and a likelihood for each part"
        )
    rows = values.reshape(-1, 3)
    places = np.where(rows[:, 2:] > 0, rows[:, :2], np.nan)
    identity = _numbers(file, one.get("person_id", [-1])).ravel()
    return Person(places, rows[:, 2], int(identity[0]) if len(identity) else -1)


def read_people_json(path: Path) -> TrackedPoses:
    """Poses of a file of MMPose or of MediaPipe's landmarks; `HcutalError` says what was found in another."""
    content = read_json(path)
    frames, names = content, []
    if isinstance(content, dict) and "instance_info" in content:
        frames, names = content["instance_info"], _names(content.get("meta_info"))
    if not isinstance(frames, list) or not frames:
        keys = f"keys {', '.join(list(content)[:5])}" if isinstance(content, dict) else type(content).__name__
        raise HcutalError(f"{path}: found {keys}; {EXPECTED}")
    if all(isinstance(frame, dict) and "instances" in frame for frame in frames):
        people = [[_of_mmpose(path, one) for one in frame["instances"]] for frame in _placed(path, frames)]
        return _tracked(path, "MMPose's JSON", people, names)
    people = [[_of_landmarks(path, one) for one in _landmarks(path, frame)] for frame in frames]
    return _tracked(path, "MediaPipe's landmarks", people, names)


def _placed(path: Path, frames: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The frames by their numbers, from the first one's on; those that are left out hold nobody."""
    if all("frame_id" not in frame for frame in frames):
        return list(frames)
    ids = [frame["frame_id"] for frame in frames if isinstance(frame.get("frame_id"), int)]
    if len(ids) != len(frames) or sorted(set(ids)) != ids:
        raise HcutalError(f"{path}: frame_id does not rise in whole numbers; expected the frames of one film")
    found: list[Mapping[str, Any]] = [{"instances": []}] * check_frames(path, ids[-1] - ids[0])
    for number, frame in zip(ids, frames, strict=True):
        found[number - ids[0]] = frame
    return found


def _of_mmpose(path: Path, one: Any) -> Person:
    if not isinstance(one, dict) or "keypoints" not in one:
        raise HcutalError(f"{path}: an instance without keypoints; {EXPECTED}")
    places = _numbers(path, one["keypoints"])
    if places.ndim != 2 or places.shape[1] not in (2, 3):
        raise HcutalError(f"{path}: keypoints {list(places.shape)}; expected a list of [x, y] or [x, y, z]")
    scores = _numbers(path, one.get("keypoint_scores", [np.nan] * len(places)))
    if scores.shape != (len(places),):
        raise HcutalError(
            f"{path}: {scores.shape} keypoint_scores of {len(places)} keypoints; expected one each"
        )
    identity = one.get("track_id", -1)
    return Person(places, scores, identity if isinstance(identity, int) else -1)


def _landmarks(path: Path, frame: Any) -> list[Any]:
    """The lists of landmarks of each person in a frame."""
    if isinstance(frame, dict):
        key = next((key for key in LANDMARKS if key in frame), None)
        if key is None:
            raise HcutalError(f"{path}: a frame of {', '.join(list(frame)[:5]) or 'nothing'}; {EXPECTED}")
        return _landmarks(path, frame[key])
    if frame is None:
        return []
    if not isinstance(frame, list):
        raise HcutalError(f"{path}: a frame is {type(frame).__name__}; {EXPECTED}")
    is_one = bool(frame) and isinstance(frame[0], dict) and "x" in frame[0]
    return (
        [frame]
        if is_one
        else [one["landmark"] if isinstance(one, dict) and "landmark" in one else one for one in frame]
    )


def _of_landmarks(path: Path, one: Any) -> Person:
    if not isinstance(one, list) or not all(
        isinstance(point, dict) and {"x", "y"} <= point.keys() for point in one
    ):
        raise HcutalError(f"{path}: landmarks are no list of {{x, y}}; {EXPECTED}")
    axes = "xyz" if all("z" in point for point in one) else "xy"
    places = _numbers(path, [[point[axis] for axis in axes] for point in one])
    return Person(places, _numbers(path, [point.get("visibility", np.nan) for point in one]))


def _names(about: Any) -> list[str]:
    """The names of the parts that MMPose states, by their numbers."""
    known = about.get("keypoint_id2name") if isinstance(about, dict) else None
    if not isinstance(known, dict):
        return []
    return [str(known[number]) for number in numbered(len(known)) if number in known]


def _tracked(path: Path, form: str, people: list[list[Person]], names: Sequence[str]) -> TrackedPoses:
    """Poses of people by the numbers that the tool gave them all, else linked; who has no place is left out."""
    seen = [[person for person in each if np.isfinite(person.places).any()] for each in people]
    first = next((person for each in seen for person in each), None)
    count = 0 if first is None else len(first.places)
    parts = names if len(names) == count else numbered(count)
    known = sorted({person.identity for each in seen for person in each})
    if known and known[0] < 0:
        return linked(path, f"{form}, people linked from frame to frame", seen, parts)
    numbers = [[known.index(person.identity) for person in each] for each in seen]
    return by_identity(path, form, seen, numbers, list(map(str, known)), parts)


def _numbers(path: Path, values: Any) -> Array:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise HcutalError(f"{path}: {str(values)[:60]!r} where numbers were expected") from None
