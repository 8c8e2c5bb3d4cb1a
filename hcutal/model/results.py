"""What a training leaves: the model, its pseudo-labels, curves, kept states and numbers."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from torch import Tensor

from hcutal.cluster.assigned import write_assigned
from hcutal.data.pieces import Piece
from hcutal.data.store import FeatureMeta
from hcutal.files import atomic_path, write_json
from hcutal.layout import PSEUDO_LABELS, RunPaths, state_folder
from hcutal.model.checkpoint import Localizer, save_model
from hcutal.model.kept_states import KeptState, write_states
from hcutal.model.start import agreements
from hcutal.model.training import CURVES, Trainer, Training
from hcutal.tables import write_table


def write_results(
    results: RunPaths,
    trainer: Trainer,
    result: Training,
    meta: FeatureMeta,
    classes: list[str] | None,
    estimated: dict[str, float],
) -> None:
    """Write all that the training `result` of a `trainer` leaves, the numbers last.

    Args:
        results: where to.
        trainer: after its run.
        result: what that returned.
        meta: of the features that were trained on.
        classes: names of the columns of given labels; None for clusters.
        estimated: what was found about the number of clusters, for the numbers.
    """
    assert trainer.progress.labels is not None
    labels = trainer.progress.labels.count_nonzero(dim=1).double().mean().item()
    localizer = Localizer(
        result.network,
        trainer.snippets,
        trainer.params.top,
        trainer.params.supervision,
        classes,
        meta.streams,
        int(trainer.features.lengths.max()) if trainer.features.is_cut else None,
        labels,
    )
    save_model(results.model, localizer)
    write_table(results.curves, result.curves, CURVES)
    # Supervision weak clusters nothing: its labels are the given ones.
    assignment = trainer.progress.labels if result.assignment is None else result.assignment
    assert assignment is not None
    pieces = trainer.features.pieces
    write_assigned(results.pseudo_labels, _assigned(pieces, meta, assignment))
    _write_states(results.states, result.states, localizer, pieces, meta)
    numbers = _summary(result, assignment.cpu().max(dim=1).indices) | _start(result) | estimated
    write_json(results.metrics("train"), numbers | {"snippets": trainer.snippets})


def _assigned(pieces: Sequence[Piece], meta: FeatureMeta, assignment: Tensor) -> list[dict[str, object]]:
    """Rows of pseudo_labels.csv of an assignment [N, C]: a piece begins with its first snippet, ends with its last."""
    confidence, clusters = assignment.cpu().max(dim=1)
    rows: list[dict[str, object]] = []
    for piece, cluster, value in zip(pieces, clusters.tolist(), confidence.tolist(), strict=True):
        times = meta.times_of(piece.video)
        start, end = times.edges(np.array([piece.first, piece.last]), 1, 1).tolist()
        seconds = {"start": f"{start:.3f}", "end": f"{end:.3f}"}
        rows.append({"video": piece.video, **seconds, "cluster": cluster, "confidence": f"{value:.6f}"})
    return rows


def _write_states(
    folder: Path, states: Sequence[KeptState], last: Localizer, pieces: Sequence[Piece], meta: FeatureMeta
) -> None:
    """Write the states that were kept; `last` is the model that the network of each is put into."""
    with atomic_path(folder) as target:
        write_states(target, states)
        for state in states:
            network = copy.deepcopy(last.network)
            network.load_state_dict(state.network)
            own = target / state_folder(state.step)
            save_model(own, replace(last, network=network))
            write_assigned(own / PSEUDO_LABELS, _assigned(pieces, meta, state.assignment))


def _summary(result: Training, cluster: Tensor) -> dict[str, float]:
    """The mean of each loss over the last tenth of the steps, and how the clusters are used."""
    last = (
        pd.DataFrame(result.curves[-max(1, len(result.curves) // 10) :]).drop(columns=["step"]).astype(float)
    )
    summary = {str(name): float(value) for name, value in last.mean().items() if np.isfinite(value)}
    return {**summary, "clusters": float(cluster.unique().numel())}


def _start(result: Training) -> dict[str, float]:
    """What the warm-ups were chosen by, and which kind was: 1 for each rule of pooling that it has, else 0."""
    if result.start is None:
        return {}
    kind = result.warmups[result.start].kind
    found = {"start/neighbours": float(kind.neighbours), "start/directions": float(kind.directions)}
    for pooling in sorted({each.kind.pooling for each in result.warmups}):
        found[f"start/pooling/{pooling}"] = float(kind.pooling == pooling)
    for kind, values in agreements(result.warmups).items():
        found[f"start/agreement/{kind.name}"] = float(np.mean(values))
    for each in result.warmups:
        name = f"start/loss/{each.kind.name}"
        found[name] = min(each.loss, found.get(name, np.inf))
    return found
