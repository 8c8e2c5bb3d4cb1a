"""What the parameters of every kind of data set have in common."""

from typing import ClassVar

from hcutal.params.section import Section


class KindParams(Section):
    """The parameters of one kind of data set: its part of the sections `prepare` and `features`.

    Attributes:
        has_source: whether a data set of this kind names the folder of its raw data (`source`).
        extracts: whether an extractor that is named in the parameters makes its features.
    """

    has_source: ClassVar[bool] = False
    extracts: ClassVar[bool] = False

    prepare: Section
    features: Section
