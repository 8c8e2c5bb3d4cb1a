"""Where video-level learning starts from: warm-ups of several kinds, and the choice among them without labels.

A warm-up has a rule of pooling and a number of neighbours, and is repeated from different weights (restarts).

- The rule of pooling is that of the warm-up with the lowest loss, all with the same number of neighbours.
- The loss does not compare numbers of neighbours, as fewer and nearer positives are easier. A number is good when the
  restarts end in the same clusters: their agreement is the mean adjusted Rand index over pairs of restarts. Of the
  numbers whose agreement is within a standard error of the best, the largest is taken.
- Of the restarts of that kind, the one with the lowest loss goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hcutal.params.train_video import Pooling, VideoParams


@dataclass(frozen=True)
class WarmUpKind:
    """A rule of pooling, and a number of neighbours (0: none)."""

    pooling: Pooling
    neighbours: int


@dataclass(frozen=True)
class WarmUp:
    """A warm-up that is complete: its mean loss at the end, and the cluster of each of the N recordings."""

    kind: WarmUpKind
    loss: float
    clusters: list[int]


def warmup_count(params: VideoParams) -> int:
    """How many warm-ups `next_kind` asks for in all."""
    return params.restarts * (len(params.poolings) - 1 + len(params.counts))


def next_kind(done: Sequence[WarmUp], params: VideoParams) -> WarmUpKind | None:
    """The kind of the warm-up that is to follow those that are done; None when no more is needed."""
    for kind in _kinds(done, params):
        if len(_of(done, kind)) < params.restarts:
            return kind
    return None


def winner(done: Sequence[WarmUp], params: VideoParams) -> int:
    """The index of the warm-up that training goes on from, of all that `next_kind` asked for."""
    best = _best_kind(done, _pooling(done, params), params)
    return min(_of(done, best), key=lambda index: done[index].loss)


def agreements(done: Sequence[WarmUp]) -> dict[WarmUpKind, list[float]]:
    """The adjusted Rand index of each pair of warm-ups of a kind, for kinds with two or more."""
    # scikit-learn is slow to import and not needed otherwise.
    from sklearn.metrics import adjusted_rand_score

    found: dict[WarmUpKind, list[float]] = {}
    for one, other in combinations(done, 2):
        if one.kind == other.kind:
            found.setdefault(one.kind, []).append(float(adjusted_rand_score(one.clusters, other.clusters)))
    return found


def _kinds(done: Sequence[WarmUp], params: VideoParams) -> list[WarmUpKind]:
    """The kinds that are known to be needed: rules of pooling first, then numbers of neighbours under the best one."""
    middle = params.counts[len(params.counts) // 2]
    first = [WarmUpKind(pooling, middle) for pooling in params.poolings]
    if any(len(_of(done, kind)) < params.restarts for kind in first):
        return first
    return [*first, *(WarmUpKind(_pooling(done, params), count) for count in params.counts)]


def _pooling(done: Sequence[WarmUp], params: VideoParams) -> Pooling:
    middle = params.counts[len(params.counts) // 2]
    return min(
        (warm for warm in done if warm.kind.neighbours == middle), key=lambda warm: warm.loss
    ).kind.pooling


def _best_kind(done: Sequence[WarmUp], pooling: Pooling, params: VideoParams) -> WarmUpKind:
    if len(params.counts) == 1:
        return WarmUpKind(pooling, params.counts[0])
    found = {kind: values for kind, values in agreements(done).items() if kind.pooling == pooling}
    best = max(found.values(), key=lambda values: np.mean(values))
    least = np.mean(best) - np.std(best) / len(best) ** 0.5
    return max(
        (kind for kind, values in found.items() if np.mean(values) >= least), key=lambda kind: kind.neighbours
    )


def _of(done: Sequence[WarmUp], kind: WarmUpKind) -> list[int]:
    return [index for index, warm in enumerate(done) if warm.kind == kind]
