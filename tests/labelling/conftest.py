"""A trained run with its page, of three small films, and the server of that page."""

import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hcutal.labelling.label_server import LabelServer
from hcutal.labelling.renewal import Renewal
from hcutal.layout import RunPaths
from hcutal.params.report import ReportParams
from hcutal.report.pages.run_page import write_report
from hcutal.report.run_outputs import read_outputs
from tests.extract.video.videos import numbered, write_video
from tests.report.folder import write_folder

PROPOSALS = {
    "a film": [("cluster-00", 2.0, 4.0, 0.9), ("cluster-01", 6.0, 7.0, 0.7)],
    "b": [("cluster-00", 1.0, 2.5, 0.6)],
    "c": [("cluster-01", 3.0, 6.0, 0.8), ("cluster-02", 7.0, 9.0, 0.8)],
}

AGREED = ["mine.0 agrees with 3 of 4 marks (75 %)"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The films of a project: two in it, one beside it, called with what addresses escape."""
    top = tmp_path_factory.mktemp("labelled")
    files = {
        "a film": top / "project/films/a film.webm",
        "b": top / "project/films/b.webm",
        "c": top / "else & where/50%.webm",
    }
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(path, [numbered(number) for number in range(0, 250, 5)], codec="libvpx", rate=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(top / "project")
        write_folder(
            files,
            PROPOSALS,
            {"a film": 0, "b": 0, "c": 1},
            {0: "cluster-00", 1: "cluster-01", 2: "cluster-02"},
        )
        write_page()
    return files


@pytest.fixture
def films(made: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    """The same, the project being the present folder, as it was made: what a test changes is undone."""
    monkeypatch.chdir(made["b"].parents[1])
    run = RunPaths.of("mine.0")
    kept = {
        path: path.read_bytes() for path in (run.pseudo_labels, run.page, run.mapping, run.proposals, run.cas)
    }
    yield made
    shutil.rmtree("labels", ignore_errors=True)
    for path, content in kept.items():
        path.write_bytes(content)


def write_page() -> None:
    write_report("results/mine/seed-0/report", read_outputs("mine.0", "folder"), ReportParams(dpi=50))


def train_again() -> None:
    """Another training, in which "c" is of another cluster."""
    path = Path("results/mine/seed-0/train/pseudo_labels.csv")
    path.write_text(path.read_text().replace("c,0,9,1,", "c,0,9,2,"))


@pytest.fixture
def server(films: dict[str, Path]) -> Iterator[LabelServer]:
    renewal = Renewal("mine.0", (sys.executable, "-c", "import sys; print('brought', sys.argv[1])"))
    with LabelServer("mine.0", 0, renewal, lambda: AGREED) as started:
        thread = threading.Thread(target=started.serve_forever, args=(0.05,))
        thread.start()
        yield started
        started.shutdown()
        thread.join()
