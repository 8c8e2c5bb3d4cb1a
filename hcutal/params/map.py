"""Parameters of the map stage."""

from typing import Literal

from hcutal.params.section import Section, param

FILLED = "is filled in from labels/<run>.csv (hcutal names <run>); leave it out"


class MapParams(Section):
    """How clusters get the names of classes (§ 3.2.1 of the paper) and how they are scored."""

    fraction: float = param(
        0.5,
        "classes with at least this share of the count of a cluster's most frequent one",
        "Higher values give a cluster fewer names.",
        source="§ 3.2.1",
        gt=0,
        le=1,
    )
    reading: Literal["first", "set", "single"] = param(
        "first",
        "which of its labels a recording counts for in ARI and NMI",
        "first: the first by alphabet. set: each set of labels is a class of its own. single: recordings with several "
        "labels are left out. The other readings are reported beside.",
        source="code",
    )
    names: dict[str, str] = param({}, "names that people gave to clusters", source="labels/", filled=FILLED)
    named_training: str | None = param(
        None, "the training whose clusters have these names", source="labels/", filled=FILLED
    )
