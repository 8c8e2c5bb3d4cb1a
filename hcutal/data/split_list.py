"""Lists of recordings, a name a line: splits."""

from collections import Counter
from pathlib import Path

from hcutal.data.meeting import plain
from hcutal.data.problems import some
from hcutal.data.unique_json import read_unique_json
from hcutal.errors import HcutalError


def read_names_in(path: Path) -> list[str]:
    """The plain names in a text file, one a line, or in a JSON list or the keys of a JSON object, each once."""
    if path.suffix.lower() != ".json":
        return read_split(path)
    names = read_unique_json(path)
    if not isinstance(names, list | dict) or not names or not all(isinstance(name, str) for name in names):
        raise HcutalError(f"{path}: is no list of names; expected [name, ...] or an object by name")
    return list(dict.fromkeys(map(plain, names)))


def read_split(path: Path) -> list[str]:
    """The plain names in a text file, in its order; `HcutalError` where it holds none, or one twice."""
    try:
        videos = [plain(line) for line in path.read_text(encoding="utf-8-sig").splitlines() if plain(line)]
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror}); expected a video a line") from None
    except UnicodeDecodeError as error:
        raise HcutalError(f"{path}: not UTF-8 text ({error}); expected a video a line") from None
    twice = sorted(video for video, count in Counter(videos).items() if count > 1)
    if twice or not videos:
        found = f"{some(twice, 5)} twice" if twice else "no video"
        raise HcutalError(f"{path}: found {found}; expected each video once")
    return videos
