"""Where video-level learning starts from: warm-ups of several kinds, and the choice among them without labels.

A warm-up has a rule of pooling, a number of neighbours and a number of whitened directions, and is repeated from
different weights (restarts). They are chosen in turn:

- The rule of pooling is that of the warm-up with the lowest loss, all with the same number of neighbours.
- The loss does not compare numbers of neighbours, as fewer and nearer positives are easier. A number is good when the
  restarts end in the same clusters: their agreement is the mean adjusted Rand index over pairs of restarts. Of the
  numbers whose agreement is within a standard error of the best, the largest is taken.
- So is the number of whitened directions.
- Of the restarts of that kind, the one with the lowest loss goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from hcutal.params.train_video import Pooling, VideoParams


@dataclass(frozen=True)
class WarmUpKind:
    """A rule of pooling, a number of neighbours (0: none) and one of directions (0: features as they are)."""

    pooling: Pooling
    neighbours: int
    directions: int

    @property
    def name(self) -> str:
        """As it stands in the numbers of a training."""
        return f"{self.pooling}/{self.neighbours}/{self.directions}"


@dataclass(frozen=True)
class WarmUp:
    """A warm-up that is complete: its mean loss at the end, and the cluster of each of the N recordings."""

    kind: WarmUpKind
    loss: float
    clusters: list[int]


def warmup_count(params: VideoParams) -> int:
    """How many warm-ups `next_kind` asks for in all."""
    # The kind that one choice leaves is among those of the next one.
    kinds = 1 + sum(len(each) - 1 for each in (params.poolings, params.counts, params.directions))
    return params.restarts * kinds


def next_kind(done: Sequence[WarmUp], params: VideoParams) -> WarmUpKind | None:
    """The kind of the warm-up that is to follow those that are done; None when no more is needed."""
    for kinds in _choices(done, params):
        for kind in kinds:
            if len(_of(done, kind)) < params.restarts:
                return kind
    return None


def winner(done: Sequence[WarmUp], params: VideoParams) -> int:
    """The index of the warm-up that training goes on from, of all that `next_kind` asked for."""
    *_, last = _choices(done, params)
    return min(_of(done, _agreed(done, last)), key=lambda index: done[index].loss)


def agreements(done: Sequence[WarmUp]) -> dict[WarmUpKind, list[float]]:
    """The adjusted Rand index of each pair of warm-ups of a kind, for kinds with two or more."""
    # scikit-learn is slow to import and not needed otherwise.
    from sklearn.metrics import adjusted_rand_score

    found: dict[WarmUpKind, list[float]] = {}
    for one, other in combinations(done, 2):
        if one.kind == other.kind:
            found.setdefault(one.kind, []).append(float(adjusted_rand_score(one.clusters, other.clusters)))
    return found


def _choices(done: Sequence[WarmUp], params: VideoParams) -> Iterator[list[WarmUpKind]]:
    """The kinds of each choice in turn, from few to many; the next choice needs the warm-ups of those before."""
    middle = params.counts[len(params.counts) // 2]
    kinds = [WarmUpKind(pooling, middle, params.directions[-1]) for pooling in params.poolings]
    yield kinds
    best = min((each for each in done if each.kind in kinds), key=lambda each: each.loss).kind
    kinds = [replace(best, neighbours=count) for count in params.counts]
    yield kinds
    best = _agreed(done, kinds)
    yield [replace(best, directions=number) for number in params.directions]


def _agreed(done: Sequence[WarmUp], kinds: Sequence[WarmUpKind]) -> WarmUpKind:
    """The kind on whose clusters the restarts agree most; of those that are alike the last."""
    if len(kinds) == 1:
        return kinds[0]
    found = agreements([each for each in done if each.kind in kinds])
    best = max(found.values(), key=lambda values: np.mean(values))
    least = np.mean(best) - np.std(best) / len(best) ** 0.5
    return [kind for kind in kinds if np.mean(found[kind]) >= least][-1]


def _of(done: Sequence[WarmUp], kind: WarmUpKind) -> list[int]:
    return [index for index, warm in enumerate(done) if warm.kind == kind]
