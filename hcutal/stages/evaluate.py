"""Stage `evaluate`: mean average precision and its interval, average recall, the chance level, and a diagnosis."""

import pandas as pd

from hcutal.data.annotations import read_annotations
from hcutal.data.subsets import belongs
from hcutal.errors import HcutalError
from hcutal.evaluate.evaluation import Evaluation, evaluate
from hcutal.evaluate.metrics import class_table, flat_metrics
from hcutal.evaluate.options import BootstrapOptions, ChanceOptions, DiagnosisOptions
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import atomic_path, write_json
from hcutal.layout import dataset_dir, results_dir
from hcutal.params.evaluate import EvaluateParams
from hcutal.params.section import read_section
from hcutal.stages.command import run_experiment_stage


def run(experiment: str, dataset: str) -> None:
    """Write `metrics.json`, `per_class.csv` and `diagnosis.json` for the proposals of `experiment`.

    Without an annotated instance the metrics are counts, and the diagnosis is no more than a `reason`.
    """
    params = read_section(EvaluateParams, "experiments", experiment, "evaluate")
    source = dataset_dir(dataset) / "annotations.json"
    annotations = read_annotations(source)
    videos = annotations.videos[belongs(annotations.videos["subset"], params.subset)]
    if videos.empty:
        raise HcutalError(f"{source}: no video of the subset {params.subset}, which is to be evaluated")
    proposals = results_dir(experiment, "propose") / "proposals.json"
    predictions = read_predictions(proposals)
    if len(predictions) and not predictions["video"].isin(videos["video"]).any():
        raise HcutalError(f"{proposals}: none of its videos is of the subset {params.subset} of {source}")
    found = _measure(annotations.instances, predictions, videos, params)
    reason = {"reason": f"no instance is annotated in the subset {params.subset}"}
    folder = results_dir(experiment, "evaluate")
    with atomic_path(folder / "per_class.csv") as path:
        class_table(found.result).to_csv(path, index=False, lineterminator="\n")
    write_json(folder / "diagnosis.json", found.diagnosis.as_dict() if found.diagnosis else reason)
    write_json(folder / "metrics.json", flat_metrics(found))


def _measure(
    instances: pd.DataFrame, predictions: pd.DataFrame, videos: pd.DataFrame, params: EvaluateParams
) -> Evaluation:
    """`evaluate` as the parameters have it; videos: columns video and duration of those that are evaluated."""
    names = videos["video"].tolist()
    bootstrap = BootstrapOptions(params.bootstrap_draws, params.bootstrap_seed, params.bootstrap_level)
    return evaluate(
        instances,
        predictions,
        params.tiou,
        names,
        # Of recordings that nobody annotated it is not known what is right.
        without=set(predictions["video"]) - set(names),
        recall_tiou=params.recall_tiou,
        recall_at=params.recall_at,
        bootstrap=bootstrap if bootstrap.draws else None,
        chance=ChanceOptions(params.chance_draws, params.chance_seed) if params.chance_draws else None,
        diagnosis=DiagnosisOptions(params.error_tiou, bins=params.error_bins),
        durations=videos.set_index("video")["duration"],
    )


if __name__ == "__main__":
    run_experiment_stage(run, __doc__)
