"""What lies before a run: which stages, why, and about how long. Read without DVC, which is slow to import."""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

import orjson

from hcutal.files import write_json
from hcutal.layout import PLAN, names_file
from hcutal.params.document import DATA_SECTIONS

NOT_RUN = "has not run yet"
# Of the time that is ahead, where nothing like it ran before.
UNKNOWN = "not known yet"
# What becomes of a stage that is fresh itself, but waits for others.
MAY_RUN = "may run"
# So many of these are named.
NAMED = 3
# The stage of a data set that has no parameters of its own name.
PREVIEWS = "previews"
# Under this name, the work is told that comes before there is a plan.
BEFORE_PLAN = "plan"
# What DVC and the start of Python take beside a stage itself (2 cores: 3 to 5 s).
AROUND_SECONDS = 4.0
# Stages that take about as long in one experiment as in another of the project.
ALIKE = {"parameters", "map", "propose", "evaluate", "report", "summary"}


class Step(NamedTuple):
    """A stage of the plan: what becomes of it (`runs`, `may run`), and the reason.

    needs: the stages of the plan that it waits for; threads: how many cores it takes; seconds: how long it took
    before, None where that is not known.
    """

    stage: str
    what: str
    why: str
    needs: tuple[str, ...] = ()
    threads: int = 1
    seconds: float | None = None


def expected_seconds(stage: str, before: Mapping[str, float], around: float = AROUND_SECONDS) -> float | None:
    """How long a stage will take, from what executions took `before` by stage (s); None where none says it.

    around: what a job takes beside its execution (s).

    The same stage says it best, then that of another seed, then that of another experiment where these are alike.
    """
    if stage in before:
        return before[stage] + around
    kind, _, key = stage.partition("@")
    others = {name: seconds for name, seconds in before.items() if name.partition("@")[0] == kind}
    family = f"{kind}@{key.partition('.')[0]}."
    near = [seconds for name, seconds in others.items() if "." in key and name.startswith(family)]
    found = near or (list(others.values()) if kind in ALIKE else [])
    return median(found) + around if found else None


def write_plan(steps: Iterable[Step]) -> None:
    """Let others read the plan; the display of a run does without it where it cannot be written."""
    with contextlib.suppress(OSError):
        write_json(PLAN, [step._asdict() for step in steps])


def read_plan(names: Collection[str] = ()) -> list[Step] | None:
    """The plan that was written last, of some experiments and runs or of all; None where there is none."""
    try:
        steps = [Step(**{**row, "needs": tuple(row["needs"])}) for row in orjson.loads(PLAN.read_bytes())]
    except (OSError, KeyError, TypeError, ValueError):
        return None
    return chosen(steps, names)


def chosen(steps: Sequence[Step], names: Collection[str]) -> list[Step]:
    """The steps of some experiments and runs with all that they wait for; all steps where no names are given."""
    if not names:
        return list(steps)
    wanted = {step.stage for step in steps if _is_of(step.stage, names)}
    for step in reversed(steps):
        if step.stage in wanted:
            wanted.update(step.needs)
    return [step for step in steps if step.stage in wanted]


def _is_of(stage: str, names: Collection[str]) -> bool:
    kind, _, key = stage.partition("@")
    return stage in names or (
        kind not in (*DATA_SECTIONS, PREVIEWS) and (key in names or key.partition(".")[0] in names)
    )


def seconds_ahead(steps: Sequence[Step], cores: int, left: Mapping[str, float]) -> tuple[float, int]:
    """About how long some steps take together (s), and how many of them are of unknown length and left out.

    left: seconds that are left of those that run already. The steps stand in the order in which they may run. What
    is said is the longest chain of steps that wait for each other, or all work shared among the cores: the longer.
    """
    ends: dict[str, float] = {}
    work, unknown = 0.0, 0
    for step in steps:
        seconds = left.get(step.stage, step.seconds)
        unknown += seconds is None
        before = max((ends.get(need, 0.0) for need in step.needs), default=0.0)
        ends[step.stage] = before + (seconds or 0.0)
        work += (seconds or 0.0) * min(step.threads, cores)
    return max([work / cores, *ends.values()]), unknown


def ahead_text(steps: Sequence[Step], cores: int, left: Mapping[str, float] | None = None) -> str:
    """`about 12:30` or, where the length of some stages is not known, how long the rest takes at least."""
    seconds, unknown = seconds_ahead(steps, cores, left or {})
    if unknown == len(steps) or (unknown and seconds < 1):
        return UNKNOWN
    if unknown:
        return f"at least {clock(seconds)} (no times yet of {unknown} of {len(steps)} stages)"
    return f"about {clock(seconds)}"


def clock(seconds: float) -> str:
    """Seconds as people read them.

    >>> clock(5), clock(65.4), clock(3725), clock(100_000)
    ('0:05', '1:05', '1:02:05', '27:46:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def plan_text(steps: Iterable[Step]) -> str:
    """The plan as lines for people."""
    steps = list(steps)
    if not steps:
        return "everything is up to date"
    listed = _grouped(steps)
    widths = [max(len(step[column]) for step in listed) for column in (0, 1)]
    lines = [f"  {stage:<{widths[0]}}  {what:<{widths[1]}}  {why}" for stage, what, why in listed]
    first = f"{len(steps)} stages run, or are restored where the cache has their result:"
    if len(steps) == 1:
        first = "1 stage runs, or is restored where the cache has its result:"
    return "\n".join([first, *lines, *_lost_names(steps)])


def _lost_names(steps: Iterable[Step]) -> list[str]:
    """The tables of names that a new training of their run puts out of use."""
    trained = [key for kind, _, key in (step.stage.partition("@") for step in steps) if kind == "train"]
    named = [str(names_file(run)) for run in trained if names_file(run).exists()]
    if not named:
        return []
    return [
        f"a new training makes new clusters, without names: {', '.join(named)} will not be used "
        "(hcutal localize applies the present run to new recordings, without training)"
    ]


def estimate_text(steps: Sequence[Step], cores: int) -> str:
    """How long the plan will take, as a line for people."""
    noun = "core" if cores == 1 else "cores"
    text = ahead_text(steps, cores)
    if text != UNKNOWN:
        return f"{text}; on {cores} {noun}, from earlier runs and samples; what is restored takes seconds"
    return "how long it takes is not known yet: nothing like it ran here before"


def _grouped(steps: Iterable[Step]) -> list[tuple[str, str, str]]:
    """The steps, some of which are told in one line: whose why is no news.

    They are those that never ran, a line for each data set, run or experiment, and those that follow others.
    """
    new: dict[str, list[str]] = {}
    rest: list[tuple[str, str, str]] = []
    following: list[str] = []
    for step in steps:
        kind, _, key = step.stage.partition("@")
        if key and step.why == NOT_RUN:
            new.setdefault(key, []).append(kind)
        elif step.what == MAY_RUN:
            following.append(step.stage)
        else:
            rest.append(step[:3])
    # A data set and an experiment may have the same name: their stages come one after the other.
    rest += [(key, "runs", f"{', '.join(kinds)}: not yet run") for key, kinds in new.items()]
    if following:
        more = f" and {len(following) - NAMED} more" if len(following) > NAMED else ""
        named = f"{', '.join(following[:NAMED])}{more}"
        rest.append(("what follows", MAY_RUN, f"if results before it change: {named}"))
    return rest
