import pytest
import torch

from hcutal.losses.boundary import boundary_loss, non_boundary_loss
from hcutal.losses.instance import instance_loss
from hcutal.model import localizer
from hcutal.model.localizer import LocalizerObjective, action_features
from hcutal.model.mining import mine_snippets
from hcutal.model.network import HCUTAL, NetworkShape, initialise
from hcutal.params.train import TrainParams

LABELS = torch.tensor([[1.0, 0, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1]])


def make(dropout: float = 0.0, **values: object) -> LocalizerObjective:
    network = HCUTAL(NetworkShape(4, 5, outputs=3, clusters=3, hidden=6, shared=False), dropout)
    initialise(network, torch.Generator().manual_seed(0))
    params = TrainParams.model_validate(values)
    return LocalizerObjective(network, params, torch.Generator().manual_seed(1))


def snippets() -> torch.Tensor:
    return torch.randn(4, 20, 4, generator=torch.Generator().manual_seed(2))


def taken(values: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    return torch.stack([video[own] for video, own in zip(values, index, strict=True)])


def test_action_features_are_means_over_the_highest_snippets_of_each_class_of_a_video() -> None:
    embedding = torch.arange(24.0).reshape(2, 4, 3)
    cas = torch.tensor([[[0.0, 9], [3, 0], [2, 1], [1, 2]], [[5.0, 0], [0, 1], [6, 2], [0, 3]]])
    features, labels = action_features(embedding, cas, torch.tensor([[1.0, 0.0], [1.0, 1.0]]), 2)
    assert labels.tolist() == [0, 0, 1]
    # Class 0: snippets 1 and 2 of video 0, 2 and 0 of video 1; class 1: snippets 3 and 2 of video 1.
    expected = [embedding[0, [1, 2]], embedding[1, [0, 2]], embedding[1, [2, 3]]]
    assert features.tolist() == [part.mean(dim=0).tolist() for part in expected]


def test_the_losses_are_those_of_the_equations_on_the_mined_snippets() -> None:
    bounds = {"q": 3.0, "tau": 0.2, "easy": 4, "hard": 10, "inner": 1, "outer": 5}
    objective = make(top={"part": 10}, instance={"tau": 0.3}, boundary=bounds)
    found = objective.losses(snippets(), LABELS)
    embedding = objective.network.embedding(snippets())
    cas = objective.network.cas(embedding)
    # 20 snippets: one in ten is 2, one in four 5.
    scores = cas.sort(dim=1, descending=True).values[:, :2].mean(dim=1)
    probability = scores.exp() / scores.exp().sum(dim=1, keepdim=True)
    expected = -(LABELS / LABELS.sum(dim=1, keepdim=True) * probability.log()).sum(dim=1).mean()
    torch.testing.assert_close(found["classification"], expected)
    features, classes = action_features(embedding, cas, LABELS, 2)
    torch.testing.assert_close(found["instance"], instance_loss(features, classes, 0.3))
    mined = mine_snippets(cas.sum(dim=2), 5, 2, 1, 5)
    action, background = taken(embedding, mined.action), taken(embedding, mined.background)
    torch.testing.assert_close(found["non_boundary"], non_boundary_loss(action, background, 3.0) / 9)
    inside, outside = taken(embedding, mined.action_boundary), taken(embedding, mined.background_boundary)
    torch.testing.assert_close(found["boundary"], boundary_loss(inside, outside, action, background, 0.2))


def test_without_q_it_is_twice_the_length_that_action_features_start_with() -> None:
    objective = make(boundary={"easy": 4})
    first = objective.losses(snippets(), LABELS)
    embedding = objective.network.embedding(snippets())
    mined = mine_snippets(objective.network.cas(embedding).sum(dim=2), 5, 1, 3, 7)
    lengths = [own.mean(dim=0).norm().item() for own in taken(embedding, mined.action)]
    assert objective.magnitude == pytest.approx(2 * sum(lengths) / 4)
    given = make(boundary={"easy": 4, "q": objective.magnitude}).losses(snippets(), LABELS)
    torch.testing.assert_close(first["non_boundary"], given["non_boundary"])
    before = objective.magnitude
    objective.losses(9 * snippets(), LABELS)
    assert objective.magnitude == before


def test_every_loss_teaches_the_embedding_and_mining_does_not() -> None:
    for name in ("classification", "instance", "non_boundary", "boundary"):
        objective = make()
        objective.losses(snippets(), LABELS)[name].backward()
        gradient, classifier = objective.network.embed.weight.grad, objective.network.classifier.weight.grad
        assert gradient is not None
        assert gradient.abs().sum() > 0
        # Which snippets are mined hangs on the classifier, but no gradient flows through the choice.
        assert (classifier is not None) == (name == "classification")


def test_actionness_is_the_sum_of_the_activation_without_dropout() -> None:
    objective = make(dropout=0.9)
    cas = objective.network.cas(objective.network.embedding(snippets()))
    found = objective.actionness(snippets())
    torch.testing.assert_close(found, cas.sum(dim=2))
    assert not found.requires_grad


@pytest.mark.parametrize(
    ("levels", "names"),
    [
        ({"instance": False}, ["classification", "non_boundary", "boundary"]),
        ({"boundary": False}, ["classification", "instance"]),
        ({"instance": False, "boundary": False}, ["classification"]),
    ],
)
def test_levels_that_are_off_are_not_computed_and_leave_the_others_as_they_are(
    levels: dict[str, bool], names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make().losses(snippets(), LABELS)
    computed = []
    for name in ("classification_loss", "instance_loss", "non_boundary_loss", "boundary_loss"):
        loss = getattr(localizer, name)
        monkeypatch.setattr(
            localizer, name, lambda *of, name=name, loss=loss: computed.append(name) or loss(*of)
        )
    objective = make(levels=levels)
    found = objective.losses(snippets(), LABELS)
    assert list(found) == names == [name.removesuffix("_loss") for name in computed]
    for name, value in found.items():
        torch.testing.assert_close(value, whole[name])
    assert (objective.magnitude is None) == (levels.get("boundary") is False)
