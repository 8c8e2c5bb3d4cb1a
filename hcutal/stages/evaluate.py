"""Stage `evaluate`: mean average precision, average recall and the chance level of the proposals."""

from typing import Any

import numpy as np
import pandas as pd

from hcutal.data.annotations import Annotations, read_annotations
from hcutal.errors import HcutalError
from hcutal.evaluate.chance import chance_map
from hcutal.evaluate.detection import DetectionResult, average_recall, detection_map
from hcutal.evaluate.diagnosis import error_shares
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import write_csv, write_json
from hcutal.layout import dataset_dir, results_dir
from hcutal.params.evaluate import EvaluateParams
from hcutal.params.section import read_section
from hcutal.stages.command import run_experiment_stage


def run(experiment: str, dataset: str) -> None:
    """Write `metrics.json` and `per_class.csv` for the proposals of `experiment`."""
    params = read_section(EvaluateParams, "experiments", experiment, "evaluate")
    source = dataset_dir(dataset) / "annotations.json"
    annotations = read_annotations(source)
    videos = annotations.videos[annotations.videos["subset"] == params.subset]
    if videos.empty:
        raise HcutalError(f"{source}: no video of the subset {params.subset}, which is to be evaluated")
    annotations = annotations.select(list(videos["video"]))
    proposals = results_dir(experiment, "propose") / "proposals.json"
    predictions = read_predictions(proposals)
    if len(predictions) and not predictions["video"].isin(videos["video"]).any():
        raise HcutalError(f"{proposals}: none of its videos is of the subset {params.subset} of {source}")
    result = detection_map(annotations.instances, predictions, params.tiou)
    folder = results_dir(experiment, "evaluate")
    write_csv(
        folder / "per_class.csv", _per_class(result), ["label", "instances", *_names(result), "average_AP"]
    )
    write_json(folder / "metrics.json", measure(annotations, predictions, result, params))


def measure(
    annotations: Annotations, predictions: pd.DataFrame, result: DetectionResult, params: EvaluateParams
) -> dict[str, float]:
    """All metrics by name; without ground truth only the counts."""
    counts: dict[str, float] = {
        "videos": len(annotations.videos),
        "instances": len(annotations.instances),
        "predictions": len(predictions),
    }
    if annotations.instances.empty:
        return counts
    metrics = counts | _scores("mAP/{:g}", result.tiou, result.mean_ap) | {"average_mAP": result.average_map}
    shares = error_shares(annotations.instances, predictions, params.error_tiou)
    metrics |= {f"errors/{kind}": value for kind, value in shares.items()}
    if params.recall_at:
        recall = average_recall(annotations.instances, predictions, params.recall_tiou, params.recall_at)
        metrics |= {f"AR/{number}": value for number, value in recall.items()}
    if params.chance_draws:
        durations = annotations.videos.set_index("video")["duration"]
        chance = chance_map(
            annotations.instances,
            predictions,
            durations,
            params.tiou,
            params.chance_draws,
            params.chance_seed,
        )
        metrics |= _scores("chance/mAP/{:g}", result.tiou, chance) | {
            "chance/average_mAP": float(chance.mean())
        }
    return metrics


def _scores(
    name: str, tiou: list[float], values: "np.ndarray[Any, np.dtype[np.float64]]"
) -> dict[str, float]:
    return {name.format(threshold): float(value) for threshold, value in zip(tiou, values, strict=True)}


def _names(result: DetectionResult) -> list[str]:
    return [f"AP/{threshold:g}" for threshold in result.tiou]


def _per_class(result: DetectionResult) -> list[dict[str, Any]]:
    return [
        {"label": label, "instances": int(result.instances[column])}
        | dict(zip(_names(result), result.ap[:, column].tolist(), strict=True))
        | {"average_AP": float(result.ap[:, column].mean())}
        for column, label in enumerate(result.classes)
    ]


if __name__ == "__main__":
    run_experiment_stage(run, __doc__)
