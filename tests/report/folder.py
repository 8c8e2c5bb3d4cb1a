"""The files of an experiment on a folder of recordings, as the stages write them: small, and partly made by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hcutal.cluster.assigned import write_assigned
from hcutal.cluster.mapping import MappingRow, write_mapping
from hcutal.files import write_json
from hcutal.tables import write_table

Proposal = tuple[str, float, float, float]
# Snippets of a second.
SIDECAR = {"extractor": "i3d", "fps": 25.0, "snippet_frames": 25, "stride": 25, "weights": None}
METRICS = {"names_given": 1.0, "names_ignored": 0.0}


def write_folder(
    files: Mapping[str, Path],
    proposals: Mapping[str, Sequence[Proposal]],
    clusters: Mapping[str, int],
    names: Mapping[int, str],
    snippets: int = 10,
    failed: Mapping[str, str] | None = None,
    mapped: Mapping[str, float] | None = None,
    missing: Mapping[str, str] | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> None:
    """Write everything that the report of experiment `mine` on data set `folder` reads, below the present folder.

    proposals: label, start, end and score by video; names: of the clusters.
    """
    index = [{"video": video, "path": str(path), "duration": snippets} for video, path in files.items()]
    write_table("data/folder/recordings/index.csv", index, ["video", "path", "duration"])
    known = annotations or {}
    database = {
        video: {"subset": "both", "duration": float(snippets), "annotations": known.get(video, [])}
        for video in files
    }
    write_json("data/folder/annotations.json", {"version": "1", "database": database})
    labels = {video: sorted({part["label"] for part in known.get(video, [])}) for video in files}
    write_json("data/folder/labels.json", labels)
    lengths = dict.fromkeys(proposals, snippets)
    settings = {"missing": dict(missing or {})}
    more = {"videos": len(lengths), "lengths": lengths, "failed": dict(failed or {}), "settings": settings}
    write_json("features/folder/features.json", {**SIDECAR, "streams": {"rgb": 4}, **more})
    _write_train(clusters, names)
    write_json("results/mine/seed-0/map/metrics.json", dict(mapped or {}))
    _write_propose(proposals, list(dict.fromkeys(names.values())), snippets)
    write_table("results/mine/seed-0/evaluate/per_class.csv", [], ["label", "instances", "average_AP"])
    write_json(
        "results/mine/seed-0/evaluate/metrics.json", {"videos": len(files), "instances": 0, "predictions": 0}
    )
    write_json("results/mine/seed-0/evaluate/diagnosis.json", {"reason": "no instance is annotated"})
    train = {"seed": 5, "supervision": "unsupervised", "video": {"clusters": {"estimate": {}}}}
    write_json("resolved.json", {"runs": {"mine": {"0": {"dataset": "folder", "train": train}}}})


def _write_train(clusters: Mapping[str, int], names: Mapping[int, str]) -> None:
    rows = [
        {"video": video, "start": 0, "end": 9, "cluster": cluster, "confidence": 1 / (2 + number)}
        for number, (video, cluster) in enumerate(clusters.items())
    ]
    write_assigned(Path("results/mine/seed-0/train/pseudo_labels.csv"), rows)
    write_table("results/mine/seed-0/train/curves.csv", [{"step": 0, "total": 1.0}], ["step", "total"])
    estimated = {"": 3, "/fewest": 2, "/most": 4, "/stable": 2, "/recordings": 2}
    found = {f"estimated_clusters{name}": float(number) for name, number in estimated.items()}
    stability = {"stability/2": 0.5, "stability/10": 0.25, "stability/3": 0.75}
    write_json("results/mine/seed-0/train/metrics.json", found | stability)
    sizes = {cluster: sum(own == cluster for own in clusters.values()) for cluster in names}
    mapping = [
        MappingRow(cluster, name, sizes[cluster], sizes[cluster], 1) for cluster, name in names.items()
    ]
    write_mapping("results/mine/seed-0/map/mapping.csv", mapping)


def _write_propose(proposals: Mapping[str, Sequence[Proposal]], classes: list[str], snippets: int) -> None:
    results = {
        video: [{"label": label, "score": score, "segment": [start, end]} for label, start, end, score in own]
        for video, own in proposals.items()
    }
    write_json(
        "results/mine/seed-0/propose/proposals.json",
        {"version": "1", "results": results, "external_data": {}},
    )
    write_json("results/mine/seed-0/propose/metrics.json", {"videos": len(proposals)})
    ramp = np.linspace(0, 1, snippets)[:, None] * np.ones(len(classes))
    cas = dict.fromkeys(proposals, ramp.astype(np.float32))
    np.savez("results/mine/seed-0/propose/cas.npz", classes=np.array(classes), allow_pickle=False, **cas)
