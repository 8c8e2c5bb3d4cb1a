"""What tells of a state of a training without labels, and the rule that chooses a state by it.

Measured on all training recordings, an even choice of T snippets each, without dropout, against the pseudo-labels of
that state (with supervision weak: the labels that training is given):

- `agreement`: share of the recordings whose highest class score is that of one of their pseudo-labels. The classifier
  and g_v are two looks at one clustering, and where they part one of them is wrong.
- `classification`: L_cls, equation (10).
- `contrast`: how clearly the CAS of a recording's own class falls into action and background: the share of its variance
  that the best threshold explains (Otsu 1979), 0 to 1.

The rule: the highest agreement; among equals the highest contrast; then the latest.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hcutal.losses.classification import classification_loss, score_count, video_scores
from hcutal.model.network import HCUTAL
from hcutal.model.packed import TrainingFeatures
from hcutal.params.top import TopParams

# Recordings that go through the network at once.
BATCH = 16


@dataclass(frozen=True)
class Criteria:
    """What is said of a state, see above."""

    agreement: float
    classification: float
    contrast: float

    @property
    def rank(self) -> tuple[float, float]:
        """By which states are compared: the highest is chosen."""
        return self.agreement, self.contrast


@torch.no_grad()
def label_free_criteria(
    network: HCUTAL, features: TrainingFeatures, snippets: int, top: TopParams, labels: Tensor
) -> Criteria:
    """The criteria of a network for pseudo-labels [N, K], multi-hot, of the N pieces of the features.

    Nothing is drawn at random and nothing is changed: training goes on as without.
    """
    scores, contrasts = [], []
    for index in np.array_split(np.arange(len(features.lengths)), -(-len(features.lengths) // BATCH)):
        rows = np.arange(snippets)[None, :] * features.lengths[index][:, None] // snippets
        cas = network.cas(network.embedding(features.take(index, rows, network.normalise_)))
        scores.append(video_scores(cas, score_count(snippets, top)))
        own = labels[torch.from_numpy(index).to(labels.device)].argmax(dim=1)
        contrasts.append(contrast(cas[torch.arange(len(index), device=cas.device), :, own]))
    score = torch.cat(scores)
    found = labels.gather(1, score.argmax(dim=1, keepdim=True)) > 0
    return Criteria(
        agreement=found.double().mean().item(),
        classification=classification_loss(score, labels).item(),
        contrast=torch.cat(contrasts).mean().item(),
    )


def contrast(values: Tensor) -> Tensor:
    """The share of the variance of each row [N, T] that the best threshold explains: [N], 0 for a row of one value.

    >>> contrast(torch.tensor([[0.0, 1.0, 0.0, 1.0], [2.0, 2.0, 2.0, 2.0], [0.0, 1.0, 2.0, 3.0]])).tolist()
    [1.0, 0.0, 0.800000011920929]
    """
    ordered = (values - values.mean(dim=1, keepdim=True)).sort(dim=1).values
    count = values.shape[1]
    below = torch.arange(1, count, device=values.device)
    # With the mean at 0, both groups have sums of one size: [N, T - 1], a column a threshold.
    sums = ordered.cumsum(dim=1)[:, :-1]
    between = (sums**2 / (below * (count - below))).amax(dim=1)
    total = (ordered**2).mean(dim=1)
    return torch.where(total > 0, between / total.clamp_min(torch.finfo(total.dtype).tiny), 0.0).clamp_max(1)


def best_state(states: "list[Criteria]") -> int:
    """The index of the state that the rule chooses.

    >>> best_state([Criteria(0.5, 1.0, 0.7), Criteria(0.9, 1.0, 0.6), Criteria(0.9, 1.0, 0.6), Criteria(0.8, 1.0, 0.9)])
    2
    """
    return max(range(len(states)), key=lambda index: (*states[index].rank, index))
