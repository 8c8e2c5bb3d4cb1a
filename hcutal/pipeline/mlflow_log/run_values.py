"""What the runs of experiments and of seeds show in MLflow: the few numbers and parameters by which they are compared.

Both from the state: from what dvc.lock says that the stages ran with, and from what they measured.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hcutal.files import read_json
from hcutal.layout import METRICS, RESOLVED
from hcutal.params.document import DATA_SECTIONS, EXPERIMENT_SECTIONS, Document
from hcutal.params.kinds import KINDS, stage_model
from hcutal.params.merge import merge
from hcutal.pipeline.graph import Stage

PARAM_CHARACTERS = 6000
DECIMALS = 4
# The numbers by which runs are compared, under the names that the stages give them.
# In order: MLflow's page that compares runs begins with the first.
HEADLINE = re.compile(
    r"(average_mAP(?:/(?:low|high|sd))?)|(mAP/0\.5(?:/(?:low|high|sd))?)|(ARI(?:/(?:low|high|sd))?)"
    r"|(NMI(?:/(?:low|high|sd))?)|(chance/average_mAP)|(training_seconds)"
)
IDENTITY = ("dataset", "supervision", "preset", "seeds")
# Filled in: seeds and supervision are of the identity, the training that names are of and the kind of data no choice.
NO_CHOICE = {"train.seed", "train.supervision", "map.named_training", "propose.training"}

# Parameters by section, as resolved.json has them.
Sections = dict[str, Any]
# Parameters and metrics by name.
Values = tuple[dict[str, str], dict[str, float]]


def headlines(metrics: Mapping[str, float]) -> dict[str, float]:
    """Those of some metrics by which runs are compared, what tells most first.

    >>> headlines({"ARI": 0.5, "ARI/first": 0.5, "average_mAP/low": 0.25, "mAP/0.1": 1.0})
    {'average_mAP/low': 0.25, 'ARI': 0.5}
    """
    found = [(match.lastindex or 0, name) for name in metrics if (match := HEADLINE.fullmatch(name))]
    return {name: metrics[name] for _, name in sorted(found, key=lambda each: each[0])}


def shown(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics as a list shows them: MLflow writes out all digits, which the runs of the stages have.

    >>> shown({"ARI": 0.03647985093, "training_seconds": 61.8})
    {'ARI': 0.0365, 'training_seconds': 61.8}
    """
    return {name: round(value, DECIMALS) for name, value in metrics.items()}


def together(parts: Sequence[Values]) -> Values:
    """The parameters and metrics of an experiment from those of its runs.

    Parameters that are not the same in all, such as seeds, are named with commas between; metrics are means.

    >>> together([({"seeds": "0"}, {"ARI": 0.25, "NMI": 1.0}), ({"seeds": "1"}, {"ARI": 0.75})])
    ({'seeds': '0, 1'}, {'ARI': 0.5, 'NMI': 1.0})
    """
    params: dict[str, list[str]] = {}
    metrics: dict[str, list[float]] = {}
    for own_params, own_metrics in parts:
        for name, text in own_params.items():
            params.setdefault(name, []).append(text)
        for name, number in own_metrics.items():
            metrics.setdefault(name, []).append(number)
    return (
        {name: ", ".join(dict.fromkeys(texts))[:PARAM_CHARACTERS] for name, texts in params.items()},
        {name: sum(numbers) / len(numbers) for name, numbers in metrics.items()},
    )


def sections_of(stages: Iterable[Stage]) -> Sections:
    """The parameters that the stages of one run ran with, by section.

    With `dataset`, `preset`, `supervision` and `kind` (of the data set) where they are known.
    """
    found: Sections = {}
    for stage in stages:
        for key, value in stage.entry.get("params", {}).get(str(RESOLVED), {}).items():
            path = _path(key)
            if not path:
                # The page shows every value, of which those of the other stages are theirs.
                about = {name: value[name] for name in (*IDENTITY, stage.kind) if name in value}
                found |= about
            elif path in ([stage.kind], ["kind"]):
                found[path[0]] = value
    if "supervision" in found.get("train", {}):
        found["supervision"] = found["train"]["supervision"]
    return found


def _path(key: str) -> list[str]:
    """What stands behind the name of a data set, an experiment or a run: `train` of `runs.watch.0.train`."""
    parts = key.split(".")
    return parts[3:] if parts[0] == "runs" else parts[2:]


def compared_params(found: Sections, seed: int, document: Document) -> dict[str, str]:
    """The parameters by which runs are compared: what they are, and each value that is not that of the preset.

    Values are compared with those that the preset of params.yaml gives to the program's own defaults, so that a
    section that was edited shows. Names are those of params.yaml: `train.video.clusters`.
    """
    identity = {**found, "seeds": seed}
    shown = {name: str(identity[name]) for name in IDENTITY if name in identity}
    usual = flatten(_usual(found, document))
    for name, text in flatten(_chosen(found)).items():
        if usual.get(name) != text and name not in NO_CHOICE:
            shown[name] = text
    return shown


def _chosen(found: Sections) -> Sections:
    sections = {name: found[name] for name in (*DATA_SECTIONS, *EXPERIMENT_SECTIONS) if name in found}
    if names := found.get("map", {}).get("names"):
        # One parameter, however many clusters there are.
        sections["map"] = {**sections["map"], "names": str(names)}
    return sections


def _usual(found: Sections, document: Document) -> Sections:
    """What the sections would be with the preset alone."""
    preset = document.presets.get(str(found.get("preset")))
    usual: Sections = {}
    for name, model in EXPERIMENT_SECTIONS.items():
        overrides = getattr(preset, name) if preset else {}
        values = merge(model().model_dump(mode="json"), overrides, model)
        usual[name] = model.model_validate(values).model_dump(mode="json")
    if found.get("kind") in KINDS:
        for name in DATA_SECTIONS:
            usual[name] = stage_model(found["kind"], name)().model_dump(mode="json")
    return usual


def stage_params(stage: Stage) -> dict[str, str]:
    """All parameters that a stage ran with, under their names in params.yaml."""
    flat: dict[str, str] = {}
    for key, value in stage.entry.get("params", {}).get(str(RESOLVED), {}).items():
        name = ".".join(_path(key))
        if name:
            flat |= flatten(value, f"{name}.") if isinstance(value, Mapping) else {name: str(value)}
        elif isinstance(value, Mapping):
            flat |= flatten(value)
    return flat


def stage_metrics(stage: Stage) -> dict[str, float]:
    """The finite numbers of the stage's `metrics.json`, of which DVC is shown a few."""
    metrics = {}
    for path in stage.outs:
        for name, value in (read_json(path) if Path(path).name == METRICS else {}).items():
            if isinstance(value, int | float) and math.isfinite(value):
                metrics[name] = float(value)
    return metrics


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested parameters by dotted key, as text.

    >>> flatten({"video": {"clusters": 3, "pooling": ["mean"]}, "q": None})
    {'video.clusters': '3', 'video.pooling': "['mean']", 'q': 'None'}
    """
    return dict(_flat(values, prefix))


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)[:PARAM_CHARACTERS]
