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
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from hcutal.pipeline import tracking
from hcutal.pipeline.mlflow_log import run_logger
from hcutal.pipeline.mlflow_log.mlflow_app import GROUP, NAME
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
        patch.setattr(run_logger, "training_time", lambda stage: {"training_seconds": 61.5})
        for name, steps, average_map in (("better", 4, 0.75), ("worse", 2, 0.25)):
            lay_out(folder, name, average_map)
            found = stages("123456789", name, steps)
            patch.setattr(tracking, "stages_of", lambda graph, experiment, found=found: found)
            tracking.track(name)
    return folder


@pytest.fixture(scope="module")
def address(project: Path, browser: Any) -> Iterator[str]:
    """What `hcutal ui` says is to be opened."""
    if not entry_points(group=GROUP, name=NAME):
        pytest.skip("the installed package is older than its code: install it anew")
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    log = project / "ui.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "hcutal.cli", "ui", "--no-browser", "--port", str(PORT)],
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


def _open(browser: Any, url: str, text: str, width: int = 1280) -> Any:
    """A page in a browser that has never been there."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(url)
    page.get_by_text(text, exact=True).first.wait_for(timeout=PATIENCE * 1000)
    return page


def _across(page: Any, selector: str) -> list[str]:
    """The texts of cells that are seen as a whole, from the left."""
    width = page.viewport_size["width"]
    cells = [(cell.bounding_box(), cell.inner_text().strip()) for cell in page.locator(selector).all()]
    seen = [(box["x"], text) for box, text in cells if box and text and box["x"] + box["width"] <= width]
    return [text for _, text in sorted(seen)]


def _settled(page: Any, selector: str, wanted: list[str]) -> None:
    """The table puts its columns in their places one after another."""
    until = time.monotonic() + PATIENCE / 4
    while (found := _across(page, selector)) != wanted and time.monotonic() < until:
        page.wait_for_timeout(200)
    assert found == wanted


def test_the_list_opens_on_experiments_with_what_tells_most_best_first(browser: Any, address: str) -> None:
    page = _open(browser, address, "better")
    first = ["Run Name", "Created", "dataset", "supervision", "ARI", "average_mAP", "interval", "mAP/0.5"]
    _settled(page, ".ag-header-cell", [*first, "training_seconds"])
    # Of each experiment, without those of its seeds and stages, which are folded away.
    assert page.locator(".ag-center-cols-container .ag-row").count() == 2
    row = ".ag-center-cols-container .ag-row[row-index='{}'] .ag-cell"
    for index, found in enumerate((["0.75", "[0.375, 0.875]"], ["0.25", "[0.125, 0.375]"])):
        _settled(page, row.format(index), ["toy", "unsupervised", "0.5", *found, "0.5", "61.5"])


def test_a_wider_window_shows_seeds_preset_and_the_data_set_with_its_digits(
    browser: Any, address: str
) -> None:
    page = _open(browser, address, "better", 1700)
    page.get_by_text("toy (12345678)", exact=True).first.wait_for()
    headers = _across(page, ".ag-header-cell")
    behind = headers[headers.index("training_seconds") + 1 :]
    assert behind[:4] == ["seeds", "preset", "NMI", "Dataset"]


def test_pages_are_those_for_the_training_of_models_without_the_assistant(browser: Any, address: str) -> None:
    page = _open(browser, address, "better")
    page.get_by_text("better", exact=True).first.click()
    page.get_by_text("Description", exact=True).first.wait_for(timeout=PATIENCE * 1000)
    # Both stand on the pages for language models.
    assert page.get_by_text("Judges", exact=True).count() == 0
    assert page.get_by_placeholder("Ask a question...").count() == 0
    page.get_by_role("link", name="Page", exact=True).click()
    shown = page.context.wait_for_event("page") if len(page.context.pages) == 1 else page.context.pages[-1]
    shown.frame_locator("iframe").get_by_text("of all seeds").wait_for(timeout=PATIENCE * 1000)


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
