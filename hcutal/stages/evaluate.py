"""Stage `evaluate`: mean average precision and its interval, average recall, the chance level, and a diagnosis."""

from pathlib import Path

import pandas as pd

from hcutal.cluster.assigned import is_cut, moment_metrics, read_assigned
from hcutal.data.annotations import read_annotations
from hcutal.data.subsets import belongs
from hcutal.errors import HcutalError
from hcutal.evaluate.evaluation import Evaluation, evaluate
from hcutal.evaluate.matching import Floats
from hcutal.evaluate.metrics import class_table, flat_metrics
from hcutal.evaluate.options import BootstrapOptions, ChanceOptions, DiagnosisOptions
from hcutal.evaluate.over_seeds import measured_table, write_measured
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import write_json
from hcutal.layout import DatasetFiles, RunPaths
from hcutal.params.evaluate import EvaluateParams
from hcutal.params.section import read_run_section
from hcutal.stages.command import seeded_stage
from hcutal.tables import write_frame


def run(name: str, dataset: str) -> None:
    """Write metrics, tables, diagnosis and the draws of the recordings for the proposals of the run `name`.

    Without an annotated instance the metrics are counts, and the diagnosis is no more than a `reason`.
    """
    params = read_run_section(EvaluateParams, name, "evaluate")
    write_measures(RunPaths.of(name), DatasetFiles.of(dataset).annotations, params)


def write_measures(files: RunPaths, source: Path, params: EvaluateParams) -> None:
    """The same for the proposals in `files`, by the annotations in `source`."""
    annotations = read_annotations(source)
    videos = annotations.videos[belongs(annotations.videos["subset"], params.subset)]
    if videos.empty:
        raise HcutalError(f"{source}: no video of the subset {params.subset}, which is to be evaluated")
    predictions = read_predictions(files.proposals)
    if len(predictions) and not predictions["video"].isin(videos["video"]).any():
        raise HcutalError(
            f"{files.proposals}: none of its videos is of the subset {params.subset} of {source}"
        )
    found = _measure(annotations.instances, predictions, videos, params)
    reason = {"reason": f"no instance is annotated in the subset {params.subset}"}
    write_frame(files.per_class, class_table(found.result))
    write_json(files.diagnosis, found.diagnosis.as_dict() if found.diagnosis else reason)
    assigned = read_assigned(files.pseudo_labels)
    agreement = moment_metrics(assigned, annotations.instances) if is_cut(assigned) else {}
    metrics = flat_metrics(found) | agreement
    write_json(files.metrics("evaluate"), metrics)
    values = {key: value for key, value in metrics.items() if not key.endswith(("/low", "/high"))}
    write_measured(files.draws("evaluate"), measured_table(values, _drawn(found)))


def _drawn(found: Evaluation) -> dict[str, Floats]:
    """The mAP in each draw of the recordings, by the name of the metric, [draws]; empty where there are no draws."""
    if found.intervals is None:
        return {}
    drawn = found.intervals.drawn
    by_tiou = zip(found.intervals.tiou, drawn.T, strict=True)
    return {f"mAP/{tiou:g}": column for tiou, column in by_tiou} | {"average_mAP": drawn.mean(axis=1)}


def _measure(
    instances: pd.DataFrame, predictions: pd.DataFrame, videos: pd.DataFrame, params: EvaluateParams
) -> Evaluation:
    """`evaluate` as the parameters have it; videos: columns video and duration of those that are evaluated."""
    names = videos["video"].tolist()
    bootstrap, chance = params.bootstrap, params.chance
    return evaluate(
        instances,
        predictions,
        params.tiou,
        names,
        # Of recordings that nobody annotated it is not known what is right.
        without=set(predictions["video"]) - set(names),
        recall_tiou=params.recall_tiou,
        recall_at=params.recall_at,
        bootstrap=BootstrapOptions(bootstrap.draws, bootstrap.seed, bootstrap.level) if bootstrap else None,
        chance=ChanceOptions(chance.draws, chance.seed) if chance else None,
        diagnosis=DiagnosisOptions(params.error_tiou, bins=params.error_bins),
        durations=videos.set_index("video")["duration"],
    )


if __name__ == "__main__":
    seeded_stage("evaluate", run)()
