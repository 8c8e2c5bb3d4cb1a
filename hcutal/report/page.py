"""The page of an experiment: one HTML file that asks nothing of the network, and its figures as PNG files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.params.report import ReportParams
from hcutal.report.inputs import Inputs, read_cas
from hcutal.report.rendering import environment
from hcutal.report.section_diagnosis import diagnosis_section
from hcutal.report.section_results import interval, result_section
from hcutal.report.sections import (
    Section,
    cluster_section,
    setup_section,
    supervision,
    timeline_section,
    training_section,
)
from hcutal.report.style import class_colours
from hcutal.report.timeline import Timeline, choose_videos, make_timeline

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
    classes, timelines = make_timelines(inputs, params)
    drawn = [lane.label for timeline in timelines for lane in timeline.lanes]
    true = [label for timeline in timelines for label in timeline.true_classes]
    colours = class_colours(true or drawn, [*drawn, *sorted(classes), *inputs.per_class["label"]])
    sections = [
        result_section(
            inputs.metrics["evaluate"], inputs.per_class, colours, params.dpi, confidence_level(inputs)
        ),
        diagnosis_section(inputs.diagnosis, params.dpi),
        timeline_section(timelines, colours, params),
        cluster_section(inputs, params),
        training_section(inputs, params),
        setup_section(inputs),
    ]
    return [section for section in sections if section is not None]


def make_timelines(inputs: Inputs, params: ReportParams) -> tuple[list[str], list[Timeline]]:
    """The classes of the CAS, and timelines of recordings chosen without looking at labels or results."""
    classes, cas = read_cas(inputs.cas_path)
    videos = choose_videos([name for name in cas if name != "classes"], params.timelines)
    for video in videos:
        if cas[video].ndim != 2 or cas[video].shape[1] != len(classes):
            raise HcutalError(
                f"{inputs.cas_path}: {video} is {cas[video].shape}; expected [T, {len(classes)}]"
            )
    return classes, [make_timeline(inputs, video, classes, cas[video], params) for video in videos]


def render(inputs: Inputs, sections: list[Section]) -> str:
    """The whole page as HTML."""
    return environment().get_template("page.html.j2").render(sections=sections, **headline(inputs))


def headline(inputs: Inputs) -> dict[str, Any]:
    """What the top of the page says: names, settings, main numbers and counts."""
    evaluated, mapped = inputs.metrics["evaluate"], inputs.metrics["map"]
    train = inputs.settings.get("train", {})
    truth = inputs.truth
    return {
        "experiment": inputs.experiment,
        "dataset": inputs.dataset,
        "preset": inputs.settings.get("preset", "default"),
        "supervision": supervision(inputs),
        "seed": train.get("seed", "not set") if isinstance(train, Mapping) else "not set",
        "average": evaluated.get("average_mAP"),
        "interval": interval(evaluated, "average_mAP"),
        "level": confidence_level(inputs),
        "chance": evaluated.get("chance/average_mAP"),
        "ari": mapped.get("ARI"),
        "nmi": mapped.get("NMI"),
        "trained": len(inputs.pseudo_labels),
        "tested": len(truth.videos) if truth else inputs.proposals["video"].nunique(),
        "instances": len(truth.instances) if truth else None,
        "classes": len(truth.classes) if truth else None,
        "proposals": len(inputs.proposals),
    }


def confidence_level(inputs: Inputs) -> float | None:
    """Of the intervals of the mAP, as the evaluate stage was told."""
    evaluate = inputs.settings.get("evaluate", {})
    return evaluate.get("bootstrap_level") if isinstance(evaluate, Mapping) else None
