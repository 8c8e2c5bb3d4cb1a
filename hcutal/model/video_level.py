"""Video-level contrastive learning: from snippets of unlabelled videos to pseudo-labels (section 3.1.2)."""

import torch
from torch import Tensor

from hcutal.losses.horizontal import horizontal_loss
from hcutal.losses.vertical import vertical_loss
from hcutal.model.network import HCUTAL
from hcutal.model.pooling import (
    closest_rotation,
    deviation_scores,
    nearest_neighbours,
    select_snippets,
    whiten,
)
from hcutal.params.train_video import VideoParams


class VideoLevel:
    """The snippets that stand for each training video, their views, and the loss on them.

    Args:
        network: its heads g_h and g_v are trained, and its embedding where the input is shared.
        params: section `train.video`.
        generator: source of all randomness here, on the device of the network.
    """

    def __init__(self, network: HCUTAL, params: VideoParams, generator: torch.Generator) -> None:
        self.network = network
        self.params = params
        self.generator = generator
        self.bank = torch.empty(0)
        self.neighbours = torch.empty(0, dtype=torch.long)
        self.inputs = torch.empty(0)
        self.coordinates = torch.empty(0)

    def choose(self, snippets: Tensor, scores: Tensor | None) -> None:
        """Keep the snippets that stand for each video.

        Args:
            snippets: [N, T, D], sampled from all N training videos, on the network's scale.
            scores: [N, T], how much each snippet belongs to the action, from the localizer; None before it has
                learnt anything, when `params.pooling` decides.
        """
        if scores is None and self.params.pooling == "deviation":
            scores = deviation_scores(snippets, self.params.smooth)
        if scores is not None:
            count = max(1, round(self.params.pooled_share * snippets.shape[1]))
            index = select_snippets(scores, count)
            snippets = snippets.gather(1, index[:, :, None].expand(-1, -1, snippets.shape[2]))
        self.bank = snippets
        self.rescale()

    @torch.no_grad()
    def rescale(self) -> None:
        """Measure scale and neighbourhood of the pooled features; the heads see them whitened.

        New directions are turned as close as possible to those before, so that the heads' clusters stay what they are.
        """
        if self.network.shape.components > 0:
            pooled = self._embedded(self.bank).mean(dim=1)
            mean, projection = whiten(pooled, self.network.shape.components)
            if len(self.coordinates):
                projection = projection @ closest_rotation((pooled - mean) @ projection, self.coordinates)
            self.network.get_buffer("pooled_mean").copy_(mean)
            self.network.get_buffer("pooled_projection").copy_(projection)
        self.look()

    @torch.no_grad()
    def look(self) -> None:
        """Coordinates and neighbours of the videos as the network sees them now."""
        # Without a shared embedding the coordinates of the snippets stay until the next choice.
        self.inputs = torch.empty(0) if self.network.shape.shared else self.network.coordinates(self.bank)
        self.coordinates = self.pooled()
        if self.params.neighbours is not None and len(self.bank) > 1:
            self.neighbours = nearest_neighbours(self.coordinates, self.params.neighbours.count)

    def pooled(self) -> Tensor:
        """The mean over the kept snippets of every video, in the coordinates that the heads see: [N, R]."""
        return self._snippets(torch.arange(len(self.bank), device=self.bank.device)).mean(dim=1)

    def loss(self) -> tuple[Tensor, Tensor]:
        """Equations (2) and (3) on two views of a batch of videos."""
        batch = self._batch()
        first, second = self._views(len(batch))
        snippets = self._snippets(batch)
        h_first, v_first = self.network.project(_pool(snippets, first), self.params.noise, self.generator)
        h_second, v_second = self.network.project(_pool(snippets, second), self.params.noise, self.generator)
        if self.params.neighbours is not None and len(self.neighbours):
            snippets = self._snippets(self._partners(batch, self.params.neighbours.share))
            _, v_second = self.network.project(_pool(snippets, second), self.params.noise, self.generator)
        horizontal = horizontal_loss(h_first, h_second, self.params.tau_h)
        return horizontal, vertical_loss(v_first, v_second, self.params.tau_v, self.params.entropy)

    @torch.no_grad()
    def assignments(self) -> Tensor:
        """Soft assignment [N, C] of every training video by g_v."""
        return self.network.assign(self.pooled())

    def _embedded(self, snippets: Tensor) -> Tensor:
        return self.network.embedding(snippets) if self.network.shape.shared else snippets

    def _snippets(self, index: Tensor) -> Tensor:
        """The kept snippets of the videos `index` [B], in the coordinates that the heads see: [B, M, R]."""
        if self.network.shape.shared:
            return self.network.coordinates(self.network.embedding(self.bank[index]))
        return self.inputs[index]

    def _batch(self) -> Tensor:
        videos = len(self.bank)
        if videos <= self.params.batch:
            return torch.arange(videos, device=self.bank.device)
        order = torch.randperm(videos, generator=self.generator, device=self.bank.device)
        return order[: self.params.batch]

    def _views(self, videos: int) -> tuple[Tensor, Tensor]:
        """Which snippets belong to each of the two views: [N, M] twice."""
        kept = self.bank.shape[1]
        if self.params.views == "halves":
            half = (torch.arange(kept, device=self.bank.device) < (kept + 1) // 2).float().expand(videos, -1)
            return half, (1 - half if kept > 1 else half)
        draw = torch.rand(2, videos, kept, generator=self.generator, device=self.bank.device)
        # At least one snippet: the one of the smallest draw is always in.
        member = ((draw < 0.5) | (draw == draw.amin(dim=2, keepdim=True))).float()
        return member[0], member[1]

    def _partners(self, batch: Tensor, share: float) -> Tensor:
        """The video behind each second view of L_v: one of its neighbours, in a `share` of the views, or itself."""
        choices = self.neighbours[batch]
        pick = torch.randint(choices.shape[1], (len(batch), 1), generator=self.generator, device=batch.device)
        swap = torch.rand(len(batch), generator=self.generator, device=batch.device) < share
        return torch.where(swap, choices.gather(1, pick)[:, 0], batch)


def _pool(features: Tensor, member: Tensor) -> Tensor:
    """The mean of the snippets in a view: [N, M, D] and [N, M] to [N, D]."""
    return torch.einsum("nm,nmd->nd", member / member.sum(dim=1, keepdim=True), features)
