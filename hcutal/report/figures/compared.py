"""What a figure of variants is given, and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from hcutal.data.annotations import Annotations
from hcutal.errors import HcutalError
from hcutal.report.figures.asked_for import check_label, check_recordings
from hcutal.report.run_outputs import RunOutputs

# The variant whose results decide which recordings are shown.
JUDGED = "full"


class NothingToDrawError(HcutalError):
    """A figure cannot be made of what a data set has; others can."""


@dataclass(frozen=True, eq=False)
class ComparedRuns:
    """The runs that a figure compares, one of each variant, with the same seed where they have one in common.

    Attributes:
        runs: what the stages of each wrote, by variant, in the order of the panels.
        recordings: those that were asked for; empty: chosen by rule.
        label: the class that was asked for; None: chosen by rule.
    """

    runs: Mapping[str, RunOutputs]
    recordings: Sequence[str] = ()
    label: str | None = None

    @property
    def judged(self) -> RunOutputs:
        """The run whose results decide which recordings are shown."""
        return self.runs[JUDGED]

    @property
    def truth(self) -> Annotations:
        """The annotated test recordings; `NothingToDrawError` where there are none."""
        if self.judged.truth is None:
            raise NothingToDrawError(
                f"data set {self.judged.dataset}: no test recording is annotated; expected some"
            )
        return self.judged.truth

    @property
    def instances(self) -> pd.DataFrame:
        """The annotated instances of the test recordings: columns video, start, end (seconds), label."""
        return self.truth.instances

    def checked_label(self) -> str | None:
        """The class that was asked for; `HcutalError` where no test recording has it."""
        if self.label is not None:
            check_label(self.label, self.truth)
        return self.label

    def checked_recordings(self) -> list[str]:
        """The recordings that were asked for; `HcutalError` where one is no annotated test recording."""
        check_recordings(self.recordings, self.truth)
        return list(self.recordings)


@dataclass(frozen=True)
class DrawnFigure:
    """A figure with what is said of it.

    Attributes:
        alt: what stands in its place for those who do not see it.
        caption: what is shown, and how to read it.
        choice: what was chosen to be shown, and by which rule.
    """

    figure: Figure
    alt: str
    caption: str
    choice: str
