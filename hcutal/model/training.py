"""Joint training of the levels that are on: equations (1) and (11) of HC-UTAL."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hcutal.data.sampling import consecutive, random_perturbed
from hcutal.errors import HcutalError
from hcutal.losses.dwa import DynamicWeightAverage
from hcutal.model.criteria import label_free_criteria
from hcutal.model.kept_states import KeptState, kept_steps
from hcutal.model.localizer import LOCALIZER_LOSSES, LocalizerObjective
from hcutal.model.network import HCUTAL, NetworkShape, initialise
from hcutal.model.packed import Draw, SampledSnippets, TrainingFeatures
from hcutal.model.pooling import smooth
from hcutal.model.pseudo_labels import PseudoLabels, sample_batch
from hcutal.model.start import WarmUp, WarmUpKind, next_kind, warmup_count, winner
from hcutal.model.video_level import VideoLevel
from hcutal.params.train import TrainParams

VIDEO = "video"
# All losses, in the order of their columns in the curves, each with the level of equation (1) that it belongs to.
LEVEL_OF = {"horizontal": VIDEO, "vertical": VIDEO, **LOCALIZER_LOSSES}
LEVELS = list(dict.fromkeys(level for level in LEVEL_OF.values() if level is not None))
WEIGHTS = [f"weight_{level}" for level in LEVELS]
CURVES = ["step", *LEVEL_OF, "total", *WEIGHTS, "clusters", "relabelled"]
Row = dict[str, float | None]


@dataclass(frozen=True)
class Training:
    """The result of a training.

    Attributes:
        network: in its last state.
        assignment: [N, C], of the training videos to clusters (`PseudoLabels.assignment`); None with weak supervision.
        curves: a row for each step; keys as in `CURVES`, those of levels that are off are None.
        warmups: the warm-ups; empty without the video level.
        start: the index of the warm-up that training went on from; None without the video level.
        states: those that were kept on the way, the last among them; empty where none was asked for.
    """

    network: HCUTAL
    assignment: Tensor | None
    curves: list[Row]
    warmups: list[WarmUp]
    start: int | None
    states: list[KeptState] = field(default_factory=list)


@dataclass(frozen=True)
class Finished:
    """A warm-up, the part of the network that it trained, and its rows of the curves."""

    warmup: WarmUp
    state: dict[str, Tensor]
    rows: list[Row]


@dataclass
class Progress:
    """How far a training has come, beside its network, its generators and its curves.

    Attributes:
        finished: the warm-ups that are complete.
        rows: of the warm-up that is under way.
        labels: [N, K], that the localizer learns from; None before joint training.
        relabelled: the share of them that changed at the last refresh.
        states: of joint training, that were kept for a choice.
        moments: tensors of an optimiser that was interrupted, by the index of the parameter; None once it has them.
    """

    finished: list[Finished] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    labels: Tensor | None = None
    relabelled: float = 0.0
    states: list[KeptState] = field(default_factory=list)
    moments: dict[int, dict[str, Tensor]] | None = None


class Trainer:
    """Trains HC-UTAL on the features of unlabelled videos, or on video-level labels.

    Args:
        features: of the N training videos.
        params: section `train`.
        truth: [N, K], multi-hot video-level labels for weak supervision and for mapped pseudo-labels; None otherwise.
        device: where to compute.
        on_row: called with each row of the curves, as soon as it is known.
        after_step: called with the trainer after each step, when its state can be kept (hcutal/model/resumption.py).
    """

    def __init__(
        self,
        features: TrainingFeatures,
        params: TrainParams,
        truth: Tensor | None,
        device: torch.device,
        on_row: Callable[[Row], None] = lambda row: None,
        after_step: Callable[["Trainer"], None] = lambda trainer: None,
    ) -> None:
        self.features = features
        self.params = params
        self.on_row = on_row
        self.after_step = after_step
        self.draws = np.random.default_rng(params.seed)
        self.generator = torch.Generator(device).manual_seed(params.seed)
        if not isinstance(params.snippets, int):
            raise ValueError(f"params.snippets is {params.snippets!r}; expected a number")
        self.snippets = params.snippets
        # Weights are drawn on the CPU: the initial weights do not depend on the device.
        self.start = torch.Generator().manual_seed(params.seed)
        self.network = self._new_network(None if truth is None else truth.shape[1], device)
        recordings = torch.from_numpy(features.recordings).to(device) if features.is_cut else None
        self.level = VideoLevel(self.network, params.video, self.generator, params.seed, recordings)
        self.objective = LocalizerObjective(self.network, params, self.generator)
        given = None if truth is None else truth.to(device)
        self.pseudo_labels = PseudoLabels(params, self.level, features, given)
        # Given labels leave nothing to cluster.
        self.has_video_level = params.levels.video and params.supervision != "weak"
        self.joins_video_level = self.has_video_level and params.joint
        dynamic = params.weights.dynamic
        levels = self._joint_levels()
        self.weights = (
            DynamicWeightAverage(levels, dynamic.period, dynamic.temperature) if dynamic and levels else None
        )
        self.sampled = self.draws.bit_generator.state
        self.optimiser: torch.optim.Optimizer | None = None
        self.progress = Progress()
        self.curves: list[Row] = []
        # Of the last step.
        self.loss = math.nan

    def _new_network(self, classes: int | None, device: torch.device) -> HCUTAL:
        """The network before training; a column for each of so many classes, or for each cluster."""
        params, clusters = self.params, self.params.video.clusters
        if not isinstance(clusters, int):
            raise ValueError(f"params.video.clusters is {clusters!r}; expected a number, given or estimated")
        shape = NetworkShape(
            inputs=self.features.dimensions,
            embedding=params.embedding,
            outputs=clusters if classes is None else classes,
            clusters=clusters,
            hidden=params.video.hidden,
            shared=params.video.shared,
            components=params.video.directions[-1],
            kernel=params.kernel,
        )
        network = HCUTAL(shape, params.dropout, params.video.dropout)
        initialise(network, self.start)
        network.to(device)
        if params.normalise:
            mean, deviation = self.features.scale()
            network.get_buffer("input_mean").copy_(mean)
            network.get_buffer("input_deviation").copy_(deviation)
        return network

    @property
    def steps(self) -> int:
        """All steps of the training, those of each warm-up among them."""
        video = self.params.video
        return self.params.steps + (video.warmup * warmup_count(video) if self.has_video_level else 0)

    @property
    def done(self) -> int:
        """How many of the steps are done."""
        warmed_up = len(self.progress.finished) * self.params.video.warmup + len(self.progress.rows)
        return warmed_up + self._joint_steps()

    def run(self) -> Training:
        """Train, and return the last state; no state is selected by a score that uses labels."""
        if self.has_video_level and self.progress.labels is None:
            self._warm_up()
        self._train()
        warmups = [each.warmup for each in self.progress.finished]
        start = winner(warmups, self.params.video) if warmups else None
        states = self.progress.states
        return Training(self.network, self.pseudo_labels.assignment(), self.curves, warmups, start, states)

    def _joint_levels(self) -> list[str]:
        """The levels that are trained together with the localizer: those that share the weights of (1)."""
        is_on = self.params.levels.model_dump() | {VIDEO: self.joins_video_level}
        return [level for level in LEVELS if is_on[level]]

    def _warm_up(self) -> None:
        """Video-level learning alone, from several starts; training goes on from that which `winner` names."""
        params, now = self.params.video, self.progress
        while kind := next_kind([each.warmup for each in now.finished], params):
            if not now.rows:
                self._start_anew(kind)
            rows = self._train_heads(params.warmup)
            loss = float(np.mean([row["total"] or 0.0 for row in rows[-max(1, len(rows) // 10) :]] or 0.0))
            clusters = self.level.assignments().argmax(dim=1).tolist()
            now.finished.append(Finished(WarmUp(kind, loss, clusters), self.network.video_state(), rows))
        best = now.finished[winner([each.warmup for each in now.finished], params)]
        other_snippets = best.warmup.kind.pooling != self.level.kind.pooling
        self.level.kind = best.warmup.kind
        if other_snippets:
            self.level.choose(self.all_snippets(), None)
        self.network.load_state_dict(best.state, strict=False)
        self.level.look()
        for row in best.rows:
            self.record(row)

    def _start_anew(self, kind: WarmUpKind) -> None:
        """The first warm-up starts from the weights as they are, each further one from others."""
        other_snippets = not self.progress.finished or kind.pooling != self.level.kind.pooling
        self.level.kind = kind
        if self.progress.finished:
            initialise(self.network, self.start)
        if other_snippets:
            self.level.choose(self.all_snippets(), None)
        else:
            self.level.rescale()

    def _train_heads(self, steps: int) -> list[Row]:
        """Video-level learning up to so many steps; a row of the curves for each."""
        optimiser = self._adam([{"params": list(self.network.parameters())}], self.params.video.learning_rate)
        rows = self.progress.rows
        for step in range(len(rows), steps):
            losses = self.level.losses()
            loss = _by_level(losses)[VIDEO]
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            values = {name: value.item() for name, value in {**losses, "total": loss}.items()}
            _check_finite(values, f"step {step + 1} of warm-up {len(self.progress.finished) + 1}")
            rows.append(_row(step + 1, **values))
            self._stepped(values)
        self.progress.rows = []
        return rows

    def _train(self) -> None:
        """All levels together, with pseudo-labels and the snippets of the video level refreshed regularly."""
        params, now = self.params, self.progress
        if now.labels is None:
            now.labels = self.pseudo_labels.labels()
        heads = [*self.network.horizontal.parameters(), *self.network.vertical.parameters()]
        body = [*self.network.embed.parameters(), *self.network.classifier.parameters()]
        groups: list[dict[str, Any]] = [
            {"params": body},
            {"params": heads, "lr": params.video.learning_rate, "weight_decay": 0.0},
        ]
        optimiser = self._adam(groups, params.learning_rate, params.weight_decay)
        kept = set(kept_steps(params.steps, params.checkpoints))
        for step in range(self._joint_steps(), params.steps):
            if self.joins_video_level and step > 0 and step % params.refresh == 0:
                self._refresh(now.labels)
            row = self._step(optimiser, now.labels)
            clusters = now.labels.any(dim=0).sum().item()
            row.update(step=len(self.curves) + 1, clusters=clusters, relabelled=now.relabelled)
            self.record(row)
            if step + 1 in kept:
                now.states.append(self._kept(step + 1))
            self._stepped(row)

    def _refresh(self, before: Tensor) -> None:
        """Let what the localizer has learned reach the video level, and what that has learned reach the labels."""
        if self.params.video.feedback:
            self._feed_back()
        if not self.pseudo_labels.frozen:
            fresh = self.pseudo_labels.labels()
            self.progress.relabelled = (fresh != before).any(dim=1).float().mean().item()
            self.progress.labels = fresh

    def _kept(self, step: int) -> KeptState:
        """The present state; nothing is drawn, and clusters keep the numbers that they have."""
        numbers = self.level.clusters
        assignment, labels = self.pseudo_labels.assignment(), self.pseudo_labels.labels()
        self.level.clusters = numbers
        criteria = label_free_criteria(self.network, self.features, self.snippets, self.params.top, labels)
        state = {name: value.cpu().clone() for name, value in self.network.state_dict().items()}
        return KeptState(step, state, (labels if assignment is None else assignment).cpu().clone(), criteria)

    def _joint_steps(self) -> int:
        """How many steps of joint training are done; the curves begin with those of the best warm-up."""
        return max(0, len(self.curves) - (self.params.video.warmup if self.has_video_level else 0))

    def _adam(self, groups: list[dict[str, Any]], rate: float, decay: float = 0.0) -> torch.optim.Adam:
        """The optimiser of what follows; where that was interrupted, with the moments that it had."""
        optimiser = torch.optim.Adam(groups, lr=rate, weight_decay=decay)
        if self.progress.moments is not None:
            optimiser.load_state_dict(optimiser.state_dict() | {"state": self.progress.moments})
            self.progress.moments = None
        self.optimiser = optimiser
        return optimiser

    def _step(self, optimiser: torch.optim.Optimizer, labels: Tensor) -> Row:
        """One step of equation (11) on one batch."""
        params = self.params
        batch = sample_batch(labels.bool().cpu().numpy(), params.batch, params.pairs, self.draws)
        own = labels[torch.from_numpy(batch)]
        draw: Draw = random_perturbed
        if params.sampling == "consecutive":
            # Snippets in a row would hold some of the classes of a recording that has several.
            draw = partial(consecutive, spread=(own.count_nonzero(dim=1) > 1).cpu().numpy())
        snippets = self.features.sample(batch, self.snippets, self.draws, self.network.normalise_, draw)
        losses = self.objective.losses(snippets, own)
        if self.joins_video_level:
            losses |= self.level.losses()
        levels = _by_level(losses)
        weights = self.weights.weights if self.weights else dict.fromkeys(levels, 1.0)
        total = losses["classification"]
        for level, loss in levels.items():
            scale = 1.0 if level == VIDEO else getattr(params, level).scale
            total = total + weights[level] * scale * loss
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        if self.weights:
            self.weights.update({level: loss.item() for level, loss in levels.items()})
        values = {name: loss.item() for name, loss in {**losses, "total": total}.items()}
        _check_finite(values, f"step {self._joint_steps() + 1} of joint training")
        return _row(0, **values, **{f"weight_{level}": weight for level, weight in weights.items()})

    def _feed_back(self) -> None:
        """Let the snippets of highest actionness represent their videos at the video level."""
        snippets = self.all_snippets()
        actionness = torch.cat([self.objective.actionness(part) for part in snippets.parts()])
        self.level.choose(snippets, smooth(actionness, self.params.video.smooth))

    def all_snippets(self) -> SampledSnippets:
        """A new sample of snippets of every training video, normalised: [N, T, D]."""
        self.sampled = self.draws.bit_generator.state
        return self.features.sample_all(self.snippets, self.draws, self.network.normalise_)

    def _stepped(self, losses: Mapping[str, float | None]) -> None:
        """A step more is done, with these losses."""
        self.loss = losses["total"] or 0.0
        self.after_step(self)

    def record(self, row: Row) -> None:
        """Add a row to the curves, and report it."""
        self.curves.append(row)
        self.on_row(row)


def _by_level(losses: dict[str, Tensor]) -> dict[str, Tensor]:
    """The sum of the losses of each level: (4), (5) and (8)."""
    levels: dict[str, Tensor] = {}
    for name, loss in losses.items():
        if level := LEVEL_OF[name]:
            levels[level] = levels[level] + loss if level in levels else loss
    return levels


def _check_finite(losses: dict[str, float], where: str) -> None:
    wrong = [f"{name} {value}" for name, value in losses.items() if not math.isfinite(value)]
    if wrong:
        raise HcutalError(
            f"train: {where}: found {', '.join(wrong)}; expected finite losses: a lower train.learning_rate or "
            "train.video.learning_rate, or higher temperatures, keep them so"
        )


def _row(step: int, **values: float | None) -> Row:
    """A row of the curves; values that were not computed are None."""
    return {**dict.fromkeys(CURVES), "step": step, **values}
