"""Stage prepare: a data set's annotations, labels, list of videos, supervision files and recordings."""

from hcutal.data.kinds import Kind, dataset_entry
from hcutal.layout import dataset_dir
from hcutal.params.prepare import ImportedPrepare, RecordingsPrepare, SimulatedPrepare, WatchPrepare
from hcutal.params.section import read_section
from hcutal.stages.command import run_dataset_stage

KINDS = {
    "watch": Kind("hcutal.data.watch", "prepare", WatchPrepare),
    "simulated": Kind("hcutal.data.simulated", "prepare", SimulatedPrepare),
    "features": Kind("hcutal.data.imported", "prepare", ImportedPrepare),
    "recordings": Kind("hcutal.data.recordings", "prepare", RecordingsPrepare),
}


def run(dataset: str) -> None:
    """Make data/DATASET as its kind and parameters say."""
    entry, kind = dataset_entry(dataset, KINDS)
    params = read_section(kind.model, "datasets", dataset, "prepare")
    kind.call(dataset_dir(dataset), params, entry.source)


if __name__ == "__main__":
    run_dataset_stage(run, __doc__)
