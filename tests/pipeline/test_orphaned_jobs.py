"""Jobs that a killed run left on a Slurm: stand-ins for `squeue` and `scancel` keep them in a file."""

from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.pipeline import orphaned_jobs
from hcutal.pipeline.orphaned_jobs import cancel_orphans

SQUEUE = "#!/bin/sh\ncat {folder}/jobs\n"
SCANCEL = '#!/bin/sh\nfor job in "$@"; do sed -i "/^$job|/d" {folder}/jobs; done\n'


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the jobs; the present folder is a project's."""
    for name, text in (("squeue", SQUEUE), ("scancel", SCANCEL)):
        (tmp_path / name).write_text(text.format(folder=tmp_path))
        (tmp_path / name).chmod(0o755)
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "jobs"


def test_jobs_of_this_folder_are_cancelled_and_no_others(jobs: Path) -> None:
    others = f"3|{jobs.parent}/other\n5|{Path.cwd()}/within\n"
    jobs.write_text(f"4|{Path.cwd()}\n{others}6|{Path.cwd()}\n")
    told: list[str] = []
    cancel_orphans(told.append)
    assert told == ["the run before was cut off: its jobs are cancelled (4, 6)"]
    assert jobs.read_text() == others
    cancel_orphans(told.append)
    assert len(told) == 1


def test_jobs_that_do_not_end_stop_a_run(jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.write_text(f"4|{Path.cwd()}\n")
    (jobs.parent / "scancel").write_text("#!/bin/sh\n")
    monkeypatch.setattr(orphaned_jobs, "ENDING_SECONDS", 0.0)
    with pytest.raises(HcutalError, match="jobs of an earlier run do not end: 4; squeue --me shows them"):
        cancel_orphans(print)


def test_without_a_slurm_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    told: list[str] = []
    cancel_orphans(told.append)
    assert told == []
