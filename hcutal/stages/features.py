"""Stage features: a data set's feature store, from its recordings alone (no labels)."""

from hcutal.data.kinds import Kind, dataset_entry
from hcutal.layout import dataset_dir, features_dir
from hcutal.params.features import (
    ImportedFeatures,
    RecordingsFeatures,
    SimulatedFeatures,
    WatchFeatures,
)
from hcutal.params.section import read_section
from hcutal.stages.command import run_dataset_stage

KINDS = {
    "watch": Kind("hcutal.extract.recordings", "extract_watch", WatchFeatures),
    "simulated": Kind("hcutal.extract.given", "take_arrays", SimulatedFeatures),
    "features": Kind("hcutal.extract.given", "take_listed", ImportedFeatures),
    "recordings": Kind("hcutal.extract.recordings", "extract_recordings", RecordingsFeatures),
}


def run(dataset: str) -> None:
    """Make features/DATASET as its kind and parameters say."""
    _, kind = dataset_entry(dataset, KINDS)
    params = read_section(kind.model, "datasets", dataset, "features")
    kind.call(dataset_dir(dataset) / "recordings", features_dir(dataset), params)


if __name__ == "__main__":
    run_dataset_stage(run, __doc__)
