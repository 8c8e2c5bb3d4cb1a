"""Parameters of the kind `watch`: real smart-watch recordings."""

from typing import Annotated

from pydantic import AfterValidator, Field

from hcutal.params.extractors import WatchFeatures
from hcutal.params.kind import KindParams
from hcutal.params.section import Section, Share


def _ordered(values: list[float]) -> list[float]:
    if len(values) != 2 or not 0 < values[0] <= values[1]:
        raise ValueError("should be two positive numbers, the lower first")
    return values


def _counts(values: list[int]) -> list[int]:
    if len(values) != 2 or not 1 <= values[0] <= values[1]:
        raise ValueError("should be two positive whole numbers, the lower first")
    return values


Span = Annotated[list[float], AfterValidator(_ordered)]
CountSpan = Annotated[list[int], AfterValidator(_counts)]


class WatchPrepare(Section):
    """How untrimmed recordings are put together from the smart-watch data; spans are in seconds."""

    train_recordings: int = Field(84, ge=1)
    test_recordings: int = Field(36, ge=1)
    test_people: float = Field(0.3, gt=0, lt=1)
    background: list[str] = Field(["PEN"], min_length=1)
    bouts: CountSpan = Field([4, 8])
    bout_seconds: Span = Field([3.0, 8.0])
    pause_seconds: Span = Field([2.0, 8.0])
    two_class_share: Share = 0.1
    seed: int = Field(0, ge=0)


class WatchParams(KindParams):
    """Real recordings of people with a smart-watch, arranged as untrimmed ones."""

    prepare: WatchPrepare = WatchPrepare()
    features: WatchFeatures = WatchFeatures()
