"""Stage `features`: a data set's feature store, from its recordings alone (no labels)."""

from hcutal.layout import DatasetFiles, features_dir
from hcutal.stages.command import dataset_stage
from hcutal.stages.dataset_kind import find_kind


def run(dataset: str) -> None:
    """Make features/DATASET as its kind and parameters say."""
    entry = find_kind(dataset)
    entry.module().features(
        DatasetFiles.of(dataset).recordings, features_dir(dataset), entry.params("features")
    )


if __name__ == "__main__":
    dataset_stage("features", run, kind=lambda dataset: find_kind(dataset).kind)()
