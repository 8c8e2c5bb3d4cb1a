"""The data set of a run as MLflow knows data sets: name, digest, where it is, and how many recordings it has."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hcutal.layout import DatasetFiles, features_dir
from hcutal.pipeline.graph import Stage

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

CONTEXT = "mlflow.data.context"
# As many digits as MLflow's own data sets have.
DIGITS = 8


def data_tags(stages: Sequence[Stage]) -> dict[str, str]:
    """The data set's name and the MD5 by which DVC knows its features; nothing where no stage makes them."""
    for stage in stages:
        if stage.kind == "features":
            return {"hcutal.dataset": stage.key, "hcutal.features": stage.entry["outs"][0]["md5"]}
    return {}


def data_inputs(stages: Sequence[Stage], context: str) -> "list[DatasetInput]":
    """The data set that the stages use, by the first digits of its features' MD5. `context`: e.g. training."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    tags = data_tags(stages)
    if not tags:
        return []
    name = tags["hcutal.dataset"]
    dataset = Dataset(
        name=name,
        digest=tags["hcutal.features"].removesuffix(".dir")[:DIGITS],
        source_type="local",
        source=json.dumps({"uri": str(features_dir(name))}),
        profile=json.dumps(_recordings(name)),
    )
    return [DatasetInput(dataset, [InputTag(CONTEXT, context)])]


def _recordings(dataset: str) -> dict[str, int]:
    """How many recordings there are, in all (`num_rows`, as MLflow calls it) and of each subset."""
    path = DatasetFiles.of(dataset).videos
    if not path.exists():
        return {}
    with path.open(newline="") as stream:
        subsets = Counter(row["subset"] for row in csv.DictReader(stream))
    return {"num_rows": subsets.total(), **subsets}
