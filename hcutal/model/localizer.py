"""The losses of the localizer on a batch of videos: classification, instance level and boundary level."""

import torch
from torch import Tensor

from hcutal.losses.boundary import boundary_loss, non_boundary_loss
from hcutal.losses.classification import classification_loss, score_count, top_count, video_scores
from hcutal.losses.instance import instance_loss
from hcutal.model.mining import gather_rows, mine_snippets
from hcutal.model.network import HCUTAL
from hcutal.params.train import TrainParams


def action_features(embedding: Tensor, cas: Tensor, labels: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """F_{i,c} of equation (5): the mean embedding of the `count` snippets of highest CAS, for each video and class.

    Args:
        embedding: [N, T, E].
        cas: [N, T, K].
        labels: [N, K], multi-hot.

    Returns:
        Features [M, E] and their classes [M], a row for each pair of a video and a class that it has.

    The video has the classes 0 and 1, which are highest in its first and in its last snippet:

    >>> embedding = torch.tensor([[[1.0], [2.0], [3.0]]])
    >>> cas = torch.tensor([[[9.0, 0.0], [1.0, 1.0], [0.0, 9.0]]])
    >>> features, classes = action_features(embedding, cas, torch.tensor([[1, 1]]), count=1)
    >>> features.tolist(), classes.tolist()
    ([[1.0], [3.0]], [0, 1])
    """
    video, label, best = best_snippets(cas, labels, count)
    [features] = gather_rows(embedding, [(video, best)])
    return features.mean(dim=1), label  # [M, count, E] to [M, E]


def best_snippets(cas: Tensor, labels: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """The video [M] and the class [M] of each label, and its `count` snippets of highest CAS [M, count]."""
    video, label = labels.nonzero(as_tuple=True)
    return video, label, cas.detach()[video, :, label].topk(count, dim=1).indices  # [M, T] to [M, count]


# The losses on a batch, in the order of their columns in the curves, each with the level of equation (1) that it
# belongs to; L_cls belongs to none. The scale of a level stands in the part of the parameters `train` of its name.
LOCALIZER_LOSSES: dict[str, str | None] = {
    "classification": None,
    "instance": "instance",
    "non_boundary": "boundary",
    "boundary": "boundary",
}


class LocalizerObjective:
    """Computes the losses of the localizer on batches.

    Args:
        network: the network that is trained.
        params: section `train`.
        generator: of the dropout, on the device of the network.
    """

    def __init__(self, network: HCUTAL, params: TrainParams, generator: torch.Generator) -> None:
        self.network = network
        self.params = params
        self.generator = generator
        self.magnitude = params.boundary.q

    def losses(self, snippets: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """The losses of the levels that are on, by the names of `LOCALIZER_LOSSES`.

        Args:
            snippets: [B, T, D].
            labels: [B, K], multi-hot.
        """
        levels = self.params.levels
        embedding = self.network.embedding(snippets)
        cas = self.network.cas(embedding, self.generator)
        count = score_count(cas.shape[1], self.params.top)
        places = self._boundary_places(cas) if levels.boundary else []
        if levels.instance:
            labelled, classes, best = best_snippets(cas, labels, count)
            places.append((labelled, best))
        features = gather_rows(embedding, places) if places else []
        losses = {"classification": classification_loss(video_scores(cas, count), labels)}
        if levels.instance:
            tau = self.params.instance.tau
            losses["instance"] = instance_loss(features[-1].mean(dim=1), classes, tau)
        if levels.boundary:
            losses |= self._boundary_losses(*features[:4])
        return losses

    def _boundary_places(self, cas: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Action, background, and the boundaries inside and outside, of every video: for `gather_rows`."""
        bounds = self.params.boundary
        easy, hard = top_count(cas.shape[1], bounds.easy), top_count(cas.shape[1], bounds.hard)
        mined = mine_snippets(cas.detach().sum(dim=2), easy, hard, bounds.inner, bounds.outer)
        every = torch.arange(len(cas), device=cas.device)
        chosen = (mined.action, mined.background, mined.action_boundary, mined.background_boundary)
        return [(every, snippets) for snippets in chosen]

    def _boundary_losses(
        self, action: Tensor, background: Tensor, inside: Tensor, outside: Tensor
    ) -> dict[str, Tensor]:
        if self.magnitude is None:
            # The printed q does not fit other features: take twice the length that action features start with.
            self.magnitude = 2 * float(action.detach().mean(dim=1).norm(dim=1).mean())
        # In units of q: with q = 150, the printed term starts at 22,500, the other losses near 1.
        scale = self.magnitude**-2
        tau = self.params.boundary.tau
        return {
            "non_boundary": scale * non_boundary_loss(action, background, self.magnitude),
            "boundary": boundary_loss(inside, outside, action, background, tau),
        }

    @torch.no_grad()
    def actionness(self, snippets: Tensor) -> Tensor:
        """The sum of the CAS over its classes, without dropout: snippets [N, T, D] to [N, T]."""
        return self.network.cas(self.network.embedding(snippets)).sum(dim=2)
