"""Whether snippets, durations and instances fit each other: the frame rate, the stride, the unit."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

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


class _Known(NamedTuple):
    """A recording whose duration is known: its snippets, their times, and how long it lasts (s)."""

    video: str
    length: int
    times: SnippetTimes
    seconds: float

    @property
    def end(self) -> float:
        """The end of its features (s)."""
        return self.times.end(self.length)

    @property
    def slack(self) -> float:
        """By how much the ends may differ by rounding alone (s)."""
        return SLACK_SNIPPETS * self.times.step


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
    known = [
        _Known(video, lengths[video], times[video], durations[video])
        for video in ends
        if durations.get(video, np.nan) > 0
    ]
    wrong = [
        each for each in known if abs(each.end - each.seconds) > max(tolerance * each.seconds, each.slack)
    ]
    if wrong:
        _report_wrong(found, wrong, len(known))
    else:
        _check_ratio(found, known)
    # A duration that is known has been compared; otherwise the instances are what tells.
    unknown = ends.keys() - {each.video for each in known}
    if unknown:
        without = {video: end for video, end in ends.items() if video in unknown}
        _check_instances(found, {video: last[video] for video in without if video in last}, without, times)


def _report_wrong(found: Findings, wrong: Sequence[_Known], number: int) -> None:
    first = wrong[0]
    message = (
        f"{first.video} lasts {first.seconds:g} s, its features {first.end:g} s at fps {first.times.fps:g} and "
        f"snippet_frames {first.times.frames} ({len(wrong)} videos differ)"
    )
    remedy = "look at these recordings: cut short, or features of another file"
    if 2 * len(wrong) >= number:
        remedy = (
            "expected prepare.fps, snippet_frames and stride to be those of the extraction; "
            f"durations fit {_fitting(wrong)}"
        )
    found.add(ERROR, "duration", message, remedy, [each.video for each in wrong])


def _check_ratio(found: Findings, known: Sequence[_Known]) -> None:
    """A rate that is wrong by little, as 24 for 25, is told by all recordings being too long, or all too short."""
    far = [each for each in known if abs(each.end - each.seconds) > each.slack]
    if len(far) < FEWEST or 2 * len(far) < len(known):
        return
    ratios = np.array([each.end / each.seconds for each in known])
    ratio = float(np.median(ratios))
    is_one_way = (ratios > 1).all() or (ratios < 1).all()
    if is_one_way and abs(ratio - 1) > CLOSE:
        found.add(
            WARNING,
            "rate-doubtful",
            f"features last {ratio:.3g} times as long as their recordings in {len(known)} of them (median)",
            f"check --fps, --stride and --window; durations fit {_fitting(known)}",
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


def _fitting(known: Sequence[_Known]) -> str:
    """The step that fits their durations (median), and usual rates and strides that give it, as options."""
    step = float(np.median([each.seconds / each.length for each in known]))
    near = [(fps, stride) for fps, stride in product(RATES, STRIDES) if abs(stride / fps / step - 1) < 0.02]
    options = " or ".join(f"--fps {fps} --stride {stride}" for fps, stride in near[:2])
    return f"a snippet every {step:.3g} s" + (f" ({options})" if near else "")
