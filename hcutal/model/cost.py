"""How long a training will take, from a few of its steps."""

import time
from typing import NamedTuple

import torch
from torch import Tensor

from hcutal.model.packed import TrainingFeatures
from hcutal.model.training import Trainer
from hcutal.params.train import TrainParams

# The first step of each kind is slower than the others; before the step with this index there is a refresh.
TIMED = 3
JOINT = TIMED + 2


class Cost(NamedTuple):
    """The steps of a training and the seconds that they take; how many of them, and of these, are warm-up."""

    steps: int
    seconds: float
    warmup: int
    warmup_seconds: float

    def with_joint(self, joint: int) -> "Cost":
        """That of a training with so many steps behind the same warm-up."""
        each = (self.seconds - self.warmup_seconds) / (self.steps - self.warmup)
        seconds = self.warmup_seconds + joint * each
        return Cost(self.warmup + joint, seconds, self.warmup, self.warmup_seconds)

    def part(self, done: int) -> float:
        """How much of the time has gone after so many steps, 0 to 1."""
        if done <= self.warmup:
            gone = self.warmup_seconds * done / max(self.warmup, 1)
        else:
            joint = (self.seconds - self.warmup_seconds) / (self.steps - self.warmup)
            gone = self.warmup_seconds + (done - self.warmup) * joint
        return gone / self.seconds if self.seconds else done / self.steps


def expected_cost(
    features: TrainingFeatures, params: TrainParams, truth: Tensor | None, device: torch.device
) -> Cost:
    """What a training will cost on this machine.

    A few steps are made and thrown away: the training itself begins with generators of its own.
    """
    one = {"restarts": 1, "pooling": "mean", "components": params.video.most_components}
    short = params.video.model_copy(update={"warmup": TIMED, **one})
    if short.neighbours:
        fewest = short.neighbours.model_copy(update={"count": min(params.video.counts)})
        short = short.model_copy(update={"neighbours": fewest})
    times = [time.perf_counter()]
    trial = Trainer(
        features,
        params.model_copy(update={"video": short, "steps": JOINT, "refresh": TIMED}),
        truth,
        device,
        after_step=lambda trainer: times.append(time.perf_counter()),
    )
    trial.run()
    whole = Trainer(features, params, truth, device)
    warmup = whole.steps - params.steps
    heads = (times[TIMED] - times[1]) / (TIMED - 1) if warmup else 0.0
    first, *middle, before, refreshed, last = times[-JOINT:]
    joint = (before - first + last - refreshed) / (len(middle) + 2)
    refresh = max(0.0, refreshed - before - joint)
    refreshes = (params.steps - 1) // params.refresh
    seconds = warmup * heads + params.steps * joint + refreshes * refresh
    return Cost(whole.steps, seconds, warmup, warmup * heads)
