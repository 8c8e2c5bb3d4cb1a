"""Stage `evaluate`: mean average precision and its interval, average recall, the chance level, and a diagnosis."""

from typing import Any

import pandas as pd

from hcutal.data.annotations import Annotations, read_annotations
from hcutal.data.subsets import belongs
from hcutal.errors import HcutalError
from hcutal.evaluate.bootstrap import bootstrap_map
from hcutal.evaluate.chance import chance_map
from hcutal.evaluate.detection import DetectionResult, detection_map
from hcutal.evaluate.diagnosis import Diagnosis, diagnose
from hcutal.evaluate.matching import Floats
from hcutal.evaluate.predictions import read_predictions
from hcutal.evaluate.recall import average_recall
from hcutal.files import write_json
from hcutal.layout import DatasetFiles, ExperimentFiles
from hcutal.params.evaluate import BootstrapParams, EvaluateParams
from hcutal.params.section import read_section
from hcutal.stages.command import experiment_stage
from hcutal.tables import write_table


def run(experiment: str, dataset: str) -> None:
    """Write `metrics.json`, `per_class.csv` and `diagnosis.json` for the proposals of `experiment`.

    Without an annotated instance the metrics are counts, and the diagnosis is no more than a `reason`.
    """
    params = read_section(EvaluateParams, "experiments", experiment, "evaluate")
    source, files = DatasetFiles.of(dataset).annotations, ExperimentFiles.of(experiment)
    annotations = read_annotations(source)
    videos = annotations.videos[belongs(annotations.videos["subset"], params.subset)]
    if videos.empty:
        raise HcutalError(f"{source}: no video of the subset {params.subset}, which is to be evaluated")
    annotations = annotations.select(list(videos["video"]))
    proposals = files.proposals
    predictions = read_predictions(proposals)
    if len(predictions) and not predictions["video"].isin(videos["video"]).any():
        raise HcutalError(f"{proposals}: none of its videos is of the subset {params.subset} of {source}")
    # Of recordings that nobody annotated it is not known what is right.
    predictions = predictions[predictions["video"].isin(videos["video"])].reset_index(drop=True)
    result = detection_map(annotations.instances, predictions, params.tiou)
    metrics = _counts(annotations, predictions)
    found: dict[str, Any] = {"reason": f"no instance is annotated in the subset {params.subset}"}
    if not annotations.instances.empty:
        durations = annotations.videos.set_index("video")["duration"]
        diagnosis = diagnose(
            annotations.instances, predictions, durations, params.error_tiou, bins=params.error_bins
        )
        found = diagnosis.as_dict()
        metrics |= measure(annotations, predictions, result, params) | summarise(diagnosis)
    write_table(files.per_class, _per_class(result), ["label", "instances", *_names(result), "average_AP"])
    write_json(files.diagnosis, found)
    write_json(files.metrics("evaluate"), metrics)


def measure(
    annotations: Annotations, predictions: pd.DataFrame, result: DetectionResult, params: EvaluateParams
) -> dict[str, float]:
    """mAP, its interval and its level by chance, and average recall, by name."""
    truth = annotations.instances
    metrics = _scores("mAP/{:g}", result.tiou, result.mean_ap) | {"average_mAP": result.average_map}
    if params.recall_at:
        recall = average_recall(truth, predictions, params.recall_tiou, params.recall_at)
        metrics |= {f"AR/{number}": value for number, value in recall.items()}
    if params.bootstrap is not None:
        metrics |= _interval(annotations, predictions, params.tiou, params.bootstrap)
    if params.chance is not None:
        durations = annotations.videos.set_index("video")["duration"]
        chance = chance_map(
            truth, predictions, durations, params.tiou, params.chance.draws, params.chance.seed
        )
        metrics |= _scores("chance/mAP/{:g}", result.tiou, chance) | {
            "chance/average_mAP": float(chance.mean())
        }
    return metrics


def summarise(diagnosis: Diagnosis) -> dict[str, float]:
    """Of a diagnosis: shares of the kinds among the best G of each class, gains, shares of missed instances."""
    best = diagnosis.groups[0]
    number = max(sum(best.values()), 1)
    metrics = {f"errors/{kind}": count / number for kind, count in best.items()}
    metrics |= {f"gain/{kind}": gain for kind, gain in diagnosis.gains.items()}
    shares = {"missed": diagnosis.missed, "unnoticed": diagnosis.unnoticed}
    metrics |= {name: count / diagnosis.instances for name, count in shares.items()}
    return metrics | {"calibration_error": diagnosis.calibration.error}


def _counts(annotations: Annotations, predictions: pd.DataFrame) -> dict[str, float]:
    return {
        "videos": len(annotations.videos),
        "instances": len(annotations.instances),
        "predictions": len(predictions),
    }


def _interval(
    annotations: Annotations, predictions: pd.DataFrame, tiou: list[float], params: BootstrapParams
) -> dict[str, float]:
    ends = bootstrap_map(
        annotations.instances,
        predictions,
        annotations.videos["video"].tolist(),
        tiou,
        params.draws,
        params.seed,
        params.level,
    )
    low, high = ends.average
    return (
        _scores("mAP/{:g}/low", ends.tiou, ends.low)
        | _scores("mAP/{:g}/high", ends.tiou, ends.high)
        | {"average_mAP/low": low, "average_mAP/high": high}
    )


def _scores(name: str, tiou: list[float], values: Floats) -> dict[str, float]:
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
    experiment_stage("evaluate", run)()
