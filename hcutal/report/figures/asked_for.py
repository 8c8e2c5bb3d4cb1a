"""The recordings and the class that a person asked figures to show: whether the data set has them."""

from collections.abc import Sequence

from hcutal.data.annotations import Annotations
from hcutal.errors import HcutalError
from hcutal.report.figures.shown_recordings import recordings_with


def check_label(label: str, truth: Annotations) -> None:
    """Raise `HcutalError` where no test recording has the class."""
    if label not in truth.classes:
        raise HcutalError(f"--class: found {label!r}; expected one of {', '.join(truth.classes)}")


def check_recordings(names: Sequence[str], truth: Annotations) -> None:
    """Raise `HcutalError` where one is no annotated test recording."""
    known = set(truth.instances["video"])
    for name in names:
        if name not in known:
            raise HcutalError(
                f"--recordings: found {name!r}; expected an annotated test recording, such as {min(known)}"
            )


def those_with(names: Sequence[str], label: str, truth: Annotations) -> list[str]:
    """Those of some recordings that have the class; `HcutalError` where none has."""
    having = recordings_with(truth.instances, label)
    chosen = [name for name in names if name in having]
    if not chosen:
        raise HcutalError(
            f"--recordings: none has an instance of {label}; expected one of {', '.join(having)}"
        )
    return chosen
