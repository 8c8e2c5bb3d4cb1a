"""What a run in MLflow says of itself in a few lines: the description at the top of its page."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from hcutal.pipeline.executions import Execution
from hcutal.pipeline.mlflow_log.run_values import IDENTITY

NOTE = "mlflow.note.content"
# What leads, with its interval, and how numbers are called in a sentence.
LEADING = "average_mAP"
NAMES = {LEADING: "average mAP", "mAP/0.5": "mAP@0.5", "ARI": "ARI", "NMI": "NMI"}


def compared_note(
    params: Mapping[str, str], metrics: Mapping[str, float], page: Path, links: Mapping[str, str]
) -> str:
    """Of an experiment or a run: what came out, of what, and where its page is.

    page: in the project; links: within MLflow, by what they lead to.
    """
    about = ", ".join(
        f"{word} {params[name]}" for name, word in _identity(params).items() if params.get(name)
    )
    others = [f"`{name}` {text}" for name, text in params.items() if name not in IDENTITY]
    results = ", ".join(_results(metrics)) or "No labels, so that nothing is measured"
    # The page shows the first lines; links in others are not to be clicked before it is asked to show more.
    lines = [
        f"{results}. {', '.join(f'[{what}]({link})' for what, link in links.items())}",
        f"{about}.",
        f"Not as in the preset: {', '.join(others)}." if others else "All values are those of the preset.",
        f"Page in the project: `{page}`.",
    ]
    return "\n\n".join(lines)


def _identity(params: Mapping[str, str]) -> dict[str, str]:
    seeds = "seeds" if "," in params.get("seeds", "") else "seed"
    return {"dataset": "Data set", "supervision": "supervision", "preset": "preset", "seeds": seeds}


def _results(metrics: Mapping[str, float]) -> Iterator[str]:
    for name, words in NAMES.items():
        if name in metrics:
            ends = interval(name, metrics) if name == LEADING else ""
            yield f"**{words} {metrics[name]:.3f}** {ends}".rstrip()


def interval(name: str, metrics: Mapping[str, float]) -> str:
    """The interval of a metric where both of its ends are known, else nothing.

    >>> interval("ARI", {"ARI": 0.5, "ARI/low": 0.25, "ARI/high": 0.75})
    '[0.250, 0.750]'
    """
    ends = [metrics[key] for end in ("low", "high") if (key := f"{name}/{end}") in metrics]
    return f"[{ends[0]:.3f}, {ends[1]:.3f}]" if len(ends) == 2 else ""


def stage_note(execution: Execution) -> str:
    """Of a stage: whether it ran or was restored, and what the execution took that made its results."""
    if execution.started is None or execution.seconds is None:
        return f"{execution.status.capitalize()}: start, end and duration of this entry are those of logging."
    taken = [f"{execution.seconds:.1f} s"]
    if execution.cpu_seconds is not None:
        taken.append(f"{execution.cpu_seconds:.1f} s of CPU time")
    if execution.peak_memory_mb is not None:
        taken.append(f"at most {execution.peak_memory_mb:.0f} MB")
    where = " ".join(f"on {part}" for part in (execution.device, execution.machine) if part)
    note = f"{_moment(execution.started)}: {', '.join(taken)} {where}".rstrip()
    if execution.restored is None:
        return f"Ran {note}"
    return f"Restored {_moment(execution.restored)} from the cache. Made {note}"


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
