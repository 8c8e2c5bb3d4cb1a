"""A training that is interrupted after any step, and goes on in another process, gives what an unbroken one gives."""

import copy
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hcutal.data.store import FeatureStore
from hcutal.model import resumption
from hcutal.model.packed import TrainingFeatures
from hcutal.model.resumption import KeptTraining, put_back, read_state, state_of, write_state
from hcutal.model.training import Row, Trainer, Training
from hcutal.params.train import TrainParams
from tests.model.test_training import CPU, TRUTH, change

IDENTITY = {"parameters": "p", "features": "f"}
# 4 steps in each of 3 warm-ups, then 9 together; labels change before the 4th and the 7th of these.
SHORT: dict[str, Any] = {
    "steps": 9,
    "refresh": 3,
    "checkpoints": 3,
    "weights": {"dynamic": {"period": 2}},
    "video": {"warmup": 4, "restarts": 3, "learning_rate": 0.05},
}
CASES: dict[str, dict[str, Any]] = {
    "joint": {},
    "separated": {"joint": False},
    "weak": {"supervision": "weak"},
    "mapped": {"supervision": "mapped"},
    "shared embedding, dropout": {"video": {"shared": True, "dropout": 0.3}},
    "chosen from the start, in batches": {"video": {"pooling": "deviation", "batch": 8}},
    "as printed": {
        "weights": {"equal": {}},
        "video": {"feedback": False, "components": 0.0, "neighbours": None, "views": "halves"},
    },
    "several starts": {
        "video": {
            "pooling": ["mean", "deviation"],
            "neighbours": {"count": [2, 5]},
            "components": [0.5, 1],
            "restarts": 2,
        }
    },
    "no vertical loss": {"video": {"vertical": False, "learning_rate": 0.3, "clusters": 5}},
    "no vertical loss, mapped": {"supervision": "mapped", "video": {"vertical": False, "clusters": 5}},
    "no horizontal loss": {"video": {"horizontal": False}},
    "no instance level": {"levels": {"instance": False}},
    "baseline": {
        "pseudo_labels": {"spectral": {}},
        "levels": {"video": False, "instance": False, "boundary": False},
    },
    "classic, mapped": {
        "supervision": "mapped",
        "pseudo_labels": {"kmeans": {}},
        "levels": {"video": False},
        "video": {"clusters": 5},
    },
    "classic beside the video level": {"pseudo_labels": {"agglomerative": {}}},
    "no warm-up": {"video": {"warmup": 0, "restarts": 1}},
}


class InterruptedTrainingError(Exception):
    pass


@pytest.fixture
def features(store: FeatureStore) -> TrainingFeatures:
    torch.set_num_threads(1)
    return TrainingFeatures(store, store.videos, CPU)


@pytest.fixture
def short(params: TrainParams) -> TrainParams:
    return change(params, **SHORT)


def new_trainer(
    features: TrainingFeatures, params: TrainParams, rows: list[Row] | None = None, **hooks: Any
) -> Trainer:
    truth = None if params.supervision == "unsupervised" else TRUTH
    report = (lambda row: None) if rows is None else rows.append
    return Trainer(features, params, truth, CPU, report, **hooks)


def interrupted(features: TrainingFeatures, params: TrainParams, step: int, path: Path) -> None:
    """Train up to a step, keep the state after it, and break off a step later, where something else holds."""

    def keep(trainer: Trainer) -> None:
        if trainer.done == step:
            write_state(path, *state_of(trainer))
        if trainer.done > step or trainer.done == trainer.steps:
            raise InterruptedTrainingError

    with pytest.raises(InterruptedTrainingError):
        new_trainer(features, params, after_step=keep).run()


def gone_on(features: TrainingFeatures, params: TrainParams, path: Path, rows: list[Row]) -> Training:
    found = read_state(path)
    assert found is not None
    trainer = new_trainer(features, params, rows)
    put_back(trainer, *found)
    return trainer.run()


def contents(result: Training) -> dict[str, Any]:
    """All of a result, in a form that `==` compares byte for byte."""
    state = {name: value.numpy().tobytes() for name, value in result.network.state_dict().items()}
    assignment = None if result.assignment is None else result.assignment.numpy().tobytes()
    kept = [
        (
            each.step,
            each.criteria,
            each.assignment.numpy().tobytes(),
            *(each.network[name].numpy().tobytes() for name in state),
        )
        for each in result.states
    ]
    return {**state, "assignment": assignment, "curves": result.curves, "kept": kept}


@pytest.mark.parametrize("case", CASES)
def test_from_every_step_the_result_is_that_of_an_unbroken_training(
    case: str, features: TrainingFeatures, short: TrainParams, tmp_path: Path
) -> None:
    params = change(short, **CASES[case])
    unbroken = new_trainer(features, params)
    expected = contents(unbroken.run())
    for step in range(1, unbroken.steps + 1):
        interrupted(features, params, step, tmp_path / "state")
        # What others draw from torch's and numpy's own generators has no part in it.
        torch.manual_seed(step)
        rows: list[Row] = []
        assert contents(gone_on(features, params, tmp_path / "state", rows)) == expected, step
        assert rows == expected["curves"], step


def test_a_training_may_be_interrupted_again_and_again(
    features: TrainingFeatures, short: TrainParams, tmp_path: Path
) -> None:
    expected = contents(new_trainer(features, short).run())

    def stop(trainer: Trainer) -> None:
        write_state(tmp_path / "state", *state_of(trainer))
        raise InterruptedTrainingError

    with pytest.raises(InterruptedTrainingError):
        new_trainer(features, short, after_step=stop).run()
    for step in range(2, 22):
        trainer = new_trainer(features, short, after_step=stop)
        put_back(trainer, *read_state(tmp_path / "state") or ({}, {}))
        with pytest.raises(InterruptedTrainingError):
            trainer.run()
        assert trainer.done == step
    assert contents(gone_on(features, short, tmp_path / "state", [])) == expected


def test_a_state_holds_no_snippets(features: TrainingFeatures, short: TrainParams, tmp_path: Path) -> None:
    interrupted(features, short, 20, tmp_path / "state")
    _, tensors = read_state(tmp_path / "state") or ({}, {})
    assert "labels" in tensors
    assert max(value.dim() for name, value in tensors.items() if name.startswith("level.")) == 2
    assert not any(name.startswith("best.") for name in tensors)


def test_losses_that_are_not_finite_are_kept_as_they_are(tmp_path: Path) -> None:
    values = {"losses": [np.inf, -np.inf, 0.1, 1e-310, None], "integer": 2**127 + 1}
    write_state(tmp_path / "state", values, {"x": torch.tensor([torch.nan, -0.0])})
    found = read_state(tmp_path / "state")
    assert found is not None
    assert found[0] == values
    assert found[1]["x"].numpy().tobytes() == np.array([np.nan, -0.0], np.float32).tobytes()


# Files of the state.


class Kept:
    """A training of which a state is kept, and what was said of it."""

    def __init__(self, folder: Path, features: TrainingFeatures, params: TrainParams) -> None:
        self.folder, self.features, self.params = folder, features, params
        self.said: list[str] = []

    def open(self, seconds: float = 0.0, other: str = "") -> KeptTraining:
        identity = IDENTITY | ({other: "another"} if other else {})
        return KeptTraining(self.folder, identity, seconds, self.said.append)

    def stop_after(self, steps: int) -> None:
        kept = self.open()

        def step(trainer: Trainer) -> None:
            kept.after_step(trainer)
            if trainer.done == steps:
                raise InterruptedTrainingError

        with pytest.raises(InterruptedTrainingError):
            new_trainer(self.features, self.params, after_step=step).run()

    def restore(self, other: str = "") -> tuple[bool, Trainer]:
        trainer = new_trainer(self.features, self.params)
        return self.open(other=other).restore(trainer), trainer


@pytest.fixture
def kept(tmp_path: Path, features: TrainingFeatures, short: TrainParams) -> Kept:
    found = Kept(tmp_path / "training", features, short)
    found.stop_after(14)
    return found


def is_new(trainer: Trainer, kept: Kept) -> bool:
    """Whether nothing of a state has come into a trainer."""
    other = new_trainer(kept.features, kept.params)
    same = all(
        torch.equal(value, other.network.state_dict()[name])
        for name, value in trainer.network.state_dict().items()
    )
    return same and trainer.done == 0 and trainer.draws.random() == other.draws.random()


def test_it_says_where_it_goes_on(kept: Kept) -> None:
    goes_on, trainer = kept.restore()
    assert goes_on
    assert trainer.done == 14
    assert len(kept.said) == 1
    assert kept.said[0].startswith("train: goes on at step 14 of 21 (state of 20")


def test_without_a_state_training_starts_anew_and_says_nothing(
    tmp_path: Path, features: TrainingFeatures, short: TrainParams
) -> None:
    nothing = Kept(tmp_path / "nothing", features, short)
    goes_on, trainer = nothing.restore()
    assert not goes_on
    assert is_new(trainer, nothing)
    assert nothing.said == []
    assert not nothing.folder.exists()


@pytest.mark.parametrize("name", IDENTITY)
def test_the_state_of_another_training_is_set_aside(name: str, kept: Kept) -> None:
    goes_on, trainer = kept.restore(other=name)
    assert not goes_on
    assert is_new(trainer, kept)
    assert len(kept.said) == 1
    assert kept.said[0].endswith(f"is of other {name}; training starts anew")
    assert [path.name for path in kept.folder.iterdir()] == ["unused"]
    assert kept.restore()[0] is False


def damaged(content: bytes, how: str) -> bytes:
    rng = np.random.default_rng(0)
    middle = len(content) // 2
    return {
        "emptied": b"",
        "cut": content[:middle],
        "cut by a byte": content[:-1],
        "without its first line": content.partition(b"\n")[2],
        "zeroed": bytes(len(content)),
        "zeroed from the middle": content[:middle] + bytes(len(content) - middle),
        "random": rng.bytes(len(content)),
        "one bit in the middle": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "one bit in the end": content[:-1] + bytes([content[-1] ^ 128]),
        "longer": content + b"\n",
        "twice": content + content,
    }[how]


@pytest.mark.parametrize(
    "how",
    [
        *("emptied", "cut", "cut by a byte", "without its first line", "zeroed", "zeroed from the middle"),
        *("random", "one bit in the middle", "one bit in the end", "longer", "twice"),
    ],
)
def test_a_damaged_state_is_set_aside(how: str, kept: Kept) -> None:
    path = kept.folder / "state"
    path.write_bytes(damaged(path.read_bytes(), how))
    goes_on, trainer = kept.restore()
    assert not goes_on
    assert is_new(trainer, kept)
    assert [line.partition(" is ")[2] for line in kept.said] == ["damaged; training starts anew"]
    assert [path.name for path in kept.folder.iterdir()] == ["unused"]


def test_a_folder_in_the_place_of_the_state_is_set_aside(kept: Kept) -> None:
    (kept.folder / "state").unlink()
    (kept.folder / "state/within").mkdir(parents=True)
    (kept.folder / "unused/older").mkdir(parents=True)
    assert not kept.restore()[0]
    assert "damaged" in kept.said[0]


def test_what_a_killed_process_left_half_written_is_removed(kept: Kept) -> None:
    (kept.folder / ".state.abc").mkdir()
    (kept.folder / ".state.abc/state").write_bytes(b"half")
    assert kept.restore()[0]
    assert [path.name for path in kept.folder.iterdir()] == ["state"]


def test_a_complete_training_leaves_nothing(kept: Kept) -> None:
    kept.open().remove()
    assert not kept.folder.exists()
    kept.open().remove()


def test_a_state_is_kept_when_it_is_time_to(
    tmp_path: Path, features: TrainingFeatures, short: TrainParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each step takes five seconds.
    now = [1000.0]
    monkeypatch.setattr("hcutal.model.resumption.time.monotonic", lambda: now[0])
    kept = KeptTraining(tmp_path / "training", IDENTITY, 20.0)
    found: list[int] = []

    def step(trainer: Trainer) -> None:
        now[0] += 5
        kept.after_step(trainer)
        if (tmp_path / "training/state").exists():
            found.append(trainer.done)
            kept.remove()

    new_trainer(features, short, after_step=step).run()
    assert found == [4, 8, 12, 16, 20]


def test_a_full_disk_is_said_once_and_training_goes_on(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, features: TrainingFeatures, short: TrainParams
) -> None:
    before = (kept.folder / "state").read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(resumption, "save", full)
    again = kept.open()
    result = new_trainer(features, short, after_step=again.after_step).run()
    assert len(result.curves) == 13
    assert kept.said == ["train: the state cannot be kept (No space left on device); training goes on"]
    assert (kept.folder / "state").read_bytes() == before


def test_a_process_that_is_asked_to_end_keeps_its_state_first(
    tmp_path: Path, features: TrainingFeatures, short: TrainParams
) -> None:
    expected = contents(new_trainer(features, short).run())
    asked = Kept(tmp_path / "training", features, short)
    kept = asked.open(seconds=1e9)
    handler = signal.getsignal(signal.SIGTERM)

    def report(row: Row) -> None:
        if row["step"] == 6:
            os.kill(os.getpid(), signal.SIGTERM)

    trainer = Trainer(features, short, None, CPU, report, kept.after_step)
    with pytest.raises(SystemExit) as ended, kept.until_asked_to_end():
        trainer.run()
    assert ended.value.code == 143
    assert signal.getsignal(signal.SIGTERM) == handler
    goes_on, again = asked.restore()
    assert goes_on
    # Three warm-ups of four steps, and two steps after.
    assert again.done == 14
    assert contents(copy.copy(again).run()) == expected
