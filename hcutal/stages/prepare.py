"""Stage `prepare`: a data set's annotations, labels, list of recordings, supervision files and recordings."""

from pathlib import Path

from hcutal.layout import DatasetFiles
from hcutal.stages.command import dataset_stage
from hcutal.stages.dataset_kind import find_kind


def run(dataset: str) -> None:
    """Make data/DATASET as its kind and parameters say."""
    entry = find_kind(dataset)
    source = None if entry.source is None else Path(entry.source)
    entry.module().prepare(DatasetFiles.of(dataset).folder, entry.params("prepare"), source)


if __name__ == "__main__":
    dataset_stage("prepare", run, kind=lambda dataset: find_kind(dataset).kind)()
