"""Which recordings a folder of features is about: its lists, its annotations, and how their names meet the arrays'.

Lists and annotations of ActivityNet are found with and without "v_" before the names; the arrays' names count.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hcutal.data import thumos14
from hcutal.data.activitynet import PREFIX, named_alike
from hcutal.data.annotation_check import check_truth, parse_annotations, with_roles
from hcutal.data.annotation_records import MALFORMED, WRONG
from hcutal.data.annotations import Annotations, roles_of
from hcutal.data.ground_truth import UNKNOWN, GroundTruth
from hcutal.data.meeting import Meeting
from hcutal.data.problems import ERROR, NOTE, WARNING, Findings
from hcutal.data.split_list import read_names_in, read_split
from hcutal.datasets.feature_files import SUBSETS
from hcutal.errors import HcutalError
from hcutal.params.imported import ImportedPrepare

LEAVE_OUT = "leave_out"


@dataclass(frozen=True)
class KnownVideos:
    """roles: the subset of each recording, by name; annotations: of these; None where there are none at all."""

    roles: dict[str, str]
    annotations: Annotations | None


@dataclass(frozen=True)
class ListedVideos:
    """What lists and annotations say: the lists by subset, None where there is neither; the annotations."""

    splits: dict[str, list[str]] | None
    truth: GroundTruth | None

    def names(self) -> set[str]:
        """All recordings that either names, with and without "v_"."""
        said = {video for videos in (self.splits or {}).values() for video in videos}
        if self.truth is not None:
            said |= set(self.truth.videos["video"])
        return said | {PREFIX + name for name in said} | {name.removeprefix(PREFIX) for name in said}

    def called_like(self, recorded: Collection[str], found: Findings) -> "ListedVideos":
        """The same with the names of the arrays, where "v_" is all that they differ in."""
        splits, truth = self.splits, self.truth
        listed = list(dict.fromkeys(video for videos in (splits or {}).values() for video in videos))
        known = set(recorded or listed)
        if splits is not None:
            both = named_alike(listed, known)
            splits = {subset: [both[name] for name in names] for subset, names in splits.items()}
        if truth is not None:
            names = named_alike(list(truth.videos["video"]), known)
            changed = [name for name, other in names.items() if other != name and other in known]
            truth = truth.called(names)
            text = f"annotated videos are called with or without {PREFIX!r} elsewhere, which is taken for the same"
            found.add_each(NOTE, "prefix", changed, text, "none is needed")
        return ListedVideos(splits, truth)


def read_listed(source: Path, params: ImportedPrepare, found: Findings, complete: bool) -> ListedVideos:
    """Read lists and annotations; complete: whether there must be annotations."""
    return ListedVideos(_splits(source, found), _truth(source, params, found, complete))


def know_videos(
    listed: ListedVideos, recorded: Collection[str], params: ImportedPrepare, source: Path, found: Findings
) -> KnownVideos:
    """The recordings that count, and their annotations; all that is wrong with them is added to `found`.

    Args:
        listed: what `read_listed` has found.
        recorded: names of the arrays.
        params: which videos are left out.
        source: the folder, where the list of blocked videos is looked for.
        found: gets what was found.
    """
    listed = listed.called_like(recorded, found)
    truth = listed.truth
    roles = _roles(listed, params, found)
    roles = _without_blocked(roles, source, params, found)
    if params.test_videos is not None:
        roles = _of_list(roles, params.test_videos, truth, found)
    if params.missing == LEAVE_OUT and recorded:
        without = sorted(roles.keys() - set(recorded))
        roles = {video: role for video, role in roles.items() if video not in set(without)}
        text = f"of {len(roles) + len(without)} recordings have no features and are left out"
        found.add_each(
            WARNING, "left-out", without, text, "say so with every number; others have other lists"
        )
    if truth is None:
        return KnownVideos(roles, None)
    kept = truth.among(roles)
    check_truth(kept, found)
    wrong = [flaw for flaw in truth.flaws if flaw.kind in (MALFORMED, *WRONG)]
    others = [flaw.message for flaw in wrong if flaw.video not in roles]
    found.add_each(
        NOTE, "other-records", others, "records are wrong, of videos that do not count", "none is needed"
    )
    annotations = with_roles(kept)
    videos = annotations.videos
    return KnownVideos(
        roles, Annotations(videos.assign(subset=videos["video"].map(roles)), annotations.instances)
    )


def _splits(source: Path, found: Findings) -> dict[str, list[str]] | None:
    """The lists; None where there is neither."""
    paths = {subset: source / f"split_{subset}.txt" for subset in SUBSETS}
    if not any(path.exists() for path in paths.values()):
        return None
    splits = {}
    for subset, path in paths.items():
        try:
            splits[subset] = read_split(path)
        except HcutalError as error:
            splits[subset] = []
            found.add(ERROR, "split", str(error), "write each name once, one a line, in UTF-8")
    both = sorted(set(splits["train"]) & set(splits["test"]))
    found.add_each(
        ERROR, "in-both-splits", both, "videos stand in both splits", "take each out of one of them"
    )
    return splits


def _truth(source: Path, params: ImportedPrepare, found: Findings, complete: bool) -> GroundTruth | None:
    path = source / params.ground_truth
    if path.exists():
        return parse_annotations(path, found, source / params.subsets if params.subsets else None)
    others = [other.name for other in sorted(source.glob("*.json"))]
    remedy = (
        f"rename {others[0]} to {path.name}, or --annotations {others[0]}"
        if len(others) == 1
        else f"put the annotations there as {path.name}, or name them: --annotations FILE"
    )
    text = f"{path}: no such file; names and times cannot be checked"
    found.add(ERROR if complete else WARNING, "no-annotations", text, f"{remedy}; hcutal import needs them")
    return None


def _roles(listed: ListedVideos, params: ImportedPrepare, found: Findings) -> dict[str, str]:
    """The subset of each recording: of the lists, else of the annotations."""
    splits, truth = listed.splits, listed.truth
    if splits is None:
        return {} if truth is None else _annotated_roles(truth, found)
    roles = {video: subset for subset in SUBSETS for video in splits[subset]}
    if truth is not None:
        meeting = Meeting.of(roles, truth.videos["video"])
        found.summary["names"] = meeting.counts("listed", "annotated")
        if meeting.first:
            name = Path(params.ground_truth).name
            message = f"{name}: {len(meeting.first)} videos of the splits are missing"
            remedy = spelling(meeting.first, meeting.second)
            found.add(ERROR, "not-annotated", message, remedy, meeting.first)
        # Of a list that cannot be read, nobody knows who is in it.
        if not found.has("split"):
            text = "annotated videos are in no split"
            found.add_each(NOTE, "in-no-split", meeting.second, text, "none is needed if on purpose")
    return roles


def _annotated_roles(truth: GroundTruth, found: Findings) -> dict[str, str]:
    """ActivityNet's test videos have no public instances: they are in no split where others are to be tested."""
    of = dict(zip(truth.videos["video"], truth.videos["subset"], strict=True))
    annotated = set(truth.instances["video"].map(of))
    subsets = set(of.values())
    roles = roles_of(subsets)
    if {"train", "validation"} <= subsets and "test" not in annotated:
        held_back = [video for video, subset in of.items() if subset == "test"]
        text = (
            "test videos have no public instances and are left out: those of the subset validation are tested"
        )
        found.add_each(NOTE, "held-back", held_back, text, "none is needed")
        del roles["test"]
    # A video whose subset cannot be read may be one that counts.
    unknown = {video for video, subset in of.items() if subset == UNKNOWN}
    places = [flaw.message for flaw in truth.flaws if flaw.video in unknown and flaw.kind == MALFORMED]
    found.add_each(
        ERROR, "no-subset", places, "videos are of no subset", "write its subset, or make split lists"
    )
    return {video: roles[subset] for video, subset in of.items() if subset in roles}


def _without_blocked(
    roles: dict[str, str], source: Path, params: ImportedPrepare, found: Findings
) -> dict[str, str]:
    if params.blocked is None:
        return roles
    path = source / params.blocked
    try:
        names = read_names_in(path)
    except HcutalError as error:
        found.add(
            ERROR, "blocked", str(error), "write the names of the videos, one a line, or a list in JSON"
        )
        return roles
    blocked = set(named_alike(names, roles).values())
    gone = sorted(blocked & roles.keys())
    text = f"recordings are left out, as {path.name} says"
    found.add_each(NOTE, "blocked", gone, text, "none is needed")
    if not gone:
        text = f"{path.name}: none of its {len(names)} names is a recording of the splits"
        found.add(WARNING, "blocked", text, "write their names alike")
    return {video: role for video, role in roles.items() if video not in blocked}


def _of_list(roles: dict[str, str], name: str, truth: GroundTruth | None, found: Findings) -> dict[str, str]:
    """Of the test videos those of a list of THUMOS'14."""
    tests = [video for video, role in roles.items() if role == "test"]
    if not thumos14.is_thumos14(roles):
        text = f"test_videos {name} is a list of THUMOS'14; these are other recordings"
        found.add(ERROR, "test-videos", text, "leave --test-videos out")
        return roles
    wanted = thumos14.test_videos(name)
    left_out = sorted(set(tests) - wanted)
    absent = sorted(wanted - set(tests))
    text = f"test videos are left out: they are not among the {name}"
    found.add_each(NOTE, "test-videos", left_out, text, "none is needed")
    found.add_each(
        WARNING,
        "test-videos",
        absent,
        f"of the {name} test videos are in no split",
        "add them to split_test.txt, or name another list",
    )
    return {video: role for video, role in roles.items() if video not in set(left_out)}


def spelling(missing: Collection[str], others: Collection[str]) -> str:
    """What names that do not meet differ in, where that can be told."""

    def bare(name: str) -> str:
        is_file = name.lower().endswith((".mp4", ".avi", ".mkv", ".npy", ".webm"))
        stem = name.rsplit(".", 1)[0] if is_file else name
        return stem.removeprefix(PREFIX).casefold()

    forms: Mapping[str, str] = {bare(name): name for name in others}
    pairs = [(name, forms[bare(name)]) for name in sorted(missing) if bare(name) in forms]
    if pairs:
        return f"write names in one way: {pairs[0][0]} is called {pairs[0][1]!r} elsewhere"
    return "add them, or take them out of the lists: --blocked FILE, or --missing leave_out"
