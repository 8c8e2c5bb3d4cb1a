"""The page of an experiment: one HTML file that asks nothing of the network, and its figures as PNG files."""

from pathlib import Path

import pandas as pd

from hcutal.files import atomic_path
from hcutal.localize.choice import Choice
from hcutal.params.report import ReportParams
from hcutal.report.curves import Curves
from hcutal.report.headline import confidence_level, headline
from hcutal.report.inputs import Inputs
from hcutal.report.rendering import environment
from hcutal.report.section_diagnosis import diagnosis_section
from hcutal.report.section_names import name_section
from hcutal.report.section_recordings import recording_section
from hcutal.report.section_results import result_section
from hcutal.report.section_segments import segment_section
from hcutal.report.sections import (
    Section,
    cluster_section,
    setup_section,
    timeline_section,
    training_section,
)
from hcutal.report.style import class_colours
from hcutal.report.timeline import Timeline, choose_videos, make_timeline
from hcutal.report.typical import find_segments

PAGE, FIGURES = "report.html", "figures"


def write_report(folder: str | Path, inputs: Inputs, params: ReportParams) -> None:
    """Write `report.html` and `figures/*.png` into `folder`, in place of what stands there.

    The same inputs give the same bytes.
    """
    sections = make_sections(inputs, params)
    html = render(inputs, sections)
    with atomic_path(folder) as temporary:
        (temporary / FIGURES).mkdir(parents=True)
        (temporary / PAGE).write_text(html, encoding="utf-8", newline="\n")
        for picture in (picture for section in sections for picture in section.pictures):
            (temporary / FIGURES / f"{picture.name}.png").write_bytes(picture.png)


def make_sections(inputs: Inputs, params: ReportParams) -> list[Section]:
    """The sections that there is something to show for, in the order of the page."""
    curves = Curves.read(inputs)
    timelines = make_timelines(inputs, curves, params)
    segments = find_segments(inputs.proposals, Choice(min_score=params.segment_score))
    colours = make_colours(inputs, curves, timelines, segments)
    shown = (inputs, segments, curves, colours, params)
    sections = [
        result_section(
            inputs.metrics["evaluate"], inputs.per_class, colours, params.dpi, confidence_level(inputs)
        ),
        diagnosis_section(inputs.diagnosis, params.dpi) if inputs.truth else None,
        timeline_section(timelines, colours, params),
        segment_section(*shown),
        name_section(inputs),
        recording_section(*shown),
        cluster_section(inputs, params),
        training_section(inputs, params),
        setup_section(inputs),
    ]
    return [section for section in sections if section is not None]


def make_timelines(inputs: Inputs, curves: Curves, params: ReportParams) -> list[Timeline]:
    """Timelines of recordings chosen without looking at labels or results.

    There are none where timelines that play show all that is known.
    """
    if inputs.recordings and inputs.truth is None:
        return []
    return [
        make_timeline(inputs, curves, video, params)
        for video in choose_videos(curves.videos, params.timelines)
    ]


def make_colours(
    inputs: Inputs, curves: Curves, timelines: list[Timeline], segments: pd.DataFrame
) -> dict[str, str]:
    """A colour for each class: the annotated ones have the first claim, else those with most seconds."""
    seconds = (segments["end"] - segments["start"]).groupby(segments["label"]).sum()
    found = seconds.sort_values(ascending=False, kind="stable").index.tolist() if inputs.recordings else []
    drawn = [lane.label for timeline in timelines for lane in timeline.lanes]
    true = [label for timeline in timelines for label in timeline.true_classes]
    others = [*drawn, *found, *sorted(curves.classes), *(row.label for row in inputs.mapping)]
    return class_colours(true or found or drawn, [*others, *inputs.per_class["label"]])


def render(inputs: Inputs, sections: list[Section]) -> str:
    """The whole page as HTML."""
    return environment().get_template("page.html.j2").render(sections=sections, **headline(inputs, sections))
