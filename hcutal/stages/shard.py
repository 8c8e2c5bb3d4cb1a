"""One part of the features stage: some of a data set's recordings, extracted into the cache.

`python -m hcutal.stages.shard DATASET SHARD`
"""

import click

from hcutal.datasets.recordings import extract_shard
from hcutal.entry import Command
from hcutal.jobs import job
from hcutal.layout import LOGS, DatasetFiles, features_dir, shard_name
from hcutal.params.recordings import RecordingsFeatures
from hcutal.params.section import read_section
from hcutal.progress import work_of


@click.command(cls=Command)
@click.argument("dataset")
@click.argument("shard", type=int)
def main(dataset: str, shard: int) -> None:
    """Extract the recordings of one shard of DATASET."""
    params = read_section(RecordingsFeatures, "datasets", dataset, "features")
    name = shard_name(f"features@{dataset}", shard)
    with job(name, LOGS / f"{name}.log"), work_of(name):
        extract_shard(DatasetFiles.of(dataset).recordings, features_dir(dataset), params, shard)


if __name__ == "__main__":
    main()
