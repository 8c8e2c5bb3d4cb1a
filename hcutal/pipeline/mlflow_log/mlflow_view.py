"""How MLflow's page shows the runs: the list of experiments with what tells most, best first.

MLflow keeps a view that people share in a tag of the experiment, and an address names it. That is no part of its
documentation: what the tags mean is checked in a browser (tests/pipeline/mlflow_log/test_mlflow_page.py).
"""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient


def _column(group: str, name: str) -> str:
    return f"{group}.`{name}`"


# What an experiment is for; without it the page opens for traces of language models.
KIND = {"mlflow.experimentKind": "custom_model_development"}
VIEW_TAG = "mlflow.sharedViewState."
# The tag with the interval of the average mAP, which takes a third of the room that its ends take as metrics.
INTERVAL = "interval"
# The first two columns of any list, as the page calls them: name and time, with their widths (pixels).
ALWAYS = {_column("attributes", "Run Name"): 148, "runDateAndNestInfo": 132}
# Columns behind them, from the left: what tells most is within a window of 1280 pixels, the rest further right.
COLUMNS = {
    ("params", "dataset"): 90,
    ("params", "supervision"): 100,
    ("metrics", "ARI"): 65,
    ("metrics", "average_mAP"): 110,
    ("tags", INTERVAL): 110,
    ("metrics", "mAP/0.5"): 80,
    ("metrics", "training_seconds"): 115,
    ("params", "seeds"): 75,
    ("params", "preset"): 75,
    ("metrics", "NMI"): 65,
    ("attributes", "Dataset"): 190,
}
BEST = ("metrics", "average_mAP")
NEWEST = ("attributes", "start_time")
# The runs of the experiments, without those of their seeds and stages: sorted by a metric, the page has no levels.
ALONE = "tags.`hcutal.state` != ''"


class View(NamedTuple):
    """A list of runs: its name on the page, which runs (a filter of MLflow's), and what the greatest are first of."""

    name: str
    runs: str
    order: str


# By what addresses call them.
VIEWS = {
    "experiments": View("Experiments, best first", ALONE, _column(*BEST)),
    "tree": View("With runs and stages, newest first", "", ".".join(NEWEST)),
}
FIRST = "experiments"


def view_tags(made: int) -> dict[str, str]:
    """The tags of the MLflow experiment that say how its page looks; `made`: its time (ms since 1970)."""
    return {**KIND, **_tags_of(VIEWS, made)}


def _tags_of(views: Mapping[str, View], made: int) -> dict[str, str]:
    return {
        f"{VIEW_TAG}{key}": json.dumps(
            {"name": view.name, "createdAt": made, "updatedAt": made, "state": json.dumps(_state(view))}
        )
        for key, view in views.items()
    }


def arrange(client: "MlflowClient", place: str) -> None:
    """Make the page of the MLflow experiment `place` show experiments; views that people made stay as they are."""
    _set_tags(client, place, KIND, VIEWS)


def arrange_suites(client: "MlflowClient", place: str, suites: Iterable[str]) -> None:
    """Give each suite a view of the page with the experiments that it shows alone."""
    views = {
        suite: View(f"{suite}, best first", f"tags.`suite.{suite}` != ''", _column(*BEST)) for suite in suites
    }
    _set_tags(client, place, {}, views)


def _set_tags(
    client: "MlflowClient", place: str, others: Mapping[str, str], views: Mapping[str, View]
) -> None:
    experiment = client.get_experiment(place)
    for key, value in {**others, **_tags_of(views, experiment.creation_time or 0)}.items():
        if experiment.tags.get(key) != value:
            _set_tag(client, place, key, value)


def _set_tag(client: "MlflowClient", place: str, key: str, value: str) -> None:
    """Set a tag; where another process sets the same at the same moment, to which a database may object, it is set."""
    from mlflow.exceptions import MlflowException

    try:
        client.set_experiment_tag(place, key, value)
    except MlflowException:
        if client.get_experiment(place).tags.get(key) != value:
            raise


def page_of(place: str) -> str:
    """What follows the server's name in the address of the list of experiments."""
    return f"/#/experiments/{place}/runs?workflowType=machine_learning&viewStateShareKey={FIRST}"


def file_link(place: str, run: str, name: str) -> str:
    """From any page of the server to an artifact of a run."""
    return f"#/experiments/{place}/runs/{run}/artifacts/{name}"


def model_link(address: str) -> str:
    """From any page of the server to a version of a model.

    >>> model_link("models:/hcutal-watch/2")
    '#/models/hcutal-watch/versions/2'
    """
    _, name, version = address.rsplit("/", 2)
    return f"#/models/{name}/versions/{version}"


def _state(view: View) -> dict[str, Any]:
    """A view as the page keeps it: which runs, in which order, with which columns."""
    columns = {_column(*column): width for column, width in COLUMNS.items()}
    return {
        "searchFilter": view.runs,
        "orderByKey": view.order,
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": list(columns),
        "columnOrder": list(ALWAYS | columns),
        "columnWidths": ALWAYS | columns,
    }
