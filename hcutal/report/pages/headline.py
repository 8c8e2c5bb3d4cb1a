"""What the top of a run's page says."""

from collections.abc import Mapping
from typing import Any

from hcutal.layout import names_file
from hcutal.report.material import Material
from hcutal.report.run_outputs import RunOutputs
from hcutal.report.sections.results_section import interval


def headline(material: Material) -> dict[str, Any]:
    """Names, settings, main numbers, counts, and what the reader should be warned of."""
    outputs = material.outputs
    return _names(outputs) | _numbers(outputs) | _counts(material) | _warnings(outputs)


def _names(outputs: RunOutputs) -> dict[str, Any]:
    return {
        "experiment": outputs.experiment,
        "run": outputs.run,
        "dataset": outputs.dataset,
        "preset": outputs.settings.get("preset", "default"),
        "supervision": outputs.supervision,
        "seed": outputs.seed,
    }


def _numbers(outputs: RunOutputs) -> dict[str, Any]:
    evaluated, mapped = outputs.metrics["evaluate"], outputs.metrics["map"]
    return {
        "average": evaluated.get("average_mAP"),
        "interval": interval(evaluated, "average_mAP"),
        "level": outputs.confidence_level,
        "chance": evaluated.get("chance/average_mAP"),
        "ari": mapped.get("ARI"),
        "nmi": mapped.get("NMI"),
    }


def _counts(material: Material) -> dict[str, Any]:
    """both: recordings are trained on and localized; clusters: None where training used labels as they are."""
    outputs = material.outputs
    truth, trained = outputs.truth, outputs.pseudo_labels
    localized = outputs.metrics["propose"].get("videos", outputs.proposals["video"].nunique())
    video = outputs.settings_of("train").get("video")
    video = video if isinstance(video, Mapping) else {}
    return {
        "trained": int(trained["video"].nunique()),
        "tested": len(truth.videos) if truth else int(localized),
        "both": bool(trained["video"].isin(outputs.proposals["video"].unique()).any()),
        "annotated": truth is not None,
        "labelled": any(outputs.labels.get(name) for name in trained["video"]),
        "instances": len(truth.instances) if truth else None,
        "classes": len(truth.classes) if truth else None,
        "clusters": None if outputs.supervision == "weak" else trained["cluster"].nunique(),
        "estimated": _estimate(outputs) if isinstance(video.get("clusters"), Mapping) else None,
        "proposals": len(outputs.proposals),
        "segments": len(material.segments) if outputs.recordings else None,
    }


def _estimate(outputs: RunOutputs) -> str:
    """How sure the estimated number of clusters is."""
    found = outputs.metrics["train"]
    names = ("fewest", "most", "stable")
    clusters = found.get("estimated_clusters")
    fewest, most, stable = (found.get(f"estimated_clusters/{name}") for name in names)
    if fewest is None or most is None or stable is None:
        return "estimated"
    span = f"between {fewest:.0f} and {most:.0f}" if fewest < most else f"{most:.0f} in all draws"
    return f"estimated, {span}" + ("" if stable == clusters else f"; by another measure {stable:.0f}")


def _warnings(outputs: RunOutputs) -> dict[str, Any]:
    """named: clusters that somebody named; missing: streams that were asked for and are not there, and why."""
    missing = outputs.features.settings.get("missing", {})
    return {
        "names_ignored": bool(outputs.metrics["map"].get("names_ignored", 0)),
        "names_file": names_file(outputs.run),
        "named": outputs.names_given,
        "missing": missing if isinstance(missing, Mapping) else {},
        "failed": len(outputs.features.failed),
    }
