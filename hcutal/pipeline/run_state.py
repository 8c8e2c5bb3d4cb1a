"""How far a run is: its plan and its jobs, read from the files that these write as they go."""

import time
from collections.abc import Collection

from hcutal.jobs import Job, jobs_so_far
from hcutal.layout import shard_name
from hcutal.pipeline.outlook import BEFORE_PLAN, Step, ahead_text, clock, expected_seconds, read_plan
from hcutal.progress import HowFar, progress_of

# How many of those that come next are named.
NAMED = 3


class RunState:
    """What is known of a run of some experiments, or of all, as of the last look."""

    def __init__(self, names: Collection[str], cores: int) -> None:
        self.cores = cores
        self.started = self.now = time.time()
        self.plan: list[Step] | None = None
        self._planned: list[Step] | None = None
        self.jobs: dict[str, Job] = {}
        self.progress: dict[str, HowFar] = {}
        self._names = names

    def look(self) -> list[Job]:
        """Read all anew; the jobs that have begun or ended since the last look."""
        self.now = time.time()
        before, self.jobs = self.jobs, jobs_so_far()
        if self._planned is None:
            self._planned = read_plan(self._names)
        self.plan = None if self._planned is None else self._with_what_ran(self._planned)
        names = [BEFORE_PLAN] if self.plan is None else [job.name for job in self.running]
        found = {name: progress_of(name) for name in names}
        self.progress = {name: progress for name, progress in found.items() if progress is not None}
        return [
            job for job in self.jobs.values() if job.name not in before or before[job.name].ended != job.ended
        ]

    def _with_what_ran(self, plan: list[Step]) -> list[Step]:
        """The plan, with lengths that follow from what this run took for others where none was known before."""
        ran = {job.name: job.ended - job.started for job in self.jobs.values() if job.ran and job.ended}
        return [
            step
            if step.seconds is not None
            else step._replace(seconds=expected_seconds(step.stage, ran, 0.0))
            for step in plan
        ]

    @property
    def running(self) -> list[Job]:
        """The jobs that run."""
        return [job for job in self.jobs.values() if job.ended is None]

    def left(self, job: Job) -> float | None:
        """Seconds that a running job still takes; None where nothing says it."""
        progress = self.progress.get(job.name)
        if progress is not None and progress.left is not None:
            return max(0.0, progress.left - (self.now - progress.moment))
        step = next((step for step in self.plan or [] if step.stage == job.name), None)
        if step is None or step.seconds is None:
            return None
        return max(0.0, step.seconds - (self.now - job.started))

    def part(self, job: Job) -> float | None:
        """How much of the time of a running job has gone, 0 to 1; None where nothing says it."""
        progress, left = self.progress.get(job.name), self.left(job)
        if progress is not None and progress.total:
            return progress.part
        gone = self.now - job.started
        return None if left is None else min(gone / max(gone + left, 1e-9), 1.0)

    @property
    def waiting(self) -> list[Step]:
        """The stages of the plan that have not begun."""
        return [step for step in self.plan or [] if step.stage not in self.jobs]

    def headline(self) -> str:
        """How many stages are done, since when, and how long the rest takes."""
        clocked = clock(self.now - self.started)
        if self.plan is None:
            reading = self.progress.get(BEFORE_PLAN)
            doing = f", {reading} read" if reading and reading.total else ""
            return f"comparing stages with files, parameters and code{doing}, {clocked}"
        if not self.plan:
            return f"all stages are up to date, {clocked}"
        ended = [step for step in self.plan if (job := self.jobs.get(step.stage)) and job.ended]
        rest = [step for step in self.plan if step not in ended]
        text = f"{len(ended)} of {len(self.plan)} stages done, {clocked}"
        return f"{text}; to go: {ahead_text(rest, self.cores, self._all_left())}" if rest else text

    def outcome(self) -> str:
        """How many jobs failed, and how many stages of the plan are done, in words."""
        if self.plan is None:
            return "failed before any stage began"
        failed = [job for job in self.jobs.values() if job.failed is not None or job.ended is None]
        done = [step for step in self.plan if (job := self.jobs.get(step.stage)) and job.lines]
        return f"{len(failed)} failed, {len(done)} of {len(self.plan)} stages done"

    def _all_left(self) -> dict[str, float]:
        """Seconds that are left of the stages that run, and of those whose shards do."""
        found = {job.name: left for job in self.running if (left := self.left(job)) is not None}
        for step in self.plan or []:
            shards = [found[name] for i in range(len(found)) if (name := shard_name(step.stage, i)) in found]
            if shards:
                found[step.stage] = max(shards)
        return found

    def next_ones(self) -> str:
        """What comes next, in words; nothing where all has begun."""
        names = [step.stage for step in self.waiting]
        if not names:
            return ""
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return f"next: {', '.join(names[:NAMED])}{more}"
