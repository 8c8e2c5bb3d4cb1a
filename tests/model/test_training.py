from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from hcutal.data.pieces import cut
from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.model import packed, training
from hcutal.model.network import initialise
from hcutal.model.packed import TrainingFeatures
from hcutal.model.pseudo_labels import PseudoLabels
from hcutal.model.start import winner
from hcutal.model.training import CURVES, WEIGHTS, Row, Trainer, Training
from hcutal.params.merge import merge
from hcutal.params.train import TrainParams

CPU = torch.device("cpu")
TRUTH = torch.eye(3)[torch.arange(24) % 3]


def change(params: TrainParams, **values: Any) -> TrainParams:
    return TrainParams.model_validate(merge(params.model_dump(mode="json"), values, TrainParams))


def train(store: FeatureStore, params: TrainParams, truth: torch.Tensor | None = None) -> Training:
    torch.set_num_threads(1)
    return Trainer(TrainingFeatures(store, store.videos, CPU), params, truth, CPU).run()


def number(row: Row, name: str) -> float:
    value = row[name]
    assert value is not None
    return value


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


def test_the_seed_decides_the_start_the_batches_and_the_views(
    store: FeatureStore, params: TrainParams
) -> None:
    features = TrainingFeatures(store, store.videos, CPU)
    first, again, other = (Trainer(features, change(params, seed=seed), None, CPU) for seed in (1, 1, 2))
    drawn = [
        (
            trainer.network.embed.weight[0, 0, 0].item(),
            trainer.draws.random(),
            torch.rand(1, generator=trainer.generator).item(),
        )
        for trainer in (first, again, other)
    ]
    assert drawn[0] == drawn[1]
    assert all(one != two for one, two in zip(drawn[0], drawn[2], strict=True))


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
    curves = train(store, change(params, weights={"equal": {}}, top={"count": 5})).curves
    joint = [row for row in curves if row["classification"] is not None]
    assert len(joint) == params.steps
    assert {row[f"weight_{level}"] for row in joint for level in ("video", "instance", "boundary")} == {1.0}


def test_the_total_is_the_weighted_sum_of_the_levels_in_their_scales(
    store: FeatureStore, params: TrainParams
) -> None:
    scales = {"instance": {"scale": 0.3}, "boundary": {"scale": 0.2}}
    curves = train(store, change(params, weights={"dynamic": {"period": 2}}, steps=8, **scales)).curves
    for row in curves[:60]:
        assert row["total"] == pytest.approx(number(row, "horizontal") + number(row, "vertical"), rel=1e-5)
    for row in curves[60:]:
        video = number(row, "weight_video") * (number(row, "horizontal") + number(row, "vertical"))
        instance = number(row, "weight_instance") * 0.3 * number(row, "instance")
        lengths = number(row, "non_boundary") + number(row, "boundary")
        boundary = number(row, "weight_boundary") * 0.2 * lengths
        expected = number(row, "classification") + video + instance + boundary
        assert row["total"] == pytest.approx(expected, rel=1e-5)


def test_weights_follow_the_losses_of_each_level(store: FeatureStore, params: TrainParams) -> None:
    curves = train(
        store, change(params, weights={"dynamic": {"period": 2, "temperature": 0.7}}, steps=8)
    ).curves[60:]
    parts = {
        "video": ("horizontal", "vertical"),
        "instance": ("instance",),
        "boundary": ("non_boundary", "boundary"),
    }
    losses = {
        task: [sum(number(row, name) for name in names) for row in curves] for task, names in parts.items()
    }
    for step in (4, 6):
        ratio = [
            sum(values[step - 2 : step]) / sum(values[step - 4 : step - 2]) for values in losses.values()
        ]
        share = np.exp(np.array(ratio) / 0.7)
        found = [number(curves[step], f"weight_{task}") for task in losses]
        np.testing.assert_allclose(found, 3 * share / share.sum(), rtol=1e-4)


def test_the_start_with_the_lowest_loss_goes_on(store: FeatureStore, params: TrainParams) -> None:
    torch.set_num_threads(1)
    features = TrainingFeatures(store, store.videos, CPU)
    some = change(params, video={"warmup": 20, "restarts": 3})
    apart, together = (Trainer(features, some, None, CPU) for _ in range(2))
    apart.level.choose(apart.all_snippets(), None)
    rows, states = [], []
    for _ in range(3):
        rows.append(apart._train_heads(20))
        states.append(apart.network.video_state())
        initialise(apart.network, apart.start)
        apart.level.rescale()
    together._warm_up()
    # The last tenth of 20 steps are two. It is neither the first start nor the last that is best.
    best = int(np.argmin([number(own[-1], "total") + number(own[-2], "total") for own in rows]))
    assert best == 1
    assert together.curves == rows[best]
    kept = together.network.video_state()
    assert kept.keys() == states[best].keys() > {"vertical.0.weight", "pooled_mean", "pooled_projection"}
    assert all(torch.equal(value, kept[name]) for name, value in states[best].items())
    torch.testing.assert_close(together.level.coordinates, together.level.pooled())


def test_of_several_starts_the_kind_that_is_chosen_stays_until_the_end(
    store: FeatureStore, params: TrainParams
) -> None:
    starts = {
        "pooling": ["mean", "deviation"],
        "neighbours": {"count": [2, 5]},
        "components": [0.7, 1.4],
    }
    result = train(store, change(params, video={"warmup": 20, "restarts": 2, **starts}))
    assert result.start is not None and len(result.warmups) == 8
    assert result.start == winner(result.warmups, change(params, video={"restarts": 2, **starts}).video)
    # The curves are those of the warm-up that was chosen, and of what followed.
    assert [row["step"] for row in result.curves] == list(range(1, 51))
    last = [number(row, "total") for row in result.curves[18:20]]
    assert result.warmups[result.start].loss == pytest.approx(np.mean(last))


@pytest.mark.parametrize("pooling", ["mean", "deviation"])
def test_training_goes_on_with_the_snippets_of_the_rule_that_was_chosen(
    store: FeatureStore, params: TrainParams, pooling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = change(params, video={"warmup": 5, "restarts": 1, "pooling": ["mean", "deviation"]})
    trainer = Trainer(TrainingFeatures(store, store.videos, CPU), some, None, CPU)
    monkeypatch.setattr(
        training, "winner", lambda done, params: [each.kind.pooling for each in done].index(pooling)
    )
    trainer._warm_up()
    # Those of the whole recording, or a share of them, whichever rule was tried last.
    assert (trainer.level.chosen is None) == (pooling == "mean")
    torch.testing.assert_close(trainer.level.coordinates, trainer.level.pooled())


def test_labels_are_refreshed_on_schedule_and_the_share_that_changed_is_told(
    store: FeatureStore, params: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[torch.Tensor] = []
    used: list[torch.Tensor] = []
    labels, step = PseudoLabels.labels, Trainer._step
    monkeypatch.setattr(PseudoLabels, "labels", lambda self: made.append(labels(self)) or made[-1])
    monkeypatch.setattr(Trainer, "_step", lambda self, opt, own: used.append(own) or step(self, opt, own))
    values = {"warmup": 2, "restarts": 1, "learning_rate": 0.1}
    curves = train(store, change(params, steps=10, refresh=3, video=values)).curves[2:]
    # Made at the start and before steps 4, 7 and 10.
    assert len(made) == 4
    for index, row in enumerate(curves):
        now = index // 3
        assert used[index] is made[now]
        changed = 0.0 if now == 0 else float((made[now] != made[now - 1]).any(dim=1).double().mean())
        assert row["relabelled"] == pytest.approx(changed)
        assert row["clusters"] == len(set(made[now].argmax(dim=1).tolist()))
    assert max(number(row, "relabelled") for row in curves) > 0


def test_snippets_of_the_highest_smoothed_actionness_are_fed_back(
    store: FeatureStore, params: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(TrainingFeatures(store, store.videos, CPU), params, None, CPU)
    snippets = trainer.all_snippets()
    monkeypatch.setattr(trainer, "all_snippets", lambda: snippets)
    trainer.level.choose(snippets, None)
    trainer._feed_back()
    with torch.no_grad():
        everything = snippets[torch.arange(24)]
        actionness = trainer.network.cas(trainer.network.embedding(everything)).sum(dim=2)
    edges = torch.cat([actionness[:, :1], actionness, actionness[:, -1:]], dim=1)
    smoothed = (edges[:, :-2] + edges[:, 1:-1] + edges[:, 2:]) / 3
    bank = trainer.level.bank[torch.arange(24)]
    for video in range(24):
        # A tenth of 30 snippets.
        best = sorted(smoothed[video].argsort(descending=True)[:3].tolist())
        torch.testing.assert_close(bank[video], everything[video, best])


def test_neighbours_of_a_piece_are_pieces_of_other_recordings(
    store: FeatureStore, params: TrainParams
) -> None:
    pieces = cut(store.videos, [30] * len(store.videos), size=10, hop=10)
    features = TrainingFeatures(store, store.videos, CPU, pieces=pieces)
    trainer = Trainer(features, change(params, steps=1), None, CPU)
    trainer.run()
    own = torch.from_numpy(features.recordings)
    assert len(own) == 3 * len(store.videos)
    assert not (own[trainer.level.neighbours] == own[:, None]).any()
    # Whole recordings have none of their own to leave out.
    whole = Trainer(TrainingFeatures(store, store.videos, CPU), change(params, steps=1), None, CPU)
    assert whole.level.recordings is None


def test_the_network_takes_its_scale_from_the_training_features(
    store: FeatureStore, params: TrainParams
) -> None:
    features = TrainingFeatures(store, store.videos, CPU)
    network = Trainer(features, params, None, CPU).network
    everything = np.concatenate([store.read(video) for video in store.videos])
    np.testing.assert_allclose(network.get_buffer("input_mean"), everything.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(network.get_buffer("input_deviation"), everything.std(axis=0), rtol=1e-4)
    plain = Trainer(features, change(params, normalise=False), None, CPU).network
    assert plain.get_buffer("input_mean").abs().sum() == 0
    assert (plain.get_buffer("input_deviation") == 1).all()


def test_the_heads_keep_their_own_learning_rate_in_joint_training(
    store: FeatureStore, params: TrainParams
) -> None:
    slow, fast = (
        train(
            store, change(params, steps=2, video={"warmup": 0, "restarts": 1, "learning_rate": rate})
        ).curves
        for rate in (0.001, 0.1)
    )
    assert slow[0] == fast[0]
    assert slow[1]["classification"] == fast[1]["classification"]
    assert slow[1]["horizontal"] != fast[1]["horizontal"]


def test_every_sample_has_the_snippets_that_are_asked_for(
    store: FeatureStore, params: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[tuple[int, ...]] = set()
    take = TrainingFeatures.take

    def spy(self: TrainingFeatures, *arguments: Any) -> torch.Tensor:
        seen.add(tuple((found := take(self, *arguments)).shape))
        return found

    monkeypatch.setattr(TrainingFeatures, "take", spy)
    train(store, change(params, snippets=14, steps=3, refresh=2, video={"warmup": 2}))
    # All videos before warming up and at the refresh, and a tenth that is fed back; twelve in a joint step.
    assert seen == {(24, 14, 6), (24, 1, 6), (12, 14, 6)}


def test_steps_of_the_video_level_forget_the_gradients_of_those_before(
    store: FeatureStore, params: TrainParams
) -> None:
    still = {"views": "halves", "noise": 0.0, "neighbours": None, "learning_rate": 1e-12}
    gradients = []
    for steps in (1, 3):
        trainer = Trainer(TrainingFeatures(store, store.videos, CPU), change(params, video=still), None, CPU)
        trainer.level.choose(trainer.all_snippets(), None)
        trainer._train_heads(steps)
        gradients.append(trainer.network.vertical[0].weight.grad)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-7)


def test_joint_steps_forget_the_gradients_of_those_before(store: FeatureStore, params: TrainParams) -> None:
    weights = []
    for stale in (0.0, 1e6):
        trainer = Trainer(TrainingFeatures(store, store.videos, CPU), params, None, CPU)
        trainer.level.choose(trainer.all_snippets(), None)
        for parameter in trainer.network.parameters():
            parameter.grad = torch.full_like(parameter, stale)
        optimiser = torch.optim.SGD(trainer.network.parameters(), lr=0.1)
        trainer._step(optimiser, trainer.pseudo_labels.labels())
        weights.append(trainer.network.embed.weight.detach().clone())
    assert torch.equal(*weights)


def test_every_row_is_given_as_it_is_made(store: FeatureStore, params: TrainParams) -> None:
    given: list[object] = []
    features = TrainingFeatures(store, store.videos, CPU)
    result = Trainer(features, change(params, steps=3), None, CPU, given.append).run()
    assert given == result.curves


@pytest.mark.parametrize(
    ("levels", "video", "where"),
    [
        ({}, {"learning_rate": 1e30}, "step 2 of warm-up 1"),
        ({"video": False}, {}, "step 2 of joint training"),
    ],
)
def test_a_loss_that_is_not_finite_ends_training_with_its_name(
    levels: dict[str, bool],
    video: dict[str, float],
    where: str,
    store: FeatureStore,
    params: TrainParams,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    params = change(params, levels=levels, video=video, learning_rate=1e30, **classic_if("video" in levels))
    with pytest.raises(HcutalError, match=rf"{where}: found .*(nan|inf).*; expected finite losses"):
        Trainer(TrainingFeatures(store, store.videos, CPU), params, None, CPU).run()


def test_a_number_of_clusters_is_needed(store: FeatureStore, params: TrainParams) -> None:
    values = params.model_dump()
    values["video"]["clusters"] = {"estimate": {}}
    with pytest.raises(ValueError, match="expected a number, given or estimated"):
        Trainer(TrainingFeatures(store, store.videos, CPU), TrainParams.model_validate(values), None, CPU)


def test_features_that_are_read_as_they_are_needed_train_the_same(
    store: FeatureStore, params: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    results = []
    for bytes_kept in (packed.KEPT, 0):
        monkeypatch.setattr(packed, "HELD", bytes_kept)
        features = TrainingFeatures(store, store.videos, CPU, bytes_kept)
        short = change(params, steps=12, refresh=5, video={"pooling": "deviation", "warmup": 5})
        results.append(Trainer(features, short, None, CPU).run())
    states = [result.network.state_dict() for result in results]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    assert results[0].curves == results[1].curves


def test_weak_supervision_trains_no_clusters(store: FeatureStore, params: TrainParams) -> None:
    result = train(store, change(params, supervision="weak"), TRUTH)
    assert result.assignment is None
    assert all(row["horizontal"] is None and row["weight_video"] is None for row in result.curves)
    assert result.curves[-1]["classification"] < result.curves[0]["classification"]
    assert [row["step"] for row in result.curves] == list(range(1, 31))


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


# Which levels there are.

OFF = {"video": False, "instance": False, "boundary": False}
BASELINE: dict[str, Any] = {"pseudo_labels": {"spectral": {}}, "levels": OFF, "weights": {"equal": {}}}
LOSSES_OF = {
    "video": {"horizontal", "vertical"},
    "instance": {"instance"},
    "boundary": {"non_boundary", "boundary"},
}
# The rows of Table 6: each adds something to the one before. Pseudo-labels of the baseline are of spectral clustering.
TABLE_6: dict[str, dict[str, Any]] = {
    "baseline": BASELINE,
    "video": {"levels": OFF | {"video": True}, "weights": {"equal": {}}},
    "video, instance": {"levels": {"boundary": False}, "weights": {"equal": {}}},
    "video, instance, boundary": {"weights": {"equal": {}}},
    "with dynamic weights": {"weights": {"dynamic": {"period": 2}}},
}


@pytest.mark.parametrize("name", TABLE_6)
def test_every_row_of_table_6_can_be_trained(name: str, store: FeatureStore, params: TrainParams) -> None:
    changed = change(params, steps=8, refresh=3, video={"warmup": 5}, **TABLE_6[name])
    result = train(store, changed)
    on = [level for level, is_on in changed.levels.model_dump().items() if is_on]
    together = result.curves[5 * changed.levels.video :]
    assert len(together) == 8
    for row in together:
        found = {column for column, value in row.items() if value is not None}
        assert found & set().union(*LOSSES_OF.values()) == set().union(*(LOSSES_OF[level] for level in on))
        assert found & set(WEIGHTS) == {f"weight_{level}" for level in on}
        weights = [number(row, f"weight_{level}") for level in on]
        assert sum(weights) == pytest.approx(len(on))
        scales = {"video": 1.0, "instance": 0.1, "boundary": 0.1}
        expected = number(row, "classification") + sum(
            weight * scales[level] * sum(number(row, loss) for loss in LOSSES_OF[level])
            for level, weight in zip(on, weights, strict=True)
        )
        assert row["total"] == pytest.approx(expected, rel=1e-5)
    assert (result.start is None) == (result.warmups == []) == (not changed.levels.video)
    last = [number(together[-1], f"weight_{level}") for level in on]
    assert (last != [1.0] * len(on)) == (name == "with dynamic weights")


@pytest.mark.parametrize("off", LOSSES_OF)
def test_a_level_that_is_off_takes_no_share_of_the_weights(
    off: str, store: FeatureStore, params: TrainParams
) -> None:
    kept = [level for level in LOSSES_OF if level != off]
    weights = {"dynamic": {"period": 2, "temperature": 0.7}}
    changed = change(
        params,
        steps=6,
        video={"warmup": 5},
        levels={off: False},
        weights=weights,
        **classic_if(off == "video"),
    )
    curves = train(store, changed).curves[-6:]
    losses = [[sum(number(row, loss) for loss in LOSSES_OF[level]) for row in curves] for level in kept]
    # From the means of steps 1 and 2, and of 3 and 4: two weights that sum to 2.
    ratio = np.array([sum(values[2:4]) / sum(values[:2]) for values in losses])
    share = np.exp(ratio / 0.7)
    found = [number(curves[4], f"weight_{level}") for level in kept]
    np.testing.assert_allclose(found, 2 * share / share.sum(), rtol=1e-4)
    assert all(row[f"weight_{off}"] is None for row in curves)


def classic_if(needed: bool) -> dict[str, Any]:
    """Pseudo-labels that need no video level."""
    return {"pseudo_labels": {"kmeans": {}}} if needed else {}


def test_the_baseline_learns_from_frozen_labels_by_the_classification_alone(
    store: FeatureStore, params: TrainParams
) -> None:
    result = train(store, change(params, **BASELINE | {"weights": {"dynamic": {}}}))
    assert result.assignment is not None
    assert adjusted_rand_score(np.arange(24) % 3, result.assignment.argmax(dim=1).numpy()) == 1.0
    assert [row["step"] for row in result.curves] == list(range(1, 31))
    assert all(row["total"] == row["classification"] for row in result.curves)
    assert {(row["clusters"], row["relabelled"]) for row in result.curves} == {(3, 0.0)}
    assert number(result.curves[-1], "total") < number(result.curves[0], "total")


def test_a_classic_source_stays_while_the_video_level_learns_beside_it(
    store: FeatureStore, params: TrainParams
) -> None:
    values = {"steps": 9, "refresh": 3, "pseudo_labels": {"kmeans": {}}, "video": {"warmup": 5}}
    result = train(store, change(params, **values))
    assert len(result.curves) == 14
    assert all(row["horizontal"] is not None for row in result.curves)
    assert {row["relabelled"] for row in result.curves[5:]} == {0.0}
    assert result.assignment is not None
    assert set(result.assignment.flatten().tolist()) == {0.0, 1.0}


def test_columns_of_the_classifier_are_those_of_the_clusters_of_g_h(
    store: FeatureStore, params: TrainParams
) -> None:
    result = train(store, change(params, steps=60, video={"vertical": False, "clusters": 6, "warmup": 40}))
    assert result.assignment is not None
    clusters = result.assignment.argmax(dim=1)
    snippets = torch.from_numpy(np.stack([store.read(video) for video in store.videos]))
    network = result.network
    with torch.no_grad():
        cas = network.cas(network.embedding(network.normalise(snippets)))
    scores = cas[:, 10:20].mean(dim=1)
    # Columns that had lost their clusters would agree in a sixth.
    assert float((scores.argmax(dim=1) == clusters).double().mean()) > 0.5


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("supervision", ["unsupervised", "mapped"])
@pytest.mark.parametrize(
    ("source", "video"),
    [
        (source, video)
        for source in ("contrastive", "spectral", "agglomerative", "kmeans")
        for video in ("both", "horizontal", "vertical", "none")
        # There would be no pseudo-labels: tests/params/test_train.py.
        if (source, video) != ("contrastive", "none")
    ],
)
def test_every_combination_of_switches_trains(
    joint: bool, supervision: str, source: str, video: str, store: FeatureStore, params: TrainParams
) -> None:
    is_on = {name: video in ("both", "none", name) for name in ("horizontal", "vertical")}
    changed = change(
        params,
        joint=joint,
        supervision=supervision,
        pseudo_labels={source: {}},
        levels={"video": video != "none"},
        video={**is_on, "warmup": 3, "clusters": 5},
        steps=5,
        refresh=2,
    )
    result = train(store, changed, TRUTH if supervision == "mapped" else None)
    warm, together = result.curves[:-5], result.curves[-5:]
    assert len(warm) == (0 if video == "none" else 3)
    for name, value in is_on.items():
        computed = value and video != "none"
        assert all((row[name] is not None) == computed for row in warm)
        assert all((row[name] is not None) == (computed and joint) for row in together)
    assert np.isfinite([number(row, "total") for row in result.curves]).all()
    assert result.assignment is not None
    assert result.assignment.shape == (24, 5)
    assert result.network.shape.outputs == (3 if supervision == "mapped" else 5)
    if not joint or source != "contrastive":
        assert {row["relabelled"] for row in together} == {0.0}


def test_samples_hold_all_classes_of_a_recording_that_has_several(
    store: FeatureStore, params: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, bool]] = []
    take = TrainingFeatures.take

    def spy(
        self: TrainingFeatures, index: np.ndarray, rows: np.ndarray, *arguments: Any, **more: Any
    ) -> torch.Tensor:
        seen.extend(zip(index.tolist(), (np.diff(rows) == 1).all(axis=1).tolist(), strict=True))
        return take(self, index, rows, *arguments, **more)

    monkeypatch.setattr(TrainingFeatures, "take", spy)
    several = TRUTH.clone()
    several[:5] = 1
    train(store, change(params, supervision="weak", snippets=5, steps=5), several)
    assert {is_in_a_row for video, is_in_a_row in seen if video < 5} == {False}
    assert {is_in_a_row for video, is_in_a_row in seen if video >= 5} == {True}
