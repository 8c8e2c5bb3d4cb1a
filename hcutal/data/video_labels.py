"""Video-level labels as `prepare` writes them: a list of labels for each recording."""

from pathlib import Path

from hcutal.errors import HcutalError


def checked_labels(path: Path, found: object) -> dict[str, list[str]]:
    """The labels of each recording that a JSON file holds.

    Args:
        path: of the file, for messages.
        found: what it holds, or the part of it that should be the labels.

    Raises:
        HcutalError: when that is not an object with a list of strings for each recording.
    """
    if not isinstance(found, dict):
        raise HcutalError(
            f"{path}: found {type(found).__name__}, expected an object with a list of labels a recording"
        )
    for video, labels in found.items():
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            kinds = type(labels).__name__ if not isinstance(labels, list) else "a list of other values"
            raise HcutalError(f"{path}: labels of {video}: found {kinds}; expected a list of strings")
    return found
