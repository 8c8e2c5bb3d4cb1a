"""Parameters of the map stage."""

from typing import Literal

from pydantic import Field

from hcutal.params.section import Section


class MapParams(Section):
    """How clusters get the names of classes (paper 3.2.1) and how they are scored."""

    # A class is kept from this share of the count of the cluster's most frequent class on; paper: 1/2.
    fraction: float = Field(0.5, gt=0, le=1)
    # Which of its labels a video counts for in the main ARI and NMI; the other readings are reported beside.
    reading: Literal["first", "set", "single"] = "first"
    # Filled in from labels/<experiment>.csv: names that people gave to clusters, and to those of which training.
    names: dict[str, str] = Field({})
    named_training: str | None = None
