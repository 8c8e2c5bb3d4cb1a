"""The bar of a training, and of two of which the first is there for the second."""

from pathlib import Path

import pytest
import torch

from hcutal import progress
from hcutal.data.store import FeatureStore
from hcutal.model.cost import Cost
from hcutal.model.packed import TrainingFeatures
from hcutal.model.training import Trainer
from hcutal.model.training_bar import TrainingBar
from hcutal.params.train import TrainParams
from hcutal.progress import HowFar, progress_of, work_of
from tests.model.test_training import CPU, change


@pytest.fixture
def trainer(store: FeatureStore, params: TrainParams) -> Trainer:
    torch.set_num_threads(1)
    few = change(params, steps=4, video={"warmup": 3, "restarts": 2})
    return Trainer(TrainingFeatures(store, store.videos, CPU), few, None, CPU)


def shown() -> HowFar:
    found = progress_of("train@a.0")
    assert found is not None
    return found


def test_a_first_training_and_the_one_behind_it_have_one_bar(
    trainer: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    # 6 steps of warm-up in 6 s, 4 more in 8; 12 of these behind as much warm-up take 30 s, 44 in all.
    cost = Cost(10, 14.0, 6, 6.0)
    assert cost.with_joint(12) == Cost(18, 30.0, 6, 6.0)
    with work_of("train@a.0"):
        with TrainingBar(trainer, cost, behind=12, note="first") as first:
            assert (shown().done, shown().total) == (0, 28)
            trainer.after_step = first.after_step
            trainer.run()
            assert shown().done == 10
            assert shown().part == pytest.approx(14 / 44)
            assert shown().note == f"loss {trainer.loss:.2f}, first"
        goes_on = Trainer(trainer.features, trainer.params, None, CPU)
        with TrainingBar(goes_on, None, first) as bar:
            goes_on.after_step = bar.after_step
            goes_on.run()
        assert (shown().done, shown().total) == (20, 20)
        assert shown().part == pytest.approx(1.0)
        with TrainingBar(goes_on, None):
            # One that was interrupted at its end.
            assert (shown().done, shown().total, shown().part) == (10, 10, 1.0)
