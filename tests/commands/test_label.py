"""`hcutal label` opens the page of a run at the address of its server."""

import signal
import webbrowser
from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.labelling.label_server import LabelServer

PARAMS = """\
datasets: {folder: {kind: recordings, source: videos}}
presets: {default: {}}
experiments: {mine: {dataset: folder, seeds: [0, 1], supervision: unsupervised}}
"""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A project whose first run has a page; gets the addresses that a browser is asked to open."""
    monkeypatch.chdir(tmp_path)
    for name in ("Snakefile", "dvc.yaml"):
        Path(name).touch()
    Path("params.yaml").write_text(PARAMS)
    page = Path("results/mine/seed-0/report/report.html")
    page.parent.mkdir(parents=True)
    page.write_text("<p>page</p>")

    def end(server: LabelServer) -> None:
        raise KeyboardInterrupt

    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    monkeypatch.setenv("BROWSER", "any")
    monkeypatch.setattr(LabelServer, "serve_forever", end)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return addresses


def test_it_opens_the_address_that_it_prints_and_says_how_to_go_on(opened: list[str]) -> None:
    outcome = CliRunner().invoke(main, ["label", "mine"])
    assert outcome.exit_code == 0, outcome.output
    (address,) = opened
    assert f"open {address} " in outcome.output and address.startswith("http://127.0.0.1:")
    assert outcome.output.endswith("to go on: hcutal run mine\n")


def test_without_a_browser_it_prints_the_address_alone(opened: list[str]) -> None:
    assert CliRunner().invoke(main, ["label", "mine.0", "--no-browser"]).exit_code == 0
    assert opened == []


def test_a_run_without_a_page_and_one_that_there_is_not(opened: list[str]) -> None:
    outcome = CliRunner().invoke(main, ["label", "mine.1"])
    assert "report.html: no such file; make it first: hcutal run mine.1" in outcome.output
    assert "no experiment 'other' in params.yaml" in CliRunner().invoke(main, ["label", "other"]).output
    assert opened == []
