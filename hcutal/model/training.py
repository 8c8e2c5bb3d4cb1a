"""Joint training of all three levels: equations (1) and (11) of HC-UTAL."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from hcutal.losses.dwa import DynamicWeightAverage
from hcutal.model.localizer import LEVEL_OF, LocalizerObjective
from hcutal.model.network import HCUTAL, NetworkShape, initialise
from hcutal.model.packed import TrainingFeatures
from hcutal.model.pooling import smooth
from hcutal.model.pseudo_labels import mapped_labels, one_hot, sample_batch
from hcutal.model.video_level import VideoLevel
from hcutal.params.train import TrainParams

# The levels of equation (1) that Dynamic Weight Average weighs.
VIDEO = "video"
LEVELS = [VIDEO, *dict.fromkeys(level for level in LEVEL_OF.values() if level is not None)]
WEIGHTS = [f"weight_{level}" for level in LEVELS]
CURVES = ["step", "horizontal", "vertical", *LEVEL_OF, "total", *WEIGHTS, "clusters", "relabelled"]
POSTFIX = ["total", "classification", *WEIGHTS]
Row = dict[str, float | None]
Bar: TypeAlias = "tqdm[NoReturn]"


@dataclass(frozen=True)
class Training:
    """The result of a training.

    Attributes:
        network: in its last state.
        assignment: [N, C], soft assignment of the training videos by g_v; None with weak supervision.
        curves: a row for each step; keys as in `CURVES`.
    """

    network: HCUTAL
    assignment: Tensor | None
    curves: list[Row]


class Trainer:
    """Trains HC-UTAL on the features of unlabelled videos, or on video-level labels.

    Args:
        features: of the N training videos.
        params: section `train`.
        truth: [N, K], multi-hot video-level labels for weak supervision and for mapped pseudo-labels; None otherwise.
        device: where to compute.
        on_row: called with each row of the curves, as soon as it is known.
    """

    def __init__(
        self,
        features: TrainingFeatures,
        params: TrainParams,
        truth: Tensor | None,
        device: torch.device,
        on_row: Callable[[Row], None] = lambda row: None,
    ) -> None:
        self.features = features
        self.params = params
        self.truth = None if truth is None else truth.to(device)
        self.on_row = on_row
        self.draws = np.random.default_rng(params.seed)
        self.generator = torch.Generator(device).manual_seed(params.seed)
        clusters = params.video.clusters
        if not isinstance(clusters, int):
            raise ValueError(f"params.video.clusters is {clusters!r}; expected a number, given or estimated")
        shape = NetworkShape(
            inputs=features.dimensions,
            embedding=params.embedding,
            outputs=clusters if self.truth is None else self.truth.shape[1],
            clusters=clusters,
            hidden=params.video.hidden,
            shared=params.video.shared,
            components=round(params.video.components * clusters),
            kernel=params.kernel,
        )
        # Weights are drawn on the CPU: the initial weights do not depend on the device.
        self._start = torch.Generator().manual_seed(params.seed)
        self.network = HCUTAL(shape, params.dropout, params.video.dropout)
        initialise(self.network, self._start)
        self.network.to(device)
        if params.normalise:
            mean, deviation = features.scale()
            self.network.get_buffer("input_mean").copy_(mean)
            self.network.get_buffer("input_deviation").copy_(deviation)
        self.level = VideoLevel(self.network, params.video, self.generator)
        self.objective = LocalizerObjective(self.network, params, self.generator)
        self.clustered = params.supervision != "weak"
        self.coupled = self.clustered and params.joint
        levels = [level for level in LEVELS if self.coupled or level != VIDEO]
        dynamic = params.weights.dynamic
        self.weights = dynamic and DynamicWeightAverage(levels, dynamic.period, dynamic.temperature)
        self.curves: list[Row] = []

    def run(self) -> Training:
        """Train, and return the last state; no state is selected by a score that uses labels."""
        video = self.params.video
        steps = self.params.steps + (video.warmup * video.restarts if self.clustered else 0)
        with tqdm(total=steps, desc="train", disable=None, unit="step") as bar:
            if self.clustered:
                self._warm_up(bar)
            self._train(bar)
        return Training(self.network, self.level.assignments() if self.clustered else None, self.curves)

    def _warm_up(self, bar: Bar) -> None:
        """Video-level learning alone, from several random starts; training continues from that with the lowest loss."""
        params = self.params.video
        self.level.choose(self._all_snippets(), None)
        best, best_loss = None, np.inf
        for restart in range(params.restarts):
            if restart:
                initialise(self.network, self._start)
                self.level.rescale()
            rows = self._train_heads(params.warmup, bar)
            loss = (
                float(np.mean([row["total"] or 0.0 for row in rows[-max(1, len(rows) // 10) :]]))
                if rows
                else 0.0
            )
            if loss < best_loss:
                state = {name: value.clone() for name, value in self.network.state_dict().items()}
                best, best_loss, best_rows = state, loss, rows
        assert best is not None
        self.network.load_state_dict(best)
        self.level.look()
        for row in best_rows:
            self._record(row)

    def _train_heads(self, steps: int, bar: Bar) -> list[Row]:
        """Video-level learning for some steps; a row of the curves for each."""
        optimiser = torch.optim.Adam(self.network.parameters(), lr=self.params.video.learning_rate)
        rows: list[Row] = []
        for step in range(steps):
            horizontal, vertical = self.level.loss()
            loss = horizontal + vertical
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rows.append(
                _row(step + 1, horizontal=horizontal.item(), vertical=vertical.item(), total=loss.item())
            )
            bar.update()
        return rows

    def _train(self, bar: Bar) -> None:
        """All levels together, with pseudo-labels and the snippets of the video level refreshed regularly."""
        params = self.params
        labels = self._labels()
        heads = [*self.network.horizontal.parameters(), *self.network.vertical.parameters()]
        body = [*self.network.embed.parameters(), *self.network.classifier.parameters()]
        groups: list[dict[str, Any]] = [
            {"params": body},
            {"params": heads, "lr": params.video.learning_rate, "weight_decay": 0.0},
        ]
        optimiser = torch.optim.Adam(groups, lr=params.learning_rate, weight_decay=params.weight_decay)
        offset = params.video.warmup if self.clustered else 0
        relabelled = 0.0
        for step in range(params.steps):
            if self.coupled and step > 0 and step % params.refresh == 0:
                if params.video.feedback:
                    self._feed_back()
                fresh = self._labels()
                relabelled = (fresh != labels).any(dim=1).float().mean().item()
                labels = fresh
            row = self._step(optimiser, labels)
            row.update(step=offset + step + 1, clusters=labels.any(dim=0).sum().item(), relabelled=relabelled)
            self._record(row)
            bar.update()
            bar.set_postfix(
                {name: f"{row[name]:.2f}" for name in POSTFIX if row[name] is not None}, refresh=False
            )

    def _step(self, optimiser: torch.optim.Optimizer, labels: Tensor) -> Row:
        """One step of equation (11) on one batch."""
        params = self.params
        batch = sample_batch(labels.cpu().numpy(), params.batch, params.pairs, self.draws)
        snippets = self.network.normalise(self.features.sample(batch, params.snippets, self.draws))
        losses = self.objective.losses(snippets, labels[torch.from_numpy(batch)])
        levels = _by_level(losses)
        if self.coupled:
            losses["horizontal"], losses["vertical"] = self.level.loss()
            levels[VIDEO] = losses["horizontal"] + losses["vertical"]
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
        return _row(0, **values, **{f"weight_{level}": weight for level, weight in weights.items()})

    def _feed_back(self) -> None:
        """Let the snippets of highest actionness represent their videos at the video level."""
        snippets = self._all_snippets()
        actionness = torch.cat(
            [self.objective.actionness(part) for part in snippets.split(self.params.batch)]
        )
        self.level.choose(snippets, smooth(actionness, self.params.video.smooth))

    def _all_snippets(self) -> Tensor:
        """A new sample of snippets of every training video, normalised: [N, T, D]."""
        everything = np.arange(len(self.features.videos))
        return self.network.normalise(self.features.sample(everything, self.params.snippets, self.draws))

    def _labels(self) -> Tensor:
        """The labels that the localizer learns from, as of this step: multi-hot [N, K]."""
        if not self.clustered:
            assert self.truth is not None
            return self.truth
        assignment = self.level.assignments()
        if self.truth is None:
            return one_hot(assignment)
        return mapped_labels(assignment, self.truth, self.params.mapped_fraction)

    def _record(self, row: Row) -> None:
        self.curves.append(row)
        self.on_row(row)


def _by_level(losses: dict[str, Tensor]) -> dict[str, Tensor]:
    """The sum of the losses of each level."""
    levels: dict[str, Tensor] = {}
    for name, level in LEVEL_OF.items():
        if level is not None:
            levels[level] = levels[level] + losses[name] if level in levels else losses[name]
    return levels


def _row(step: int, **values: float | None) -> Row:
    """A row of the curves; values that were not computed are None."""
    return {**dict.fromkeys(CURVES), "step": step, **values}
