"""Stage `map`: give the clusters of an experiment names, and measure how well they agree with the labels."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from hcutal.cluster.mapping import MappingRow, identity_mapping, map_clusters, write_mapping
from hcutal.cluster.scores import cluster_metrics
from hcutal.cluster.tables import read_table
from hcutal.data.subsets import belongs
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.layout import dataset_dir, results_dir
from hcutal.params.map import MapParams
from hcutal.params.section import read_section
from hcutal.stages.command import run_experiment_stage

log = logging.getLogger(__name__)


def run(experiment: str, dataset: str) -> None:
    """Write `mapping.csv` and `metrics.json` from the pseudo-labels of the training videos."""
    params = read_section(MapParams, "experiments", experiment, "map")
    trained, source = results_dir(experiment, "train"), dataset_dir(dataset)
    clusters = read_clusters(trained / "pseudo_labels.csv", source / "videos.csv")
    labels = read_video_labels(source / "labels.json", list(clusters))
    model = read_json(trained / "model.json")
    folder = results_dir(experiment, "map")
    rows = name_columns(clusters, labels, model["classes"], params.fraction)
    training = training_id(trained / "pseudo_labels.csv")
    is_known = params.named_training in (None, training)
    if params.names and not is_known:
        log.warning(
            "the names in labels/%s.csv are of clusters of training %s, these are of %s: not used; "
            "`hcutal names %s` makes a new file",
            *(experiment, params.named_training, training, experiment),
        )
    rows = named_by_hand(rows, params.names if is_known else {})
    write_mapping(folder / "mapping.csv", rows)
    # Weakly supervised pseudo-labels are the labels themselves: their agreement measures nothing.
    metrics = {} if model["supervision"] == "weak" else cluster_metrics(clusters, labels, params.reading)
    given = {"names_given": float(len(params.names)), "names_ignored": float(not is_known)}
    write_json(folder / "metrics.json", metrics | _summary(rows) | (given if params.names else {}))


def training_id(pseudo_labels: Path) -> str:
    """What tells one training's clusters from another's: `t` and the first digits of the SHA-256 of its pseudo-labels.

    Without the letter, a spreadsheet would take some of them for numbers.
    """
    return "t" + hashlib.sha256(pseudo_labels.read_bytes()).hexdigest()[:12]


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


def read_clusters(path: Path, videos: Path) -> dict[str, int]:
    """Cluster of each training video; every row must be a training video, each once."""
    table = read_table(path, {"video": str, "cluster": int})
    subsets = read_table(videos, {"video": str, "subset": str})
    training = set(subsets.loc[belongs(subsets["subset"], "train"), "video"])
    clusters: dict[str, int] = {}
    for video, cluster in zip(table["video"], table["cluster"].tolist(), strict=True):
        if video not in training or video in clusters or cluster < 0:
            raise HcutalError(
                f"{path}: found video {video}, cluster {cluster}; "
                f"expected each training video of {videos} at most once, cluster >= 0"
            )
        clusters[video] = cluster
    return clusters


def read_video_labels(path: Path, videos: Sequence[str]) -> dict[str, list[str]]:
    """Video-level labels of `videos`; `HcutalError` names a video without an entry."""
    labels = read_json(path)
    missing = [video for video in videos if not isinstance(labels.get(video), list)]
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
) -> list[MappingRow]:
    """Names for the columns of the model: its own `classes` where it has them, else by the count rule.

    A cluster without a labelled video has nothing to count: it is called by its number.
    """
    if classes is not None:
        counts = {k: sum(name in labels[video] for video in clusters) for k, name in enumerate(classes)}
        return identity_mapping(classes, counts)
    rows = map_clusters(clusters, labels, fraction)
    counted = {row.cluster for row in rows}
    used, sizes = np.unique(list(clusters.values()), return_counts=True)
    numbered = [
        MappingRow(cluster, f"cluster-{cluster:02d}", size, size, 1)
        for cluster, size in zip(used.tolist(), sizes.tolist(), strict=True)
        if cluster not in counted
    ]
    return sorted([*rows, *numbered], key=lambda row: row.cluster)


def _summary(rows: Sequence[MappingRow]) -> dict[str, float]:
    """How many of the labels that occur name at least one cluster."""
    return {
        "labels": len({row.label for row in rows if row.count}),
        "labels_kept": len({row.label for row in rows if row.kept}),
    }


if __name__ == "__main__":
    run_experiment_stage(run, __doc__)
