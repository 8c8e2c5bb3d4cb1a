"""One part of the features stage: some of a data set's recordings, extracted into the cache.

`python -m hcutal.stages.shard DATASET SHARD`
"""

import argparse
import sys

from hcutal.errors import HcutalError
from hcutal.extract.recordings import extract_shard
from hcutal.layout import dataset_dir, features_dir
from hcutal.params.features import RecordingsFeatures
from hcutal.params.section import read_section


def run(dataset: str, shard: int) -> None:
    """Extract the recordings of one shard of `dataset`."""
    params = read_section(RecordingsFeatures, "datasets", dataset, "features")
    extract_shard(dataset_dir(dataset) / "recordings", features_dir(dataset), params, shard)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("shard", type=int)
    arguments = parser.parse_args()
    try:
        run(arguments.dataset, arguments.shard)
    except HcutalError as error:
        sys.exit(f"error: {error}")
