"""The network of HC-UTAL: a shared temporal embedding, the heads g_h and g_v, and the classifier g_cls."""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from hcutal.model.convolution import convolve


@dataclass(frozen=True)
class NetworkShape:
    """The sizes of the network.

    Attributes:
        inputs: D, the features of a snippet, all streams together.
        embedding: E, the task-specific features of a snippet (F_i of section 3.1.3).
        outputs: columns of the CAS: clusters, or classes when the labels are known.
        clusters: C, the columns of g_h and g_v.
        hidden: the hidden layer of g_h and g_v.
        shared: whether g_h and g_v see pooled embeddings (else pooled input features).
        components: most whitened directions of the pooled features that g_h and g_v see; 0: the features as they are.
        kernel: how many snippets an embedding is computed from; odd.
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

    >>> network = HCUTAL(NetworkShape(inputs=6, embedding=8, outputs=3, clusters=3, hidden=8, shared=False))
    >>> embedding = network.embedding(torch.zeros(2, 10, 6))
    >>> list(embedding.shape), list(network.cas(embedding).shape)
    ([2, 10, 8], [2, 10, 3])
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
        """Input features [..., D] with the mean and deviation of training taken out."""
        return self.normalise_(features.clone())

    def normalise_(self, features: Tensor) -> Tensor:
        """As `normalise`, in the memory of `features`."""
        return features.sub_(self.get_buffer("input_mean")).div_(self.get_buffer("input_deviation"))

    def embedding(self, features: Tensor) -> Tensor:
        """F = g_embed(X): [N, T, D] to [N, T, E], not negative."""
        assert self.embed.bias is not None
        return convolve(features, self.embed.weight, self.embed.bias).relu_()

    def cas(self, embedding: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The class activation sequence S = g_cls(F): [N, T, E] to [N, T, K], not negative.

        Inputs are dropped where a generator is given, as in training.
        """
        inputs = embedding if generator is None else drop(embedding, self.dropout, generator)
        # A kernel of one snippet: [E, K] applied to each.
        return functional.linear(inputs, self.classifier.weight[:, :, 0]).relu_()

    def coordinates(self, features: Tensor) -> Tensor:
        """Features [..., D or E] of snippets or videos as g_h and g_v see them: as they are, or whitened [..., R]."""
        if self.shape.components == 0:
            return features
        return (features - self.get_buffer("pooled_mean")) @ self.get_buffer("pooled_projection")

    def video_state(self) -> dict[str, Tensor]:
        """A copy of what video-level learning changes, for `load_state_dict` (strict=False)."""
        parts = ("horizontal.", "vertical.", "pooled_", *(["embed."] if self.shape.shared else []))
        return {name: value.clone() for name, value in self.state_dict().items() if name.startswith(parts)}

    def assign(self, pooled: Tensor) -> Tensor:
        """Soft assignment to clusters by g_v: pooled coordinates [N, R] or a view of them to [N, C]; rows sum to 1."""
        return functional.softmax(self.vertical(pooled), dim=1)

    def view(self, pooled: Tensor, noise: float, generator: torch.Generator) -> Tensor:
        """An augmented view of pooled coordinates, with noise of this deviation and dropout: [N, R] to [N, R].

        A direction in which all recordings are 0 gets no noise.
        """
        if noise > 0:
            drawn = noise * torch.randn(pooled.shape, generator=generator, device=pooled.device)
            if self.shape.components:
                drawn = drawn * self.get_buffer("pooled_projection").any(dim=0)
            pooled = pooled + drawn
        return drop(pooled, self.view_dropout, generator)


def drop(values: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Dropout that draws from a given generator; what is kept is scaled up, so the expectation does not change.

    >>> dropped = drop(torch.ones(100), 0.5, torch.Generator().manual_seed(0))
    >>> sorted(set(dropped.tolist()))
    [0.0, 2.0]
    """
    if probability == 0:
        return values
    draw = torch.rand(values.shape, generator=generator, device=values.device)
    return values * draw.ge_(probability).div_(1 - probability)


def _mlp(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


def initialise(network: HCUTAL, generator: torch.Generator) -> None:
    """Draw all weights again from `generator`: uniform within 1/sqrt(inputs), torch's own rule for these layers.

    They are drawn on the generator's device, wherever the network is.
    """
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Linear | nn.Conv1d):
                bound = float(module.weight[0].numel()) ** -0.5
                for parameter in module.parameters(recurse=False):
                    drawn = torch.empty(parameter.shape, device=generator.device)
                    parameter.copy_(drawn.uniform_(-bound, bound, generator=generator))
