"""Whether snippets, durations and instances fit each other: the frame rate, the stride, the unit."""

from collections.abc import Mapping
from itertools import product

import numpy as np

from hcutal.data.problems import ERROR, NOTE, WARNING, Findings
from hcutal.data.times import SnippetTimes
from hcutal.data.units import check_unit

# A partial snippet at the end has no features, and the last frames are often missing.
SLACK_SNIPPETS = 2
# What extraction is done with: frames a second, frames from one snippet to the next.
RATES, STRIDES = (25, 30, 24, 15, 10, 50, 60), (16, 8, 4, 32, 64, 1)
FEWEST = 5
# A median ratio of features to durations that is nearer to 1 may be rounding.
CLOSE = 0.015
Seconds = Mapping[str, float]


def check_times(
    found: Findings,
    lengths: Mapping[str, int],
    times: Mapping[str, SnippetTimes],
    durations: Seconds,
    last: Seconds,
    tolerance: float,
) -> None:
    """Compare the ends of the features with durations (s, NaN where unknown) and with the last instances (s)."""
    ends = {video: times[video].end(length) for video, length in lengths.items() if video in times}
    known = {video: durations[video] for video in ends if durations.get(video, np.nan) > 0}
    _check_durations(found, lengths, times, ends, known, tolerance)
    # A duration that is known has been compared; otherwise the instances are what tells.
    unknown = {video: end for video, end in ends.items() if video not in known}
    if unknown:
        _check_instances(found, {video: last[video] for video in unknown if video in last}, unknown, times)


def _check_durations(
    found: Findings,
    lengths: Mapping[str, int],
    times: Mapping[str, SnippetTimes],
    ends: Seconds,
    known: Seconds,
    tolerance: float,
) -> None:
    slack = {video: max(tolerance * known[video], SLACK_SNIPPETS * times[video].step) for video in known}
    wrong = [video for video in known if abs(ends[video] - known[video]) > slack[video]]
    if not wrong:
        _check_ratio(found, lengths, times, ends, known)
        return
    first = times[wrong[0]]
    message = (
        f"{wrong[0]} lasts {known[wrong[0]]:g} s, its features {ends[wrong[0]]:g} s at fps {first.fps:g} and "
        f"snippet_frames {first.frames} ({len(wrong)} videos differ)"
    )
    remedy = "expected prepare.fps, snippet_frames and stride to be those of the extraction"
    if 2 * len(wrong) >= len(known):
        steps = [known[video] / lengths[video] for video in wrong]
        remedy += (
            f"; durations fit a snippet every {np.median(steps):.3g} s{_fitting(float(np.median(steps)))}"
        )
    else:
        remedy = "look at these recordings: cut short, or features of another file"
    found.add(ERROR, "duration", message, remedy, wrong)


def _check_ratio(
    found: Findings,
    lengths: Mapping[str, int],
    times: Mapping[str, SnippetTimes],
    ends: Seconds,
    known: Seconds,
) -> None:
    """A rate that is wrong by little, as 24 for 25, is told by all recordings being too long, or all too short."""
    ratios = np.array([ends[video] / known[video] for video in known])
    ratio = float(np.median(ratios)) if len(ratios) else 1.0
    far = [video for video in known if abs(ends[video] - known[video]) > SLACK_SNIPPETS * times[video].step]
    is_one_way = (ratios > 1).all() or (ratios < 1).all()
    if len(far) >= FEWEST and 2 * len(far) >= len(known) and is_one_way and abs(ratio - 1) > CLOSE:
        step = float(np.median([known[video] / lengths[video] for video in known]))
        found.add(
            WARNING,
            "rate-doubtful",
            f"features last {ratio:.3g} times as long as their recordings in {len(known)} of them (median)",
            f"check --fps, --stride and --window; durations fit a snippet every {step:.3g} s{_fitting(step)}",
        )


def _check_instances(
    found: Findings, last: Seconds, ends: Seconds, times: Mapping[str, SnippetTimes]
) -> None:
    if not last:
        found.add(
            NOTE,
            "times-unchecked",
            f"{len(ends)} recordings have neither a duration nor an instance: fps and stride cannot be checked",
            'add "duration" to the annotations',
        )
        return
    late = {
        video: end for video, end in last.items() if end > ends[video] + SLACK_SNIPPETS * times[video].step
    }
    unit = check_unit(last, ends)
    if unit.is_doubtful:
        found.add(
            ERROR,
            "rate",
            f"instances end at {unit.factor:.3g} times the end of the features in {len(late)} of {len(last)} of them",
            "give --fps, --stride and --window of the extraction, or mend the unit of the annotations",
            late,
        )
    elif late:
        found.add_each(
            WARNING,
            "after-features",
            [f"{video}: {end:g} s, features end at {ends[video]:g} s" for video, end in late.items()],
            "recordings have instances after their last feature",
            "features are cut short, or the annotations of these are wrong",
        )
    share = max(last[video] / ends[video] for video in last)
    if len(last) >= FEWEST and share < 0.5:
        found.add(
            WARNING,
            "rate-too-low",
            f"nothing is annotated beyond {share:.0%} of the features in any of {len(last)} recordings",
            "check --fps and --stride: with too long snippets all times are too late",
        )


def _fitting(step: float) -> str:
    """Usual rates and strides that give such a step, as options."""
    near = [(fps, stride) for fps, stride in product(RATES, STRIDES) if abs(stride / fps / step - 1) < 0.02]
    options = " or ".join(f"--fps {fps} --stride {stride}" for fps, stride in near[:2])
    return f" ({options})" if near else ""
