"""Sizes of a training that follow from its recordings: pieces, T, batch, steps and the number of clusters."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hcutal.data.pieces import Piece, cut
from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.model.packed import TrainingFeatures
from hcutal.params.train import FEWEST_SNIPPETS, PieceRule, TrainParams
from hcutal.params.train_video import EstimateParams

if TYPE_CHECKING:
    from hcutal.cluster.estimate import Estimate


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
    """The parameters with sizes that fit the training videos: T where a rule is given, batch and number of steps.

    Pieces have their own share of the snippets that stand for one.
    """
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
    video = params.video
    if features.is_cut and params.pieces:
        video = video.model_copy(update={"pooled_share": params.pieces.pooled_share})
    fitting = {"snippets": snippets, "batch": batch, "steps": min(params.steps, most), "video": video}
    return params.model_copy(update=fitting)


# Gives the snippets that stand for the action of each piece, their mean [N, D], by a training that such parameters say.
FirstLook = Callable[[TrainParams], np.ndarray]


def with_clusters(
    params: TrainParams, features: TrainingFeatures, classes: int | None, first_look: FirstLook
) -> tuple[TrainParams, dict[str, float]]:
    """The parameters with a number of clusters, and what was estimated for it.

    Where none is given it is the number of classes when training knows their names, else an estimate: at first from
    whole recordings, and anew from the snippets that a short training with that number takes for the action. With an
    estimate there are as many whitened directions a cluster as `components` has at most.
    """
    video = params.video
    if isinstance(video.clusters, int):
        return params, {}
    if classes is not None:
        return _replaced(params, max(classes, 2)), {}
    how = video.clusters.estimate
    # Fewer directions are for numbers that may be too large; an estimate is rather too small.
    most = video.model_copy(update={"components": video.most_components})
    params = params.model_copy(update={"video": most})
    found = _estimate(params, how, features.pooled())
    estimated = {"estimated_clusters/recordings": float(found.clusters)}
    if how.steps and feeds_back(params):
        short = params.model_copy(update={"steps": min(how.steps, params.steps), "checkpoints": 0})
        found = _estimate(params, how, first_look(_replaced(short, found.clusters)))
    estimated |= {
        "estimated_clusters": float(found.clusters),
        "estimated_clusters/fewest": float(found.fewest),
        "estimated_clusters/most": float(found.most),
        "estimated_clusters/stable": float(found.stable),
    }
    stability = {f"stability/{clusters}": value for clusters, value in found.stability.items()}
    return _replaced(params, found.clusters), estimated | stability


def feeds_back(params: TrainParams) -> bool:
    """Whether the localizer's snippets come to stand for their recordings in unsupervised training."""
    contrastive = params.pseudo_labels.contrastive is not None
    return contrastive and params.levels.video and params.joint and params.video.feedback


def _estimate(params: TrainParams, how: EstimateParams, pooled: np.ndarray) -> "Estimate":
    # scikit-learn is slow to import and not needed otherwise.
    from hcutal.cluster.estimate import estimate_clusters

    return estimate_clusters(
        pooled, how.neighbours, how.most, params.video.most_components, how.draws, params.seed
    )


def _replaced(params: TrainParams, clusters: int) -> TrainParams:
    return params.model_copy(update={"video": params.video.model_copy(update={"clusters": clusters})})
