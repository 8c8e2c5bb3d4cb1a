import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from hcutal.data.store import FeatureStore
from hcutal.model.packed import TrainingFeatures
from hcutal.model.training import CURVES, Trainer, Training
from hcutal.params.train import TrainParams

CPU = torch.device("cpu")
TRUTH = torch.eye(3)[torch.arange(24) % 3]


def change(params: TrainParams, **values: object) -> TrainParams:
    sections = {key: value for key, value in values.items() if isinstance(value, dict)}
    plain = {key: value for key, value in values.items() if key not in sections}
    merged = params.model_dump() | plain
    for key, value in sections.items():
        merged[key] = merged[key] | value
    return TrainParams.model_validate(merged)


def train(store: FeatureStore, params: TrainParams, truth: torch.Tensor | None = None) -> Training:
    torch.set_num_threads(1)
    return Trainer(TrainingFeatures(store, store.videos, CPU), params, truth, CPU).run()


def test_finds_the_classes_and_their_snippets_without_labels(
    store: FeatureStore, params: TrainParams
) -> None:
    result = train(store, params)
    assert result.assignment is not None
    found = result.assignment.argmax(dim=1).numpy()
    assert adjusted_rand_score(np.arange(24) % 3, found) > 0.8
    snippets = torch.from_numpy(np.stack([store.read(video) for video in store.videos]))
    network = result.network
    with torch.no_grad():
        actionness = network.cas(network.embedding(network.normalise(snippets))).sum(dim=2)
    assert float(actionness[:, 11:19].mean()) > 3 * float(actionness[:, 21:].mean())


def test_same_seed_same_bytes_other_seed_others(store: FeatureStore, params: TrainParams) -> None:
    first, second, other = (
        train(store, change(params, seed=seed)).network.state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["embed.weight"], other["embed.weight"])


def test_curves_have_a_row_a_step_and_the_weights_sum_to_the_tasks(
    store: FeatureStore, params: TrainParams
) -> None:
    curves = train(store, change(params, weights={"dynamic": {"period": 5}})).curves
    assert [row["step"] for row in curves] == list(range(1, 91))
    assert all(list(row) == CURVES for row in curves)
    weights = [[row[f"weight_{task}"] for task in ("video", "instance", "boundary")] for row in curves[60:]]
    np.testing.assert_allclose(np.sum(weights, axis=1), 3)
    assert weights[0] == [1, 1, 1]
    assert weights[-1] != [1, 1, 1]


def test_equal_weights_are_one_and_a_number_of_snippets_can_make_the_score(
    store: FeatureStore, params: TrainParams
) -> None:
    forms = {"weights": {"equal": {}}, "top": {"count": 5}}
    curves = train(store, TrainParams.model_validate(params.model_dump() | forms)).curves
    joint = [row for row in curves if row["classification"] is not None]
    assert len(joint) == params.steps
    assert {row[f"weight_{level}"] for row in joint for level in ("video", "instance", "boundary")} == {1.0}


def test_weak_supervision_trains_no_clusters(store: FeatureStore, params: TrainParams) -> None:
    result = train(store, change(params, supervision="weak"), TRUTH)
    assert result.assignment is None
    assert all(row["horizontal"] is None and row["weight_video"] is None for row in result.curves)
    assert result.curves[-1]["classification"] < result.curves[0]["classification"]


def test_mapped_labels_train_columns_of_classes(store: FeatureStore, params: TrainParams) -> None:
    result = train(store, change(params, supervision="mapped", video={"clusters": 5}), TRUTH)
    assert result.network.shape.outputs == 3
    assert result.assignment is not None
    assert result.assignment.shape == (24, 5)


def test_separated_training_freezes_the_labels(store: FeatureStore, params: TrainParams) -> None:
    joined, apart = (train(store, change(params, joint=joint)) for joint in (True, False))
    assert all(row["relabelled"] == 0 for row in apart.curves[60:])
    assert all(row["horizontal"] is None for row in apart.curves[60:])
    assert all(row["horizontal"] is not None for row in joined.curves)


@pytest.mark.parametrize(
    "video",
    [
        {"shared": True},
        {"views": "halves", "neighbours": None, "noise": 0.0, "dropout": 0.0},
        {"pooling": "deviation", "batch": 8},
        {"feedback": False, "components": 0.0},
    ],
)
def test_every_option_trains_to_finite_losses(
    store: FeatureStore, params: TrainParams, video: dict[str, object]
) -> None:
    result = train(store, change(params, steps=12, video={**video, "warmup": 5}))
    totals = [row["total"] for row in result.curves]
    assert len(totals) == 17
    assert np.isfinite(np.array(totals, dtype=float)).all()


def test_the_first_non_boundary_loss_is_near_one_in_units_of_q(
    store: FeatureStore, params: TrainParams
) -> None:
    ours, printed = (train(store, change(params, steps=1, boundary={"q": q})) for q in (None, 150.0))
    value = printed.curves[-1]["non_boundary"]
    assert value is not None
    assert 0.8 < value < 1.2
    # q is twice what action features start with: half of it is missing, and background adds less than that half.
    assert 0.25 < (ours.curves[-1]["non_boundary"] or 9.0) < 1.1
