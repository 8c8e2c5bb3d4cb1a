"""The tags by which MLflow's page shows the runs; what they do is tested in a browser."""

import json
import shutil
from pathlib import Path

import pytest

from hcutal.pipeline.mlflow_log.mlflow_store import open_store
from hcutal.pipeline.mlflow_log.mlflow_view import FIRST, VIEWS, arrange, page_of, view_tags


def test_the_page_is_arranged_anew_and_views_of_people_stay(
    tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, tmp_path)
    client, place = open_store()
    client.set_experiment_tag(place, "mlflow.sharedViewState.mine", "{}")
    client.set_experiment_tag(place, f"mlflow.sharedViewState.{FIRST}", "of an earlier version")
    arrange(client, place)
    tags = client.get_experiment(place).tags
    assert view_tags(client.get_experiment(place).creation_time).items() <= tags.items()
    assert tags["mlflow.sharedViewState.mine"] == "{}"
    # What is so already is not written again.
    monkeypatch.setattr(client, "set_experiment_tag", None)
    arrange(client, place)


def test_views_are_named_and_the_first_is_that_of_the_address() -> None:
    tags = view_tags(made=5)
    views = {key.rpartition(".")[2]: json.loads(text) for key, text in tags.items() if "View" in key}
    assert {key: view["name"] for key, view in views.items()} == {
        key: view.name for key, view in VIEWS.items()
    }
    assert page_of("7").endswith(
        f"/experiments/7/runs?workflowType=machine_learning&viewStateShareKey={FIRST}"
    )
    state = json.loads(views[FIRST]["state"])
    assert (state["orderByKey"], state["orderByAsc"]) == ("metrics.`average_mAP`", False)
    # MLflow takes tags of 5,000 characters.
    assert max(map(len, tags.values())) < 5000
