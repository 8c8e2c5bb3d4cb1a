"""Video-level contrastive learning: from snippets of unlabelled videos to pseudo-labels (section 3.1.2 of HC-UTAL)."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from hcutal.losses.horizontal import horizontal_loss
from hcutal.losses.vertical import vertical_loss
from hcutal.model.network import HCUTAL
from hcutal.model.packed import SampledSnippets
from hcutal.model.pooling import (
    closest_rotation,
    deviation_scores,
    nearest_neighbours,
    select_snippets,
    whiten,
)
from hcutal.model.start import WarmUpKind
from hcutal.params.train_video import VideoParams


class VideoLevel:
    """The snippets that represent each training video, two views of them, and the loss between the views.

    Args:
        network: its heads g_h and g_v are trained, and its embedding where the heads see embeddings.
        params: section `train.video`.
        generator: of all draws in this class, on the device of the network.
        seed: of k-means, where clusters come from it.
        recordings: [N], the recording that each piece is of, where training looks at pieces.
    """

    def __init__(
        self,
        network: HCUTAL,
        params: VideoParams,
        generator: torch.Generator,
        seed: int,
        recordings: Tensor | None = None,
    ) -> None:
        self.network = network
        self.params = params
        self.generator = generator
        self.seed = seed
        self.recordings = recordings
        self.kind = WarmUpKind(params.poolings[0], params.counts[0], params.directions[-1])
        self.chosen: Tensor | None = None
        self.clusters: Tensor | None = None
        self.bank = SampledSnippets.of(torch.empty(0, 1, 0))
        self.neighbours = torch.empty(0, dtype=torch.long)
        self.inputs = torch.empty(0)
        self.coordinates = torch.empty(0)

    def choose(self, snippets: SampledSnippets, scores: Tensor | None) -> None:
        """Choose the snippets that represent each video from now on.

        Args:
            snippets: [N, T, D], sampled from all N training videos and normalised.
            scores: [N, T], how much each snippet belongs to the action, from the localizer; None before it is
                trained: then the rule of pooling of `kind` decides.
        """
        if scores is None and self.kind.pooling == "deviation":
            parts = [deviation_scores(part, self.params.smooth) for part in snippets.parts()]
            scores = torch.cat(parts)
        count = max(1, round(self.params.pooled_share * snippets.snippets))
        self._take(snippets, None if scores is None else select_snippets(scores, count))
        self.rescale()

    def _take(self, snippets: SampledSnippets, chosen: Tensor | None) -> None:
        """Keep of the snippets [N, T, D] those with the indices `chosen` [N, M]; all where it is None."""
        self.chosen = chosen
        self.bank = snippets if chosen is None else snippets.chosen(chosen)

    def state(self) -> dict[str, Tensor]:
        """What `restore` needs beside the snippets that were chosen from."""
        state = {"neighbours": self.neighbours, "coordinates": self.coordinates}
        others = {"chosen": self.chosen, "clusters": self.clusters}
        return state | {name: value for name, value in others.items() if value is not None}

    @torch.no_grad()
    def restore(self, snippets: SampledSnippets, state: Mapping[str, Tensor]) -> None:
        """Go back to a state; the network is as it was, and so are the snippets [N, T, D] that were chosen from."""
        self._take(snippets, state.get("chosen"))
        self._see()
        self.neighbours, self.coordinates = state["neighbours"], state["coordinates"]
        self.clusters = state.get("clusters")

    @torch.no_grad()
    def rescale(self) -> None:
        """Compute the whitening, the coordinates and the neighbours of the pooled features again.

        New directions are rotated as close as possible to the previous ones: the inputs of the heads change little,
        and their clusters keep their meaning.
        """
        if self.network.shape.components > 0:
            pooled = torch.cat([self._embedded(part).mean(dim=1) for part in self.bank.parts()])
            directions = min(self.kind.directions, self.network.shape.components)
            mean, projection = whiten(pooled, directions)
            if len(self.coordinates):
                before = self.coordinates[:, :directions]
                projection = projection @ closest_rotation((pooled - mean) @ projection, before)
            self.network.get_buffer("pooled_mean").copy_(mean)
            # The heads see nothing in the directions that are not taken.
            self.network.get_buffer("pooled_projection").zero_()[:, :directions] = projection
        self.look()

    @torch.no_grad()
    def look(self) -> None:
        """Compute the coordinates and neighbours of the videos with the present network."""
        self._see()
        if self.kind.neighbours and len(self.bank) > 1:
            self.neighbours = nearest_neighbours(self.coordinates, self.kind.neighbours, self.recordings)

    def means(self) -> Tensor:
        """The mean of the snippets that represent each video, normalised: [N, D]."""
        return torch.cat([part.mean(dim=1) for part in self.bank.parts()])

    def pooled(self) -> Tensor:
        """The mean over the chosen snippets of every video, in the coordinates that the heads see: [N, R]."""
        if not self.network.shape.shared:
            return self.coordinates
        return torch.cat([self._seen(part).mean(dim=1) for part in self.bank.parts()])

    def losses(self) -> dict[str, Tensor]:
        """L_h and L_v of equations (2) and (3), those that are on, on two views of a batch of videos."""
        params, network = self.params, self.network
        batch = self._batch()
        snippets = self._snippets(batch)
        first, second = self._views(len(snippets))
        pooled = _pool(snippets, second)
        one, other = self._view(_pool(snippets, first)), self._view(pooled)
        losses = {}
        if params.horizontal:
            losses["horizontal"] = horizontal_loss(
                network.horizontal(one), network.horizontal(other), params.tau_h
            )
        if params.vertical:
            if params.neighbours is not None and len(self.neighbours):
                partners = self._partners(batch, params.neighbours.share)
                # Where all videos are in the batch, the second views of the partners are known.
                pooled = pooled[partners] if batch is None else _pool(self._snippets(partners), second)
                other = self._view(pooled)
            losses["vertical"] = vertical_loss(
                network.assign(one), network.assign(other), params.tau_v, params.entropy
            )
        return losses

    @torch.no_grad()
    def assignments(self) -> Tensor:
        """The assignment of every training video to clusters: [N, C], rows sum to 1.

        It is the soft one of g_v; without the vertical loss, zeros and ones by k-means of what g_h says, as in the
        ablation of contrastive clustering (Li et al. 2021). Clusters keep their numbers from one call to the next.
        """
        if self.params.vertical:
            return self.network.assign(self.pooled())
        # scikit-learn is slow to import and not needed otherwise.
        from hcutal.cluster.baselines import cluster_baseline
        from hcutal.cluster.numbering import renumbered

        clusters = self.network.shape.clusters
        said = self.network.horizontal(self.pooled())
        # (2) compares by cosine: rows of length 1.
        found = cluster_baseline(said.cpu().numpy(), min(clusters, len(said)), "kmeans", self.seed, "l2")
        if self.clusters is not None:
            found = renumbered(found, self.clusters.cpu().numpy(), clusters)
        self.clusters = torch.from_numpy(found).to(said.device)
        return functional.one_hot(self.clusters, clusters).to(said.dtype)

    def _view(self, pooled: Tensor) -> Tensor:
        return self.network.view(pooled, self.params.noise, self.generator)

    def _see(self) -> None:
        """Compute the coordinates of the videos and, where they do not change before the next choice, of snippets."""
        means, inputs = [], []
        for part in self.bank.parts():
            seen = self._seen(part)
            means.append(seen.mean(dim=1))
            if not self.network.shape.shared:
                inputs.append(_halved(seen) if self.params.views == "halves" else seen)
        self.coordinates = torch.cat(means)
        self.inputs = torch.cat(inputs) if inputs else torch.empty(0)

    def _embedded(self, snippets: Tensor) -> Tensor:
        return self.network.embedding(snippets) if self.network.shape.shared else snippets

    def _seen(self, snippets: Tensor) -> Tensor:
        """Snippets [B, M, D] in the coordinates that the heads see: [B, M, R]."""
        return self.network.coordinates(self._embedded(snippets))

    def _snippets(self, index: Tensor | None) -> Tensor:
        """The chosen snippets of the videos `index` [B], or of all, in the coordinates of the heads: [B, M, R].

        Where the views are halves that do not change, the mean of each half stands for its snippets.
        """
        if len(self.inputs):
            return self.inputs if index is None else self.inputs[index]
        return self._seen(self.bank[torch.arange(len(self.bank)) if index is None else index])

    def _batch(self) -> Tensor | None:
        """Indices [B] of random videos; None for all of them, in their order."""
        if len(self.bank) <= self.params.batch:
            return None
        order = torch.randperm(len(self.bank), generator=self.generator, device=self.generator.device)
        return order[: self.params.batch]

    def _views(self, videos: int) -> tuple[Tensor, Tensor]:
        """Which snippets belong to each of the two views, as zeros and ones: [N, M] twice."""
        kept = self.inputs.shape[1] if len(self.inputs) else self.bank.snippets
        if self.params.views == "halves":
            half = (
                (torch.arange(kept, device=self.generator.device) < (kept + 1) // 2)
                .float()
                .expand(videos, -1)
            )
            return half, (1 - half if kept > 1 else half)
        draw = torch.rand(2, videos, kept, generator=self.generator, device=self.generator.device)
        # The snippet with the smallest draw always belongs to the view: none is empty.
        member = ((draw < 0.5) | (draw == draw.amin(dim=2, keepdim=True))).float()
        return member[0], member[1]

    def _partners(self, batch: Tensor | None, share: float) -> Tensor:
        """The video that the second view of L_v is taken of, [B]: a neighbour with probability `share`, else itself."""
        if batch is None:
            batch = torch.arange(len(self.bank), device=self.generator.device)
        choices = self.neighbours[batch]  # [B, neighbours]
        pick = torch.randint(choices.shape[1], (len(batch), 1), generator=self.generator, device=batch.device)
        swap = torch.rand(len(batch), generator=self.generator, device=batch.device) < share
        return torch.where(swap, choices.gather(1, pick)[:, 0], batch)  # one of [B, neighbours] each: [B]


def _halved(snippets: Tensor) -> Tensor:
    """The means of the first and of the second half of the snippets: [N, M, R] to [N, 2, R]; a single one as it is."""
    count = snippets.shape[1]
    halves = snippets.split((count + 1) // 2, dim=1)
    return torch.stack([half.mean(dim=1) for half in halves], dim=1)


def _pool(features: Tensor, member: Tensor) -> Tensor:
    """The mean of the snippets in a view: [N, M, D] and [N, M] to [N, D]."""
    # [N, M] and [N, M, D] to [N, D]: the sum over the snippets, each with its share.
    return torch.einsum("nm,nmd->nd", member / member.sum(dim=1, keepdim=True), features)
