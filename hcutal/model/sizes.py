"""Sizes of a training that follow from its recordings: pieces, T, batch, steps and the number of clusters."""

import math

from hcutal.data.pieces import Piece, cut
from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.model.packed import TrainingFeatures
from hcutal.params.train import FEWEST_SNIPPETS, PieceRule, TrainParams


def pieces_of(store: FeatureStore, videos: list[str], rule: PieceRule) -> list[Piece]:
    """The pieces of recordings that `train.pieces` asks for.

    Raises:
        HcutalError: where a piece has too few snippets, or no recording is longer than one: seconds in another unit.
    """
    if store.meta.own_times:
        raise HcutalError(
            "train.pieces: recordings have snippets of different lengths (rates or rescaled); expected whole "
            "recordings: leave train.pieces out"
        )
    lengths, step = [store.length(video) for video in videos], store.meta.times.step
    fewest, most = FEWEST_SNIPPETS * step, max(lengths) * step
    size = rule.size(step)
    if not FEWEST_SNIPPETS <= size < max(lengths):
        raise HcutalError(
            f"train.pieces.seconds: found {rule.seconds:g}; expected {fewest:g} s "
            f"({FEWEST_SNIPPETS} snippets) or more, and less than the longest recording, {most:g} s"
        )
    return cut(videos, lengths, size, rule.hop(step))


def fitted(params: TrainParams, features: TrainingFeatures) -> TrainParams:
    """The parameters with sizes that fit the training videos: T where a rule is given, batch and number of steps."""
    pieces = len(features.pieces)
    batch = min(params.batch, pieces)
    most = params.steps if params.passes is None else math.ceil(params.passes * pieces / batch)
    rule = params.snippets
    if isinstance(rule, int):
        snippets = rule
    else:
        # A piece is short, and has a share of its snippets in common with the next: none of them is left out.
        snippets = (
            min(int(features.lengths.max()), rule.most) if features.is_cut else rule.of(features.lengths)
        )
    return params.model_copy(update={"snippets": snippets, "batch": batch, "steps": min(params.steps, most)})


def with_clusters(
    params: TrainParams, features: TrainingFeatures, classes: int | None
) -> tuple[TrainParams, dict[str, float]]:
    """The parameters with a number of clusters, and what was estimated for it.

    Where none is given it is the number of classes when training knows their names, else an estimate.
    """
    video = params.video
    if isinstance(video.clusters, int):
        return params, {}
    if classes is not None:
        return _replaced(params, max(classes, 2)), {}
    # scikit-learn is slow to import and not needed otherwise.
    from hcutal.cluster.estimate import estimate_clusters

    how = video.clusters.estimate
    found = estimate_clusters(
        features.pooled(), how.neighbours, how.most, video.components, how.draws, params.seed
    )
    stability = {f"stability/{clusters}": value for clusters, value in found.stability.items()}
    estimated = {
        "estimated_clusters": float(found.clusters),
        "estimated_clusters/fewest": float(found.fewest),
        "estimated_clusters/most": float(found.most),
        "estimated_clusters/stable": float(found.stable),
    }
    return _replaced(params, found.clusters), estimated | stability


def _replaced(params: TrainParams, clusters: int) -> TrainParams:
    return params.model_copy(update={"video": params.video.model_copy(update={"clusters": clusters})})
