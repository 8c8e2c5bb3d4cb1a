"""What a person sees of a run, from what its plan, its jobs and their work say: in lines, and in a terminal."""

import io
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console

from hcutal import jobs
from hcutal.files import write_json
from hcutal.jobs import Job, forget_jobs
from hcutal.layout import JOBS, SNAKEMAKE_LOG
from hcutal.pipeline import display, run_state
from hcutal.pipeline.display import NOTHING, Display, picture
from hcutal.pipeline.outlook import BEFORE_PLAN, Step, write_plan
from hcutal.pipeline.run_state import RunState
from hcutal.progress import HowFar, progress_file

START = 1000.0
PLAN = [
    Step("features@toy", "runs", "has not run yet", (), 1, 100.0),
    Step("train@watch.0", "runs", "has not run yet", ("features@toy",), 1, 60.0),
    *(Step(f"{kind}@watch.0", "runs", "has not run yet", ("train@watch.0",)) for kind in ("map", "report")),
]


class Seen:
    """A run whose files a test writes, and what is told of it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = START
        patch.setattr(run_state.time, "time", lambda: self.now)
        patch.setattr(display, "LOOK_SECONDS", 0.0)
        patch.setattr(display.time, "monotonic", lambda: self.now)
        self.stream = io.StringIO()
        self.state = RunState((), 2)
        self.display = Display(self.state, Console(file=self.stream, width=1000))

    def job(self, name: str, **more: object) -> None:
        found = {**asdict(Job(name, f".hcutal/logs/{name}.log", self.now)), **more}
        write_json(JOBS / f"{name}.json", found)

    def works(self, name: str, *values: object, left: float | None = None, note: str = "") -> None:
        done, total, unit = values
        part = float(done) / float(total)  # type: ignore[arg-type]
        write_json(
            progress_file(name),
            asdict(HowFar(done, total, unit, part, self.now, left, note)),  # type: ignore[arg-type]
        )

    def told(self) -> list[str]:
        """The lines since this was asked last."""
        self.display.update()
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return text.splitlines()

    def drawn(self, width: int = 80) -> list[str]:
        self.display.update()
        console = Console(file=io.StringIO(), record=True, width=width)
        console.print(picture(self.state))
        return [line.rstrip() for line in console.export_text().splitlines()]


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    monkeypatch.chdir(tmp_path)
    return Seen(monkeypatch)


def test_lines_tell_the_plan_what_begins_what_ends_and_now_and_then_how_far_it_is(seen: Seen) -> None:
    assert seen.told() == []
    write_plan(PLAN)
    lines = seen.told()
    assert lines[0] == "4 stages run, or are restored where the cache has their result:"
    assert lines[-1].startswith(
        "at least 2:40 (no times yet of 2 of 4 stages); on 2 cores, from earlier runs"
    )
    seen.job("features@toy")
    assert seen.told() == ["features@toy: begins"]
    seen.now += 10
    seen.works("features@toy", 3, 12, "recordings", left=50.0, note="31 of 120 min")
    assert seen.told() == []
    seen.now += 20
    assert seen.told() == [
        "0 of 4 stages done, 0:30; to go: at least 1:30 (no times yet of 2 of 4 stages); "
        "features@toy 3/12 recordings, 31 of 120 min, 0:30, 0:30 left; "
        "next: train@watch.0, map@watch.0, report@watch.0"
    ]
    seen.job("features@toy", started=START, ended=seen.now, lines=["features@toy: ran, 30 s"])
    seen.job("train@watch.0")
    assert seen.told() == ["features@toy: ran, 30 s", "train@watch.0: begins"]


def test_a_terminal_of_80_columns_shows_a_line_for_each_running_stage(seen: Seen) -> None:
    assert seen.drawn() == ["comparing stages with files, parameters and code, 0:00"]
    seen.works(BEFORE_PLAN, 30, 400, "files")
    assert seen.drawn() == ["comparing stages with files, parameters and code, 30/400 files read, 0:00"]
    write_plan(PLAN)
    seen.job("features@toy", ended=START + 1, lines=["features@toy: restored, 1 s"])
    seen.job("train@watch.0")
    seen.job("shard-0-features@another-data-set", started=START + 0.1)
    seen.now += 40
    seen.works("train@watch.0", 1200, 4000, "steps", left=80.0, note="loss 2.31")
    lines = seen.drawn()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(
        "1 of 4 stages done, 0:40; to go: at least 1:20 (no times yet of 2 of 3 stages)"
    )
    assert lines[1].startswith("train@watch.0 ")
    assert lines[1].endswith("1200/4000 steps, loss 2.31 0:40, 1:20 left")
    assert "━" in lines[1]
    assert lines[2].startswith("shard-0-features@")
    assert "… " in lines[2]
    assert lines[2].endswith("0:40")
    assert lines[3] == "next: map@watch.0, report@watch.0"


def test_more_jobs_than_a_terminal_has_lines_are_counted(seen: Seen) -> None:
    write_plan(PLAN)
    for index in range(9):
        seen.job(f"shard-{index}-features@toy")
    seen.told()
    console = Console(file=io.StringIO(), record=True, width=80)
    console.print(picture(seen.state, most=3))
    lines = console.export_text().splitlines()
    assert [line.split()[0] for line in lines] == [
        "0",
        *(f"shard-{i}-features@toy" for i in range(3)),
        "and",
        "next:",
    ]
    assert lines[4] == "and 6 more at work"


def test_a_stage_that_says_nothing_is_measured_by_what_it_took_before(seen: Seen) -> None:
    write_plan(PLAN)
    seen.job("train@watch.0")
    seen.now += 15
    seen.told()
    job = seen.state.jobs["train@watch.0"]
    assert (seen.state.part(job), seen.state.left(job)) == (0.25, 45.0)
    seen.now += 100
    seen.told()
    assert (seen.state.part(job), seen.state.left(job)) == (1.0, 0.0)


def test_what_ran_in_this_run_says_how_long_others_will_take(seen: Seen) -> None:
    write_plan([*PLAN, Step("map@watch.1", "runs", "has not run yet")])
    seen.job("map@watch.1", ended=START + 8, ran=True)
    seen.job("report@watch.1", ended=START + 8, lines=["report@watch.1: restored, 1 s"])
    seen.told()
    assert [step.seconds for step in seen.state.plan or []] == [100, 60, 8, None, 8]


def test_why_a_stage_failed_is_told_at_once_and_the_log_at_the_end(seen: Seen) -> None:
    write_plan(PLAN)
    seen.job("train@watch.0", ended=START + 1, failed="stage train@watch.0 failed with status 1")
    assert seen.told()[-1] == "Error: stage train@watch.0 failed with status 1"
    seen.display.conclude(1)
    assert seen.told() == [f"1 failed, 0 of 4 stages done; all that Snakemake said: {SNAKEMAKE_LOG}"]


def test_where_no_stage_says_why_a_run_failed_the_end_of_the_log_does(seen: Seen) -> None:
    SNAKEMAKE_LOG.parent.mkdir(parents=True)
    SNAKEMAKE_LOG.write_text("Building DAG of jobs...\nWorkflowError: no such luck\n")
    seen.display.conclude(1)
    assert seen.told() == [
        "Building DAG of jobs...",
        "WorkflowError: no such luck",
        f"failed before any stage began; all that Snakemake said: {SNAKEMAKE_LOG}",
    ]


def test_a_job_that_died_is_named_with_the_end_of_its_log(seen: Seen) -> None:
    seen.job("train@watch.0")
    log = Path(".hcutal/logs/train@watch.0.log")
    log.parent.mkdir(parents=True)
    log.write_text("step 5\n")
    seen.display.conclude(1)
    lines = seen.told()
    assert f"Error: train@watch.0 ended without a word; the end of {log}:" in lines
    assert "step 5" in lines


def test_why_jobs_on_a_cluster_failed_is_told_once(seen: Seen) -> None:
    SNAKEMAKE_LOG.parent.mkdir(parents=True)
    failed = "SLURM-job '3' failed, SLURM status is: 'OUT_OF_MEMORY'."
    more = "For further error details see the cluster/cloud log."
    blocks = [
        f"Error in rule {rule}:\n    message: {text}" for rule, text in (("a", failed + more), ("b", more))
    ]
    SNAKEMAKE_LOG.write_text("\n".join([*blocks, blocks[0], ""]))
    seen.display.conclude(1)
    assert [line for line in seen.told() if line.startswith("Error: ")] == [f"Error: {failed}"]


def test_where_nothing_began_there_was_nothing_to_be_done(seen: Seen) -> None:
    seen.display.conclude(0)
    assert seen.told() == [NOTHING]


def test_a_run_without_stages_has_its_last_steps(seen: Seen) -> None:
    write_plan([])
    seen.job("track@watch")
    seen.now += 3
    lines = seen.drawn()
    assert lines[0] == "all stages are up to date, 0:03"
    assert lines[1].split() == ["track@watch", "results", "into", "MLflow", "0:03"]


def test_what_an_earlier_run_said_is_forgotten(seen: Seen) -> None:
    seen.job("train@watch.0")
    forget_jobs()
    assert jobs.jobs_so_far() == {}


def test_a_job_says_how_it_ended(seen: Seen) -> None:
    with jobs.job("map@a.0", Path("map.log")) as now:
        assert jobs.jobs_so_far()["map@a.0"].ended is None
        now.lines.append("map@a.0: ran, 1 s")
    assert jobs.jobs_so_far()["map@a.0"].lines == ["map@a.0: ran, 1 s"]
    for error, message in ((ValueError("no such luck"), "no such luck"), (KeyError(), "KeyError")):
        with pytest.raises(type(error)), jobs.job("map@a.0", Path("map.log")):
            raise error
        assert jobs.jobs_so_far()["map@a.0"].failed == message


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\0\0"])
def test_a_damaged_file_of_a_job_is_left_out(seen: Seen, content: bytes) -> None:
    write: Callable[[str], None] = seen.job
    write("a")
    write("b")
    (JOBS / "a.json").write_bytes(content)
    assert list(jobs.jobs_so_far()) == ["b"]


def test_a_job_that_was_ended_is_not_called_done(seen: Seen) -> None:
    write_plan(PLAN)
    seen.told()
    seen.job("track@watch", ended=START + 3, failed="track@watch was ended by a signal before it was done")
    assert seen.told() == ["Error: track@watch was ended by a signal before it was done"]
    assert seen.state.outcome() == "1 failed, 0 of 4 stages done"
