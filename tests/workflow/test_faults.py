"""Damaged state, killed processes and a full disk in a miniature project: the short form of `benchmarks/faults.py`."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.workflow.faults import (
    DAMAGES,
    RUN,
    STATE,
    Killer,
    damage,
    fill,
    fingerprint,
    look,
    one_of,
    processes_in,
    settle,
    small_disk,
)
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("faults")]
# Damaged, these end in a message.
TOLD = ("dvc.lock",)


@pytest.fixture
def expected(project: Project) -> dict[str, str]:
    """What the finished project holds, before a test disturbs it."""
    return fingerprint(project.folder)


def test_a_table_of_all_experiments_that_is_damaged_is_made_anew(project: Project) -> None:
    table = project.folder / "results/compare.csv"
    before = table.read_bytes()
    damage(table, "cut")
    project.run(*RUN)
    assert table.read_bytes() == before


@pytest.mark.parametrize("kind", DAMAGES)
def test_state_that_is_damaged_all_at_once_is_made_anew(
    project: Project, expected: dict[str, str], kind: str
) -> None:
    found = {pattern: one_of(project.folder, pattern, Random(0)) for pattern in STATE if pattern not in TOLD}
    damaged = [path for path in found.values() if path is not None]
    assert len(damaged) >= 18
    for path in damaged:
        damage(path, kind)
    project.run(*RUN)
    assert look(project, expected) == []


def test_what_dvc_remembers_of_executions_may_be_cut(project: Project, expected: dict[str, str]) -> None:
    # Half of such a file may still be YAML, without the outputs.
    remembered = list((project.folder / ".dvc/cache/runs").glob("*/*/*"))
    assert len(remembered) >= 10
    for path in remembered:
        content = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(content[: content.index(b"outs:")])
    shutil.rmtree(project.folder / "results")
    project.run(*RUN)
    assert look(project, expected) == []


def test_three_kills_leave_nothing_that_the_next_run_does_not_mend(
    project: Project, expected: dict[str, str]
) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 11}")
    killer = Killer(project, Random(0), most_seconds=8)
    killer.kill(3, next_state=lambda: None)
    killer.wait()
    assert killer.killed.total() == 3
    project.replace("params.yaml", "{steps: 11}", "{steps: 10}")
    assert settle(project, expected) == []


def test_a_run_whose_output_nobody_reads_any_more_ends(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 13}")
    (project.folder / "hold-train").touch()
    process = project.piped(*RUN)
    assert process.stdout is not None
    # The first line is there: Snakemake runs.
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=300) == 128 + signal.SIGPIPE
    assert processes_in(project.folder) == []


@pytest.fixture
def full(project: Project, tmp_path: Path) -> Iterator[Project]:
    """The finished project on a disk that is full."""
    try:
        with small_disk(tmp_path / "disk", megabytes=32):
            folder = tmp_path / "disk/project"
            shutil.copytree(project.folder, folder, symlinks=True)
            yield Project(folder, project.store)
    except PermissionError as error:
        pytest.skip(str(error))


def test_a_full_disk_is_told_and_room_is_enough_to_go_on(full: Project, expected: dict[str, str]) -> None:
    full.replace("params.yaml", "{steps: 10}", "{steps: 12}")
    filler = fill(full.folder, leave=0)
    output = full.run(*RUN, ok=False)
    assert "No space left on device" in output
    assert "Traceback" not in output
    filler.unlink()
    full.replace("params.yaml", "{steps: 12}", "{steps: 10}")
    assert settle(full, expected) == []
