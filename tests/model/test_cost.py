"""How long a training will take is told from a few steps, which leave no trace in it."""

from itertools import count

import numpy as np
import pytest
import torch

from hcutal.data.store import FeatureStore
from hcutal.model import cost
from hcutal.model.packed import TrainingFeatures
from hcutal.model.training import Trainer
from hcutal.params.train import TrainParams
from tests.model.test_training import CPU, TRUTH, change


@pytest.mark.parametrize("supervision", ["unsupervised", "mapped", "weak"])
def test_every_step_costs_what_a_step_of_its_kind_took(
    store: FeatureStore, params: TrainParams, supervision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A second from each step to the next.
    ticks = count()
    monkeypatch.setattr(cost.time, "perf_counter", lambda: float(next(ticks)))
    starts = {"pooling": ["mean", "deviation"], "neighbours": {"count": [2, 5]}}
    several = change(params, supervision=supervision, video=starts)
    truth = None if supervision == "unsupervised" else TRUTH
    steps, seconds, *_ = cost.expected_cost(TrainingFeatures(store, store.videos, CPU), several, truth, CPU)
    # Two rules of pooling and one more number of neighbours, each from two starts of 60 steps.
    assert steps == seconds == (30 if supervision == "weak" else 3 * 2 * 60 + 30)


def test_a_training_without_the_video_level_costs_the_steps_of_the_localizer(
    store: FeatureStore, params: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = count()
    monkeypatch.setattr(cost.time, "perf_counter", lambda: float(next(ticks)))
    baseline = change(params, pseudo_labels={"spectral": {}}, levels={"video": False})
    found = cost.expected_cost(TrainingFeatures(store, store.videos, CPU), baseline, None, CPU)
    assert found == (30, 30.0, 0, 0.0)


def test_refreshes_of_the_pseudo_labels_cost_what_one_took(
    store: FeatureStore, params: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = count()
    monkeypatch.setattr(cost.time, "perf_counter", lambda: float(next(ticks)))
    refresh = Trainer._refresh

    def slow(trainer: Trainer, before: torch.Tensor) -> None:
        refresh(trainer, before)
        for _ in range(20):
            next(ticks)

    monkeypatch.setattr(Trainer, "_refresh", slow)
    features = TrainingFeatures(store, store.videos, CPU)
    one = change(params, video={"pooling": "mean", "restarts": 1})
    # 60 steps of warm-up, 30 of joint training, and 20 s after each ten of them but the last.
    found = cost.expected_cost(features, one, None, CPU)
    assert found == (90, 60 + 30 + 2 * 20, 60, 60.0)
    # Those of joint training cost more than those of the warm-up.
    assert [found.part(done) for done in (0, 60, 75, 90)] == [0, 60 / 130, 95 / 130, 1]


def test_the_training_is_the_same_with_and_without(store: FeatureStore, params: TrainParams) -> None:
    torch.set_num_threads(1)
    features = TrainingFeatures(store, store.videos, CPU)
    without = Trainer(features, params, None, CPU).run()
    cost.expected_cost(features, params, None, CPU)
    after = Trainer(features, params, None, CPU).run()
    assert without.curves == after.curves
    for name, value in without.network.state_dict().items():
        np.testing.assert_array_equal(value, after.network.state_dict()[name])
