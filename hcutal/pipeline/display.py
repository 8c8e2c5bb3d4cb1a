"""What a person sees of a run: a live picture in a terminal, lines elsewhere."""

import contextlib
import os
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hcutal.jobs import Job
from hcutal.layout import SNAKEMAKE_LOG
from hcutal.pipeline.outlook import clock, estimate_text, plan_text
from hcutal.pipeline.run_state import RunState

# How often the state is read, and how often it is told in lines.
LOOK_SECONDS, TELL_SECONDS = 0.5, 30.0
BAR_WIDTH = 12
TAIL = 30
# Lines of the picture beside those of jobs, and of the shell.
AROUND = 4
# Of the second line of what does not fit into one.
INDENT = 6
# The jobs that come after the stages.
LAST = {"track": "results into MLflow", "compare": "table of all experiments"}
# What Snakemake says of a job that failed elsewhere, and adds to it.
REASON, DETAILS = re.compile(r"^\s*message: *(.*)", re.MULTILINE), "For further error details"
NOTHING = "Nothing to be done: everything is up to date"


class Display:
    """Tells what happens, in lines: `update` is called often, `conclude` when the run is over."""

    def __init__(self, state: RunState, console: Console) -> None:
        self._state, self._console = state, console
        self._planned = False
        self._looked = 0.0
        self._told = time.monotonic()

    def update(self) -> None:
        """Look at the state, where the last look was a while ago, and tell what is new."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            self._look()

    def _look(self) -> None:
        changed = self._state.look()
        if self._state.plan and not self._planned:
            self._planned = True
            self._say_plan(
                f"{plan_text(self._state.plan)}\n{estimate_text(self._state.plan, self._state.cores)}"
            )
        for job in changed:
            self._tell(job)
        self._show()

    def _tell(self, job: Job) -> None:
        if job.ended is None:
            self._begins(job)
            return
        for line in job.lines or _ended(job):
            self._say(line)
        if job.failed is not None:
            self._say(f"Error: {job.failed}")

    def _begins(self, job: Job) -> None:
        self._say(f"{job.name}: begins")

    def _show(self) -> None:
        """Tell the state of what runs, now and then."""
        if time.monotonic() - self._told < TELL_SECONDS:
            return
        self._told = time.monotonic()
        running = [_described(self._state, job) for job in self._state.running]
        parts = [self._state.headline(), *running, self._state.next_ones()]
        self._say("; ".join(part for part in parts if part))

    def _say_plan(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def conclude(self, status: int) -> None:
        """Tell the last news, and what is to be known of how it ended."""
        self._look()
        if status == 0:
            if not self._state.jobs:
                self._say(NOTHING)
            return
        for job in self._state.running:
            self._say(
                f"Error: {job.name} ended without a word; the end of {job.log}:\n{_tail(Path(job.log))}"
            )
        for reason in _reasons(SNAKEMAKE_LOG):
            self._say(f"Error: {reason}")
        if not any(job.failed or job.ended is None for job in self._state.jobs.values()):
            self._say(_tail(SNAKEMAKE_LOG))
        self._say(f"{self._state.outcome()}; all that Snakemake said: {SNAKEMAKE_LOG}")


class LiveDisplay(Display):
    """The same with a picture of what runs below the lines."""

    def __init__(self, state: RunState, console: Console, live: Live) -> None:
        super().__init__(state, console)
        self._live = live

    def _begins(self, job: Job) -> None:
        """The picture shows it."""

    def _say_plan(self, text: str) -> None:
        width = max(self._console.width, 2 * INDENT)
        for line in text.splitlines():
            self._say(textwrap.fill(line, width, subsequent_indent=" " * INDENT, break_on_hyphens=False))

    def _show(self) -> None:
        self._live.update(picture(self._state, self._console.height - AROUND), refresh=True)


def picture(state: RunState, most: int = 20) -> RenderableType:
    """A line for each running job, of which there are `most`, between how far the run is and what comes next."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=24)
    table.add_column(width=BAR_WIDTH)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(no_wrap=True, justify="right")
    shown, more = state.running[: max(most, 1)], len(state.running) - max(most, 1)
    for job in shown:
        part = state.part(job)
        bar = Text() if part is None else ProgressBar(1.0, part, width=BAR_WIDTH)
        table.add_row(job.name, bar, _doing(state, job), _times(state, job))
    lines: list[RenderableType] = [
        Text(state.headline(), style="bold", no_wrap=True, overflow="ellipsis"),
        table,
    ]
    if more > 0:
        lines.append(Text(f"and {more} more at work", style="dim"))
    if following := state.next_ones():
        lines.append(Text(following, style="dim", no_wrap=True, overflow="ellipsis"))
    return Group(*lines)


def _described(state: RunState, job: Job) -> str:
    doing = _doing(state, job)
    return f"{job.name} {f'{doing}, ' if doing else ''}{_times(state, job)}"


def _doing(state: RunState, job: Job) -> str:
    progress = state.progress.get(job.name)
    return str(progress) if progress else LAST.get(job.name.partition("@")[0], "")


def _times(state: RunState, job: Job) -> str:
    gone, left = clock(state.now - job.started), state.left(job)
    # What takes longer than was expected has no end that anybody knows.
    return gone if left is None or left < 1 else f"{gone}, {clock(left)} left"


def _ended(job: Job) -> list[str]:
    """What to say of a job that has nothing to say itself; nothing of one that failed, or was interrupted."""
    if job.failed is not None or job.ended is None:
        return []
    return [f"{job.name}: done, {job.ended - job.started:.0f} s"]


def _tail(path: Path) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(path.read_text(errors="replace").splitlines()[-TAIL:])
    return f"{path}: cannot be read"


def _reasons(path: Path) -> list[str]:
    """Why jobs on a cluster failed, as whoever submitted them says it, each reason once."""
    with contextlib.suppress(OSError):
        found = REASON.findall(path.read_text(errors="replace"))
        return [text for text in dict.fromkeys(each.partition(DETAILS)[0].strip() for each in found) if text]
    return []


@contextlib.contextmanager
def open_display(state: RunState) -> Iterator[Display]:
    """The display that fits where the output goes."""
    console = Console(file=sys.stdout, highlight=False)
    # FORCE_COLOR makes a terminal of a file for rich.
    if not sys.stdout.isatty() or console.is_dumb_terminal:
        # Lines of a file are not cut to a width.
        yield Display(state, Console(file=sys.stdout, highlight=False, width=10_000, color_system=None))
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield LiveDisplay(state, console, live)


def without_reader(action: Callable[[], None]) -> bool:
    """Do something that prints; whether nobody reads it any more (`hcutal run | head`)."""
    try:
        action()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would try again, and fail, when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False
