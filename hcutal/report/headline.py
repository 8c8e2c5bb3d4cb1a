"""What the top of the page says."""

from collections.abc import Mapping, Sequence
from typing import Any

from hcutal.layout import LABELS
from hcutal.report.inputs import Inputs
from hcutal.report.section_results import interval
from hcutal.report.sections import Section, supervision


def headline(inputs: Inputs, sections: Sequence[Section]) -> dict[str, Any]:
    """Names, settings, main numbers, counts, and what the reader should be warned of."""
    return _names(inputs) | _numbers(inputs) | _counts(inputs, sections) | _warnings(inputs)


def _names(inputs: Inputs) -> dict[str, Any]:
    return {
        "experiment": inputs.experiment,
        "dataset": inputs.dataset,
        "preset": inputs.settings.get("preset", "default"),
        "supervision": supervision(inputs),
        "seed": part(inputs, "train").get("seed", "not set"),
    }


def _numbers(inputs: Inputs) -> dict[str, Any]:
    evaluated, mapped = inputs.metrics["evaluate"], inputs.metrics["map"]
    return {
        "average": evaluated.get("average_mAP"),
        "interval": interval(evaluated, "average_mAP"),
        "level": confidence_level(inputs),
        "chance": evaluated.get("chance/average_mAP"),
        "ari": mapped.get("ARI"),
        "nmi": mapped.get("NMI"),
    }


def _counts(inputs: Inputs, sections: Sequence[Section]) -> dict[str, Any]:
    """both: recordings are trained on and localized; clusters: None where training used labels as they are."""
    truth, trained = inputs.truth, inputs.pseudo_labels
    localized = inputs.metrics["propose"].get("videos", inputs.proposals["video"].nunique())
    video = part(inputs, "train").get("video", {})
    groups = [section.values["groups"] for section in sections if section.anchor == "segments"]
    return {
        "trained": len(trained),
        "tested": len(truth.videos) if truth else int(localized),
        "both": bool(trained["video"].isin(inputs.proposals["video"].unique()).any()),
        "annotated": truth is not None,
        "labelled": any(inputs.labels.get(name) for name in trained["video"]),
        "instances": len(truth.instances) if truth else None,
        "classes": len(truth.classes) if truth else None,
        "clusters": None if supervision(inputs) == "weak" else trained["cluster"].nunique(),
        "estimated": isinstance(video, Mapping) and isinstance(video.get("clusters"), Mapping),
        "proposals": len(inputs.proposals),
        "segments": sum(group.segments for group in groups[0]) if groups else None,
        "playable": any(section.values.get("playable") for section in sections),
    }


def _warnings(inputs: Inputs) -> dict[str, Any]:
    """named: clusters that somebody named; missing: streams that were asked for and are not there, and why."""
    mapped, missing = inputs.metrics["map"], inputs.features.settings.get("missing", {})
    ignored = bool(mapped.get("names_ignored", 0))
    return {
        "names_ignored": ignored,
        "names_file": LABELS / f"{inputs.experiment}.csv",
        "named": 0 if ignored else int(mapped.get("names_given", 0)),
        "missing": missing if isinstance(missing, Mapping) else {},
        "failed": len(inputs.features.failed),
    }


def part(inputs: Inputs, stage: str) -> Mapping[str, Any]:
    """The settings of a stage; empty where there are none."""
    found = inputs.settings.get(stage, {})
    return found if isinstance(found, Mapping) else {}


def confidence_level(inputs: Inputs) -> float | None:
    """Of the intervals of the mAP, as the evaluate stage was told."""
    bootstrap = part(inputs, "evaluate").get("bootstrap")
    return bootstrap.get("level") if isinstance(bootstrap, Mapping) else None
