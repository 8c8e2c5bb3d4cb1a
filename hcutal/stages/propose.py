"""Stage `propose`: apply the trained model to the test videos and write scored, named proposals.

Where all recordings are wanted, also to those that were only trained on: into a file that is not evaluated.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from hcutal.cluster.mapping import read_mapping
from hcutal.data.store import FeatureStore
from hcutal.data.subsets import belongs
from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.layout import DatasetFiles, RunPaths, features_dir
from hcutal.localize.apply import Floats, Looked, Model, look
from hcutal.localize.files import write_cas, write_proposals
from hcutal.localize.merge import ClassMap, class_map
from hcutal.localize.proposals import settled
from hcutal.model.checkpoint import check_streams, load_model
from hcutal.params.propose import ProposeParams
from hcutal.params.section import read_run_section
from hcutal.progress import worked
from hcutal.stages.command import seeded_stage
from hcutal.tables import read_table


def run(name: str, dataset: str) -> None:
    """Write `proposals.json`, `cas.npz` and `metrics.json` for the test videos of `dataset`, and `training.json`."""
    files, params = RunPaths.of(name), read_run_section(ProposeParams, name, "propose")
    write_found(files, dataset, params)
    write_trained(files, dataset, params)


def write_found(files: RunPaths, dataset: str, params: ProposeParams) -> None:
    """The same for the model and the mapping in `files`."""
    durations = read_test_durations(DatasetFiles.of(dataset).videos)
    mapping, proposals, cas = _found(files, dataset, params, durations)
    write_proposals(files.proposals, proposals)
    write_cas(files.cas, cas, mapping.classes)
    write_json(files.metrics("propose"), summary(proposals))


def write_trained(files: RunPaths, dataset: str, params: ProposeParams) -> None:
    """Write the proposals of the recordings that are only trained on; none where `params.training` is false."""
    durations = read_training_durations(DatasetFiles.of(dataset).videos) if params.training else {}
    proposals = _found(files, dataset, params, durations)[1] if durations else {}
    write_proposals(files.training_proposals, proposals)


def _found(
    files: RunPaths, dataset: str, params: ProposeParams, durations: Mapping[str, float]
) -> tuple[ClassMap, dict[str, pd.DataFrame], dict[str, Floats]]:
    """The classes of the model in `files`; proposals and CAS of the videos of `durations` that have features."""
    store = FeatureStore(features_dir(dataset))
    durations = {video: durations[video] for video in store.available(durations)}
    # As in training: another number of threads changes the last bits.
    torch.set_num_threads(1)
    model = load_model(files.model)
    check_streams(store.meta.streams, model.streams, features_dir(dataset))
    rows = read_mapping(files.mapping)
    mapping = class_map(rows, model.network.shape.outputs, params.cluster_weights)
    return mapping, *propose(model, store, durations, mapping, params)


def read_test_durations(path: Path) -> dict[str, float]:
    """Seconds of every test video, infinity where the duration is not known, in the order of the file."""
    table = _read_videos(path)
    test = table[belongs(table["subset"], "test")]
    if test.empty:
        raise HcutalError(f"{path}: no test video; expected at least one row with the subset test")
    return dict(zip(test["video"], test["duration"].tolist(), strict=True))


def read_training_durations(path: Path) -> dict[str, float]:
    """The same of the videos that are only trained on; there may be none."""
    table = _read_videos(path)
    rest = table[~belongs(table["subset"], "test")]
    return dict(zip(rest["video"], rest["duration"].tolist(), strict=True))


def _read_videos(path: Path) -> pd.DataFrame:
    return read_table(path, {"video": str, "subset": str, "duration": float}).fillna({"duration": np.inf})


def propose(
    model: Model,
    store: FeatureStore,
    durations: Mapping[str, float],
    mapping: ClassMap,
    params: ProposeParams,
) -> tuple[dict[str, pd.DataFrame], dict[str, Floats]]:
    """Proposals (as `localize` gives them) and class CAS [T', C] of every video of `durations`."""
    found: dict[str, Looked] = {}
    for video, duration in worked(durations.items(), "propose", "recording", len(durations)):
        found[video] = look(model, store.read(video), store.meta.times_of(video), duration, mapping, params)
    tables = settled([each.candidates for each in found.values()], mapping.classes, params)
    proposals = dict(zip(found, tables, strict=True))
    return proposals, {video: each.cas for video, each in found.items()}


def summary(proposals: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Counts, and the median length of a proposal in seconds (0 without proposals)."""
    table = pd.concat([rows.assign(video=video) for video, rows in proposals.items()], ignore_index=True)
    length = (table["end"] - table["start"]).astype(float)
    return {
        "videos": len(proposals),
        "proposals": len(table),
        "proposals_per_video": len(table) / len(proposals),
        "videos_without_proposals": len(proposals) - table["video"].nunique(),
        "classes_per_video": len(table[["video", "label"]].drop_duplicates()) / len(proposals),
        "median_length": float(length.median()) if len(table) else 0.0,
    }


if __name__ == "__main__":
    seeded_stage("propose", run)()
