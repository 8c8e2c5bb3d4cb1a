"""Keys of params.yaml that are called otherwise now: what an old file is told."""

from typing import Any

SUPPRESSION = "is now propose.suppression, e.g. {hard: {tiou: 0.55}} or {soft: {sigma: 0.3}}"
CLUSTERS = "is now train.video.clusters: {estimate: {most: 16, draws: 12}}"
NEIGHBOURS = "is now train.video.neighbours: {count: 10, share: 1.0}, or null for none"
WEIGHTS = "is now train.weights: {dynamic: {temperature: 2.0, period: 25}}, or {equal: {}}"
BOOTSTRAP = "is now evaluate.bootstrap: {draws: 1000, seed: 0, level: 0.95}, or null for none"
CHANCE = "is now evaluate.chance: {draws: 5, seed: 0}, or null for none"

GONE = {
    "propose.nms_kind": SUPPRESSION,
    "propose.nms": SUPPRESSION,
    "propose.sigma": SUPPRESSION,
    "propose.legacy_nms": "is now propose.suppression: {hard: {plus_one: true}}",
    "propose.sources": "is now told by propose.thresholds, null for a source that is not used: {magnitude: null}",
    "train.video.estimate": CLUSTERS,
    "train.video.neighbour_share": NEIGHBOURS,
    "train.weights.temperature": WEIGHTS,
    "train.weights.period": WEIGHTS,
    "evaluate.bootstrap_draws": BOOTSTRAP,
    "evaluate.bootstrap_seed": BOOTSTRAP,
    "evaluate.bootstrap_level": BOOTSTRAP,
    "evaluate.chance_draws": CHANCE,
    "evaluate.chance_seed": CHANCE,
}
# Keys that hold another kind of value now: the old kind, and what is said of it.
RESHAPED: dict[str, tuple[type, str]] = {
    "train.video.clusters": (type(None), CLUSTERS),
    "train.video.neighbours": (int, NEIGHBOURS),
    "train.weights.dynamic": (bool, WEIGHTS),
    "train.top": (int, "is now train.top: {part: 5} for l = T // 5, or {count: 5} for l = 5"),
}


def moved(key: str, value: Any) -> str | None:
    """What to say of a key (`train.top`) with an old value; None where there is nothing to say."""
    if key in RESHAPED:
        kind, form = RESHAPED[key]
        return f"found {value!r}; it {form}" if isinstance(value, kind) else None
    return GONE.get(key)
