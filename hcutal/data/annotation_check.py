"""Everything that is wrong or doubtful in a file of annotations, in one pass."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from hcutal.data.annotation_records import (
    BEYOND,
    DUPLICATE,
    MALFORMED,
    NEGATIVE,
    NO_LENGTH,
    REVERSED,
    UNKNOWN_LABEL,
)
from hcutal.data.annotations import Annotations, roles_of
from hcutal.data.ground_truth import GroundTruth, parse_ground_truth
from hcutal.data.meeting import plain
from hcutal.data.problems import ERROR, NOTE, WARNING, Findings, spread
from hcutal.errors import HcutalError

FORM = 'expected {"database": {video: {"subset", "duration", "annotations": [{"segment": [start, end], "label"}]}}}'
# The share of a recording that counts as all of it.
WHOLE = 0.99
# From so many classes on, on average, a recording does not show one action.
SEVERAL = 1.5
# The gravity, the short name and the remedy of each flaw of a record.
FLAWS = {
    MALFORMED: (ERROR, "malformed", "write the record as the others, or take it out"),
    NEGATIVE: (ERROR, "negative-start", "mend the start, or take the record out"),
    REVERSED: (ERROR, "reversed", "exchange start and end, or take the record out"),
    BEYOND: (ERROR, "beyond-duration", "mend the end or the duration, whichever is wrong"),
    UNKNOWN_LABEL: (ERROR, "unknown-label", "name the label as the list of labels has it"),
    DUPLICATE: (WARNING, "duplicate-instance", "take the second record out"),
    NO_LENGTH: (WARNING, "no-length", "mend the record; training leaves it out"),
}


def check_annotations(
    path: Path, subsets: Path | None = None, wanted: Collection[str] | None = None
) -> tuple[GroundTruth | None, Findings]:
    """Read annotations in full; None where they cannot be read. `subsets`: as in `read_ground_truth`.

    wanted: names of the videos whose records are checked, None for all.
    """
    found = Findings()
    truth = parse_annotations(path, found, subsets)
    if truth is not None:
        check_truth(truth if wanted is None else truth.among({*map(plain, wanted)}), found)
    return truth, found


def parse_annotations(path: Path, found: Findings, subsets: Path | None = None) -> GroundTruth | None:
    """`parse_ground_truth`; where it cannot read the file, the error is added to `found`."""
    try:
        return parse_ground_truth(path, subsets)
    except HcutalError as error:
        found.add(ERROR, "annotations", str(error), FORM)
        return None


def check_truth(truth: GroundTruth, found: Findings) -> None:
    """Add to `found` all that is wrong or doubtful in annotations that could be read."""
    _check_records(truth, found)
    _check_whole(truth, found)
    _check_labels(truth, found)
    _check_subsets(truth, found)
    unknown = truth.videos["duration"].isna()
    if unknown.any():
        text = f"{truth.path.name}: {unknown.sum()} of {len(unknown)} recordings have no duration to check times by"
        found.add(NOTE, "no-durations", text, 'add "duration" in seconds, or name the recordings as well')
    # In another unit, what stands beyond the ends is no instance.
    empty = [] if truth.unit.is_doubtful else sorted({*truth.videos["video"]} - {*truth.instances["video"]})
    found.add_each(
        NOTE, "no-instances", empty, "recordings have no instance", "none is needed if nothing happens there"
    )
    _check_classes(truth, found)
    length = truth.instances["end"] - truth.instances["start"]
    found.summary |= {
        "annotated recordings": len(truth.videos),
        "classes": int(truth.instances["label"].nunique()),
        "instances": len(truth.instances),
        "seconds of an instance": spread(length.tolist()),
    }


def with_roles(truth: GroundTruth) -> Annotations:
    """The annotations with the subsets that training and testing know, as `read_annotations` gives them."""
    roles = roles_of(set(truth.videos["subset"]))
    kept = truth.instances[truth.instances["end"] > truth.instances["start"]].reset_index(drop=True)
    return Annotations(truth.videos.assign(subset=truth.videos["subset"].map(roles)), kept)


def alike(names: Iterable[str]) -> list[str]:
    """Names that differ in capitals, blanks and signs alone, those of one group in a string."""
    groups = defaultdict(list)
    for name in sorted(set(names)):
        groups["".join(filter(str.isalnum, name.casefold()))].append(name)
    return [" = ".join(group) for group in groups.values() if len(group) > 1]


def _check_records(truth: GroundTruth, found: Findings) -> None:
    if truth.unit.is_doubtful:
        found.add(ERROR, "unit", f"{truth.path.name}: {truth.unit.text('annotations')}", truth.unit.remedy())
    for kind, (gravity, name, remedy) in FLAWS.items():
        if kind == BEYOND and truth.unit.is_doubtful:
            continue
        places = [flaw.message.removeprefix(f"{truth.path}: ") for flaw in truth.flaws if flaw.kind == kind]
        found.add_each(gravity, name, places, f"instances: {kind}", remedy)
    if len(truth.ambiguous):
        text = f"{len(truth.ambiguous)} segments are ambiguous and no instances of a class"
        found.add(NOTE, "ambiguous", text, "none is needed; hcutal evaluate --skip-ambiguous spares them")


def _check_whole(truth: GroundTruth, found: Findings) -> None:
    """Instances that last as long as their recordings: labels of videos that somebody wrote as segments?"""
    duration = truth.instances["video"].map(truth.videos.set_index("video")["duration"])
    is_whole = (truth.instances["end"] - truth.instances["start"]) >= WHOLE * duration
    found.add_each(
        NOTE,
        "whole-recording",
        sorted(truth.instances.loc[is_whole, "video"].unique()),
        "recordings have an instance of their whole length",
        "never train or score on placeholders for labels of whole videos",
    )


def _check_labels(truth: GroundTruth, found: Findings) -> None:
    found.add_each(
        WARNING,
        "labels-alike",
        alike(truth.instances["label"]),
        "groups of labels differ in capitals, blanks or signs alone",
        "write each class in one way",
    )


def _check_classes(truth: GroundTruth, found: Findings) -> None:
    """Recordings of several classes, where clusters are of whole recordings if nobody says otherwise."""
    classes = truth.instances.groupby("video")["label"].nunique().mean()
    if classes >= SEVERAL:
        found.add(
            NOTE,
            "several-classes",
            f"recordings show {classes:.1f} classes on average, and clustering takes a recording for one",
            "train on pieces of them: hcutal new --pieces 4, or train: {pieces: {seconds: 4}} in the experiment",
        )


def _check_subsets(truth: GroundTruth, found: Findings) -> None:
    roles = pd.Series(
        truth.videos["subset"].map(roles_of(set(truth.videos["subset"]))).to_numpy(), truth.videos["video"]
    )
    of = truth.instances["video"].map(roles)
    labels = {role: set(truth.instances.loc[of == role, "label"]) for role in ("train", "test")}
    if labels["train"] and labels["test"] and not (of == "both").any():
        for role, other in (("train", "test"), ("test", "train")):
            found.add_each(
                WARNING,
                f"class-only-in-{role}",
                sorted(labels[role] - labels[other]),
                f"classes occur in the subset {role} alone",
                "check subsets and labels",
            )
