"""A data set of the project, by its name: the check of its raw data with the parameters that it has."""

from pathlib import Path
from typing import Any

from hcutal.data.annotation_check import check_annotations
from hcutal.data.problems import NOTE, Findings
from hcutal.datasets.feature_folder import check_folder
from hcutal.doctor.raw_recordings import check_recordings
from hcutal.extract.registry import Recipe
from hcutal.layout import LABELS, PARAMS
from hcutal.params.document import load, resolve
from hcutal.params.imported import ImportedPrepare
from hcutal.params.recordings import RecordingsFeatures
from hcutal.params.section import validate


def known_datasets() -> dict[str, Any]:
    """The data sets of params.yaml with their values; none outside of a project."""
    return resolve(load())["datasets"] if PARAMS.exists() else {}


def check_dataset(name: str, values: dict[str, Any]) -> Findings:
    """The findings of a data set, its annotations among them."""
    where = f"{PARAMS}: datasets.{name}"
    if values["kind"] == "features":
        params = validate(ImportedPrepare, values["prepare"], f"{where}.prepare")
        return check_folder(Path(values["source"]), params).findings
    found = Findings()
    if values["kind"] != "recordings":
        found.add(
            NOTE, "built-in", f"{name} makes its data itself: there is nothing to check", "none is needed"
        )
        return found
    features = validate(RecordingsFeatures, values["features"], f"{where}.features")
    truth = None
    if values["prepare"]["annotations"] is not None:
        truth, seen = check_annotations(LABELS / values["prepare"]["annotations"])
        found.merge(seen)
    recipe = Recipe(features.extractor, features.values)
    by_path = values["prepare"].get("names") == "path"
    found.merge(check_recordings(Path(values["source"]), recipe, truth, by_path))
    return found
