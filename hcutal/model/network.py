"""The network of HC-UTAL: a shared temporal embedding, the heads g_h and g_v, and the classifier g_cls."""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class NetworkShape:
    """What decides the sizes of the network's tensors.

    Attributes:
        inputs: D, the features of a snippet, all streams together.
        embedding: E, the task-specific features of a snippet (F_i of section 3.1.3).
        outputs: columns of the CAS: clusters, or classes when the labels are known.
        clusters: C, the columns of g_h and g_v.
        hidden: the hidden layer of g_h and g_v.
        shared: whether g_h and g_v see pooled embeddings instead of pooled input features.
        components: whitened directions of the pooled features that g_h and g_v see; 0: the features as they are.
        kernel: snippets that one embedding sees; odd.
    """

    inputs: int
    embedding: int
    outputs: int
    clusters: int
    hidden: int
    shared: bool
    components: int = 0
    kernel: int = 3

    def as_dict(self) -> dict[str, int | bool]:
        """The fields by name."""
        return asdict(self)


class HCUTAL(nn.Module):
    """Shared embedding g_embed, video-level heads g_h and g_v, classifier g_cls.

    Args:
        shape: sizes.
        dropout: probability of dropping an input of the classifier.
        view_dropout: probability of dropping an input of g_h and g_v.
    """

    def __init__(self, shape: NetworkShape, dropout: float = 0.0, view_dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.dropout = dropout
        self.view_dropout = view_dropout
        pooled = shape.embedding if shape.shared else shape.inputs
        self.embed = nn.Conv1d(shape.inputs, shape.embedding, shape.kernel, padding=shape.kernel // 2)
        self.classifier = nn.Conv1d(shape.embedding, shape.outputs, 1, bias=False)
        self.horizontal = _mlp(shape.components or pooled, shape.hidden, shape.clusters)
        self.vertical = _mlp(shape.components or pooled, shape.hidden, shape.clusters)
        self.register_buffer("input_mean", torch.zeros(shape.inputs))
        self.register_buffer("input_deviation", torch.ones(shape.inputs))
        self.register_buffer("pooled_mean", torch.zeros(pooled))
        self.register_buffer("pooled_projection", torch.zeros(pooled, shape.components))

    def normalise(self, features: Tensor) -> Tensor:
        """Input features [..., D] on the scale that the network was trained on."""
        return (features - self.get_buffer("input_mean")) / self.get_buffer("input_deviation")

    def embedding(self, features: Tensor) -> Tensor:
        """F = g_embed(X): [N, T, D] to [N, T, E], not negative."""
        return functional.relu(self.embed(features.transpose(1, 2))).transpose(1, 2)

    def cas(self, embedding: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The class activation sequence S = g_cls(F): [N, T, E] to [N, T, K], not negative.

        With a generator, inputs are dropped as in training.
        """
        inputs = embedding if generator is None else drop(embedding, self.dropout, generator)
        return functional.relu(self.classifier(inputs.transpose(1, 2))).transpose(1, 2)

    def coordinates(self, features: Tensor) -> Tensor:
        """Features [..., D or E] of snippets or videos as g_h and g_v see them: whitened [..., R], or as they are."""
        if self.shape.components == 0:
            return features
        return (features - self.get_buffer("pooled_mean")) @ self.get_buffer("pooled_projection")

    def assign(self, pooled: Tensor) -> Tensor:
        """Soft cluster assignment [N, C] of pooled coordinates [N, R], without dropout: softmax of g_v."""
        return functional.softmax(self.vertical(pooled), dim=1)

    def project(self, pooled: Tensor, noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """One augmented view of pooled coordinates [N, R]: g_h [N, C] and the soft assignment of g_v [N, C]."""
        if noise > 0:
            pooled = pooled + noise * torch.randn(pooled.shape, generator=generator, device=pooled.device)
        view = drop(pooled, self.view_dropout, generator)
        return self.horizontal(view), functional.softmax(self.vertical(view), dim=1)


def drop(values: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Dropout that draws from an explicit generator; the expectation is kept."""
    if probability == 0:
        return values
    kept = torch.rand(values.shape, generator=generator, device=values.device) >= probability
    return values * kept / (1 - probability)


def _mlp(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


def initialise(network: HCUTAL, generator: torch.Generator) -> None:
    """Draw all weights anew from `generator`: uniform within 1/sqrt(inputs), torch's own rule for these layers."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Linear | nn.Conv1d):
                bound = float(module.weight[0].numel()) ** -0.5
                for parameter in module.parameters(recurse=False):
                    parameter.uniform_(-bound, bound, generator=generator)
