"""Training and localizing on CUDA; skipped where there is none."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hcutal.data.store import FeatureStore
from hcutal.model.checkpoint import Localizer
from hcutal.model.packed import TrainingFeatures
from hcutal.model.resumption import put_back, read_state, state_of, write_state
from hcutal.model.training import Trainer, Training
from hcutal.params.train import TrainParams
from tests.model.test_training import CPU, change

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
CUDA = torch.device("cuda")


@pytest.fixture(autouse=True)
def deterministic() -> None:
    # As the train stage does.
    torch.use_deterministic_algorithms(True, warn_only=True)


@pytest.fixture
def short(params: TrainParams) -> TrainParams:
    return change(params, steps=9, refresh=3, video={"warmup": 4, "restarts": 2})


def trained(store: FeatureStore, params: TrainParams) -> tuple[Trainer, Training]:
    trainer = Trainer(TrainingFeatures(store, store.videos, CUDA), params, None, CUDA)
    return trainer, trainer.run()


def contents(result: Training) -> dict[str, object]:
    assert result.assignment is not None
    state = {name: value.cpu().numpy().tobytes() for name, value in result.network.state_dict().items()}
    return {**state, "assignment": result.assignment.cpu().numpy().tobytes(), "curves": result.curves}


def test_the_same_seed_gives_the_same_bytes(store: FeatureStore, short: TrainParams) -> None:
    assert contents(trained(store, short)[1]) == contents(trained(store, short)[1])


@pytest.mark.parametrize("step", [3, 6, 9, 13])
def test_an_interrupted_training_goes_on_to_the_same_bytes(
    step: int, store: FeatureStore, short: TrainParams, tmp_path: Path
) -> None:
    features, path = TrainingFeatures(store, store.videos, CUDA), tmp_path / "state"

    def keep(trainer: Trainer) -> None:
        if trainer.done == step:
            write_state(path, *state_of(trainer))

    unbroken = Trainer(features, short, None, CUDA, after_step=keep).run()
    found = read_state(path)
    assert found is not None
    trainer = Trainer(features, short, None, CUDA)
    put_back(trainer, *found)
    assert contents(trainer.run()) == contents(unbroken)


def test_the_localizer_finds_what_it_finds_on_the_cpu(store: FeatureStore, short: TrainParams) -> None:
    trainer, result = trained(store, short)
    network, values = result.network.eval(), store.read(store.videos[0])
    found = {}
    for device in (CUDA, CPU):
        localizer = Localizer(
            network.to(device), trainer.snippets, short.top, "unsupervised", None, store.meta.streams
        )
        found[device] = localizer.cas(values)
    for name in ("cas", "scores", "actionness", "magnitude"):
        one, other = (getattr(found[device], name) for device in (CUDA, CPU))
        # Convolutions on CUDA may round their inputs to 10 bits (TF32).
        np.testing.assert_allclose(one, other, rtol=0.02, atol=0.02 * np.abs(other).max())
