"""Stage `map`: give the clusters of a run names, and measure how well they agree with the labels."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel

from hcutal.cluster.assigned import is_cut, piece_names, read_assigned
from hcutal.cluster.mapping import MappingRow, identity_mapping, map_clusters, training_id, write_mapping
from hcutal.cluster.scores import cluster_metrics, usage
from hcutal.data.subsets import belongs
from hcutal.data.video_labels import checked_labels
from hcutal.errors import HcutalError
from hcutal.evaluate.agreement_draws import drawn_agreement
from hcutal.evaluate.over_seeds import measured_table, write_measured
from hcutal.files import read_json, write_json
from hcutal.layout import DatasetFiles, RunPaths, names_file
from hcutal.params.evaluate import BootstrapParams, EvaluateParams
from hcutal.params.map import MapParams
from hcutal.params.section import read_run_section, validate
from hcutal.stages.command import seeded_stage
from hcutal.tables import read_table

log = logging.getLogger(__name__)


class _ModelSaid(BaseModel):
    """The part of `model.json` that names depend on; the others are those of the network."""

    classes: list[str] | None
    supervision: str


def run(name: str, dataset: str) -> None:
    """Write `mapping.csv`, `metrics.json` and draws of the recordings from the pseudo-labels of the run `name`."""
    params = read_run_section(MapParams, name, "map")
    bootstrap = read_run_section(EvaluateParams, name, "evaluate").bootstrap
    write_names(name, RunPaths.of(name), DatasetFiles.of(dataset), params, bootstrap)


def write_names(
    name: str, files: RunPaths, data: DatasetFiles, params: MapParams, bootstrap: BootstrapParams | None
) -> None:
    """The same for the pseudo-labels in `files`, whose clusters are those of the run `name`."""
    assigned = read_clusters(files.pseudo_labels, data.videos)
    of_videos = read_video_labels(data.labels, assigned["video"].unique().tolist())
    # A piece of a recording has the labels of its recording.
    pieces = piece_names(assigned)
    clusters = dict(zip(pieces, assigned["cluster"].tolist(), strict=True))
    labels = {piece: of_videos[video] for piece, video in zip(pieces, assigned["video"], strict=True)}
    model = validate(_ModelSaid, read_json(files.description), str(files.description))
    rows = name_columns(clusters, labels, model.classes, params.fraction, is_cut(assigned))
    training = training_id(files.pseudo_labels)
    is_known = params.named_training in (None, training)
    if params.names and not is_known:
        log.warning(
            "the names in %s are of clusters of training %s, these are of %s: not used; "
            "`hcutal names %s` makes a new file",
            *(names_file(name), params.named_training, training, name),
        )
    rows = named_by_hand(rows, params.names if is_known else {})
    write_mapping(files.mapping, rows)
    if model.supervision == "weak":
        # Pseudo-labels are the labels themselves: their agreement measures nothing.
        metrics = {}
    elif is_cut(assigned):
        # A piece may show another class than its recording: stage `evaluate` has the agreement on annotated action.
        metrics = usage(clusters)
    else:
        metrics = cluster_metrics(clusters, labels, params.reading)
    drawn = (
        drawn_agreement(clusters, labels, params.reading, bootstrap.draws, bootstrap.seed)
        if bootstrap and "ARI" in metrics
        else {}
    )
    # How many videos have labels is no result, and the evaluate stage counts others.
    scores = {key: value for key, value in metrics.items() if not key.startswith("videos")}
    write_measured(files.draws("map"), measured_table(scores, drawn))
    given = {"names_given": float(len(params.names)), "names_ignored": float(not is_known)}
    write_json(files.metrics("map"), metrics | _summary(rows) | (given if params.names else {}))


def named_by_hand(rows: Sequence[MappingRow], names: Mapping[str, str]) -> list[MappingRow]:
    """The mapping with the names that somebody gave: the only name of such a cluster; two clusters may share one."""
    sizes = {row.cluster: row.videos for row in rows}
    given = [
        MappingRow(cluster, names[str(cluster)], size, size, 1)
        for cluster, size in sorted(sizes.items())
        if str(cluster) in names
    ]
    others = [row for row in rows if str(row.cluster) not in names]
    return sorted([*given, *others], key=lambda row: row.cluster)


def read_clusters(path: Path, videos: Path) -> pd.DataFrame:
    """The clusters as `read_assigned` gives them; every row must be of a training video."""
    assigned = read_assigned(path)
    subsets = read_table(videos, {"video": str, "subset": str})
    training = set(subsets.loc[belongs(subsets["subset"], "train"), "video"])
    others = assigned.loc[~assigned["video"].isin(training), "video"]
    if len(others):
        raise HcutalError(f"{path}: found video {others.iloc[0]}; expected training videos of {videos}")
    return assigned


def read_video_labels(path: Path, videos: Sequence[str]) -> dict[str, list[str]]:
    """Video-level labels of `videos`; `HcutalError` names a video without an entry."""
    labels = checked_labels(path, read_json(path))
    missing = [video for video in videos if video not in labels]
    if missing:
        raise HcutalError(
            f"{path}: no list of labels for {missing[0]}; expected one for every training video"
        )
    return {video: labels[video] for video in videos}


def name_columns(
    clusters: Mapping[str, int],
    labels: Mapping[str, Sequence[str]],
    classes: Sequence[str] | None,
    fraction: float,
    in_pieces: bool = False,
) -> list[MappingRow]:
    """Names for the columns of the model: its own `classes` where it has them, else by the count rule.

    Pieces have the labels of their recordings: the rule counts what is beyond chance. A cluster without a labelled
    video has nothing to count, and one without a label beyond chance nothing that tells it from others: they are called
    by their numbers. A video without labels of the data set, which was trained on those that somebody gave, counts for
    its column.
    """
    if classes is not None:
        shown = {video: labels[video] or [classes[cluster]] for video, cluster in clusters.items()}
        counts = {k: sum(name in own for own in shown.values()) for k, name in enumerate(classes)}
        return identity_mapping(classes, counts)
    rows = map_clusters(clusters, labels, fraction, beyond_chance=in_pieces)
    counted = {row.cluster for row in rows if row.kept}
    used, sizes = np.unique(list(clusters.values()), return_counts=True)
    numbered = [
        MappingRow(cluster, number_name(cluster), size, size, 1)
        for cluster, size in zip(used.tolist(), sizes.tolist(), strict=True)
        if cluster not in counted
    ]
    return sorted([*rows, *numbered], key=lambda row: row.cluster)


def number_name(cluster: int) -> str:
    """What a cluster is called where nothing names it."""
    return f"cluster-{cluster:02d}"


def _summary(rows: Sequence[MappingRow]) -> dict[str, float]:
    """How many of the labels that occur name at least one cluster; where none occur, clusters are their own names."""
    named = [row for row in rows if row.label != number_name(row.cluster)] or rows
    return {
        "labels": len({row.label for row in named if row.count}),
        "labels_kept": len({row.label for row in named if row.kept}),
    }


if __name__ == "__main__":
    seeded_stage("map", run)()
