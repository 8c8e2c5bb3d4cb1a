"""Which recordings and classes a figure shows: by rules on counts and scores, never by looks.

A recording's score is the average mAP of its own instances and proposals alone, over the classes that it has.
Test recordings with instances are looked at, and nothing else. Ties are broken by name, the first in sorted order.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from hcutal.evaluate.detection import detection_map

MEDIAN_RULE = "the one with the median score (of an even number, the lower)"
WORST_RULE = "the one with the lowest score (of several, the one with most instances)"
SCORE = (
    "the score of a recording is the average mAP of its own instances, by the variant full and the seed shown"
)


def recording_scores(
    instances: pd.DataFrame, proposals: pd.DataFrame, tiou: Sequence[float]
) -> dict[str, float]:
    """The score of each recording that has instances, by name in sorted order.

    Args:
        instances: columns video, start, end (seconds), label.
        proposals: the same and score.
        tiou: thresholds of the average.

    >>> rows = [("a", 0.0, 10.0, "run"), ("b", 0.0, 10.0, "run")]
    >>> instances = pd.DataFrame(rows, columns=["video", "start", "end", "label"])
    >>> recording_scores(instances, instances.head(1).assign(score=1.0), [0.5])
    {'a': 1.0, 'b': 0.0}
    """
    own = dict(iter(proposals.groupby("video")))
    nothing = proposals.iloc[:0]
    return {
        str(name): detection_map(rows, own.get(name, nothing), tiou).average_map
        for name, rows in instances.groupby("video", sort=True)
    }


def most_frequent_class(instances: pd.DataFrame) -> str:
    """The class with most instances.

    >>> most_frequent_class(pd.DataFrame({"label": ["run", "jump", "run", "jump", "walk"]}))
    'jump'
    """
    counts = instances["label"].value_counts()
    return str(min(counts.index, key=lambda label: (-counts[label], label)))


def recordings_with(
    instances: pd.DataFrame, label: str | None = None, classes: tuple[int, int | None] = (1, None)
) -> list[str]:
    """The recordings with an instance of a class, and with so many classes (fewest, most; None: any), sorted.

    >>> rows = pd.DataFrame({"video": ["b", "b", "a"], "label": ["run", "jump", "run"]})
    >>> recordings_with(rows, "run"), recordings_with(rows, classes=(2, None)), recordings_with(rows, classes=(1, 1))
    (['a', 'b'], ['b'], ['a'])
    """
    fewest, most = classes
    labels = instances.groupby("video")["label"].unique()
    return sorted(
        str(name)
        for name, own in labels.items()
        if len(own) >= fewest and (most is None or len(own) <= most) and (label is None or label in own)
    )


def median_recording(scores: Mapping[str, float], names: Iterable[str]) -> str | None:
    """Of some recordings the one with the median score, of an even number the lower; None where there is none.

    >>> median_recording({"a": 0.9, "b": 0.1, "c": 0.5, "d": 0.5}, ["a", "b", "c", "d"])
    'c'
    """
    ordered = sorted(names, key=lambda name: (scores[name], name))
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def worst_recording(scores: Mapping[str, float], instances: pd.DataFrame) -> str:
    """The recording with the lowest score; of several, the one with most instances.

    >>> worst_recording({"a": 0.0, "b": 0.0, "c": 0.5}, pd.DataFrame({"video": ["a", "b", "b", "c"]}))
    'b'
    """
    counts = instances["video"].value_counts()
    return min(scores, key=lambda name: (scores[name], -counts[name], name))
