"""MLflow's own page in a browser: what `hcutal ui` opens, and how experiments are compared there.

How the page keeps its views is no part of MLflow's documentation: only a browser tells whether it still does.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hcutal.pipeline import tracking
from hcutal.pipeline.mlflow_log.mlflow_store import open_store
from tests.chromium import open_browser
from tests.pipeline.tracked import lay_out, stages

PATIENCE = 120.0
PORT = 5177


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as started:
        yield started


@pytest.fixture(scope="module")
def project(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two experiments in MLflow, of which that of more steps is the better one."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copy(empty_store, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(tracking, "read_graph", dict)
        for name, steps, average_map in (("better", 4, 0.75), ("worse", 2, 0.25)):
            lay_out(folder, name, average_map)
            found = stages("123456789", name, steps)
            patch.setattr(tracking, "stages_of", lambda graph, experiment, found=found: found)
            tracking.track(name)
    return folder


@pytest.fixture(scope="module")
def address(project: Path, browser: Any) -> Iterator[str]:
    """What `hcutal ui` says is to be opened."""
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    log = project / "ui.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "hcutal.cli", "ui", "--port", str(PORT)],
            cwd=project,
            env=environment,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        _wait_for_server(f"http://127.0.0.1:{PORT}/", log)
        yield log.read_text().split()[1]
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for_server(url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())


def _open(browser: Any, url: str, text: str) -> Any:
    page = browser.new_page(viewport={"width": 2400, "height": 1200})
    page.goto(url)
    page.get_by_text(text, exact=True).first.wait_for(timeout=PATIENCE * 1000)
    return page


def test_the_list_opens_on_experiments_with_what_tells_most_best_first(browser: Any, address: str) -> None:
    page = _open(browser, address, "better")
    page.get_by_text("mAP/0.5", exact=True).first.wait_for()
    cells = page.locator(".ag-header-cell").all()
    headers = [cell.inner_text().strip() for cell in sorted(cells, key=lambda cell: cell.bounding_box()["x"])]
    wanted = ["Dataset", "supervision", "preset", "seeds", "ARI", "NMI", "average_mAP", "mAP/0.5"]
    assert [text for text in headers if text in wanted] == wanted
    rows = [text for text in page.locator(".ag-row").all_inner_texts() if "toy" in text]
    # Those of seeds and stages are folded away.
    assert len(rows) == 2
    assert ["toy (12345678)" in row for row in rows] == [True, True]
    names = [
        text for text in page.locator(".ag-row").all_inner_texts() if "better" in text or "worse" in text
    ]
    assert ["better" in text for text in names] == [True, False]
    # The mode for the training of models, not that for traces of language models.
    assert page.get_by_text("Judges", exact=True).count() == 0


def test_two_experiments_side_by_side_show_what_differs_and_what_came_out(
    browser: Any, address: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    client, place = open_store()
    parents = client.search_runs([place], filter_string="tags.`hcutal.state` != ''")
    runs = ",".join(f'"{run.info.run_id}"' for run in parents)
    root = address.partition("#")[0]
    page = _open(browser, f'{root}#/compare-runs?runs=[{runs}]&experiments=["{place}"]', "train.steps")
    text = page.inner_text("body")
    assert "train.batch" not in text and "train.video.clusters" not in text
    assert "average_mAP" in text and "0.75" in text and "0.25" in text
