"""Parameters of the kind `watch`: real smart-watch recordings."""

from typing import Annotated

from pydantic import AfterValidator, Field

from hcutal.params.extractors import WatchFeatures
from hcutal.params.kind import KindParams
from hcutal.params.section import Section, Share, param


def _ordered(values: list[float]) -> list[float]:
    if not 0 < values[0] <= values[1]:
        raise ValueError("should be two positive numbers, the lower first")
    return values


def _counts(values: list[int]) -> list[int]:
    if not 1 <= values[0] <= values[1]:
        raise ValueError("should be two positive whole numbers, the lower first")
    return values


Span = Annotated[list[float], Field(min_length=2, max_length=2), AfterValidator(_ordered)]
CountSpan = Annotated[list[int], Field(min_length=2, max_length=2), AfterValidator(_counts)]


class WatchPrepare(Section):
    """How untrimmed recordings are put together from the smart-watch data."""

    train_recordings: int = param(84, "recordings to train on", source="trial", ge=1)
    test_recordings: int = param(36, "recordings to test on", source="trial", ge=1)
    test_people: float = param(
        0.3, "share of the people that are in test recordings only", source="trial", gt=0, lt=1
    )
    background: list[str] = param(
        ["PEN"],
        "exercises that fill the pauses and are never a class",
        "PEN, ABD, FEL, IR, ER, TRAP, ROW; two or more must be left.",
        source="trial",
        min_length=1,
    )
    bouts: CountSpan = param([4, 8], "bouts of exercise in a recording, fewest and most", source="convention")
    bout_seconds: Span = param(
        [3.0, 8.0],
        "length of a bout, shortest and longest",
        unit="s",
        source="THUMOS'14: instances of some seconds",
    )
    pause_seconds: Span = param(
        [2.0, 8.0],
        "length of the background between bouts, shortest and longest",
        "With these, action fills about half of a recording.",
        unit="s",
        source="trial",
    )
    two_class_share: Share = param(
        0.1, "share of the recordings with two exercises", source="THUMOS'14: 27 of 200 training videos"
    )
    seed: int = param(0, "seed of the arrangement", source="convention", ge=0)


class WatchParams(KindParams):
    """Real recordings of people with a smart-watch, arranged as untrimmed ones."""

    prepare: WatchPrepare = param(WatchPrepare(), "arrangement of the smart-watch data")
    features: WatchFeatures = param(WatchFeatures(), "windows of the sensors")
