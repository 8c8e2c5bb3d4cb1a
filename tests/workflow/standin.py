"""Stand-ins for the stages: quick, and their outputs follow from their parameters and inputs."""

import hashlib
import json
import sys
import time
from pathlib import Path

from hcutal.stages.execution import recorded

OUTS = {
    "prepare": [
        "data/{key}/annotations.json",
        "data/{key}/labels.json",
        "data/{key}/recordings/one.txt",
        "data/{key}/supervision/mapped.json",
        "data/{key}/supervision/unsupervised.json",
        "data/{key}/supervision/weak.json",
        "data/{key}/videos.csv",
    ],
    "features": ["features/{key}/features.json"],
    "train": [
        "results/{run}/train/model.json",
        "results/{run}/train/model.safetensors",
        "results/{run}/train/pseudo_labels.csv",
        "results/{run}/train/states/states.csv",
        "results/{run}/train/metrics.json",
        "results/{run}/train/curves.csv",
    ],
    "map": ["{draws}/map.csv", "results/{run}/map/mapping.csv", "results/{run}/map/metrics.json"],
    "propose": [
        "results/{run}/propose/cas.npz",
        "results/{run}/propose/proposals.json",
        "results/{run}/propose/training.json",
        "results/{run}/propose/metrics.json",
    ],
    "evaluate": [
        "{draws}/evaluate.csv",
        "results/{run}/evaluate/diagnosis.json",
        "results/{run}/evaluate/per_class.csv",
        "results/{run}/evaluate/metrics.json",
    ],
    "report": [
        "results/{run}/report/figures/one.png",
        "results/{run}/report/report.html",
        "results/{run}/segments/segments.csv",
    ],
    "summary": [
        "results/{key}/summary/report.html",
        "results/{key}/summary/summary.csv",
        "results/{key}/summary/metrics.json",
        "results/{key}/summary/headline.json",
        "results/{key}/summary/map_by_tiou.csv",
    ],
}
DRAWN = ("map", "evaluate")
NEEDS = {
    "prepare": [],
    "features": ["data/{key}/recordings/one.txt"],
    "train": ["features/{dataset}/features.json"],
    "map": ["results/{run}/train/pseudo_labels.csv"],
    "propose": ["results/{run}/train/model.json", "results/{run}/map/mapping.csv"],
    "evaluate": ["results/{run}/propose/proposals.json"],
    "report": ["results/{run}/evaluate/metrics.json"],
    "summary": [],
}


def run(stage: str, key: str, dataset: str) -> None:
    with Path("executed.log").open("a") as log:
        log.write(f"{stage}@{key} {time.time()}\n")
    while Path(f"hold-{stage}").exists():
        time.sleep(0.05)
    values = json.loads(Path("resolved.json").read_text())
    places = places_of(stage, key, dataset)
    if stage == "summary":
        seeds = values["experiments"][key]["seeds"]
        params: object = seeds
        inputs = [
            Path(f"results/{key}/draws/seed-{seed}/{name}.csv").read_text()
            for seed in seeds
            for name in DRAWN
        ]
    else:
        params = params_of(values, stage, key)
        inputs = [Path(path.format(**places)).read_text() for path in NEEDS[stage]]
    text = hashlib.sha256(json.dumps([stage, params, inputs], sort_keys=True).encode()).hexdigest()
    number = int(text[:4], 16) / 65536
    contents = {
        "metrics.json": json.dumps({"ARI": number, "average_mAP": number}),
        "headline.json": json.dumps({"ARI": number, "average_mAP": number}),
        "map_by_tiou.csv": f"tiou,mAP\n0.5,{number}\n",
        "curves.csv": f"step,total\n1,{number}\n2,{number / 2}\n",
        "map.csv": f"draw,ARI\n0,{number}\n",
        "evaluate.csv": f"draw,average_mAP\n0,{number}\n",
    }
    if stage == "train":
        Path(".hcutal/live").mkdir(parents=True, exist_ok=True)
        Path(f".hcutal/live/{key}.csv").write_text(contents["curves.csv"])
    for out in OUTS[stage]:
        path = Path(out.format(**places))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents.get(path.name, text))


def places_of(stage: str, key: str, dataset: str) -> dict[str, str]:
    """What stands in the braces of the paths."""
    experiment, _, seed = key.partition(".")
    return {
        "key": key,
        "dataset": dataset,
        "run": f"{experiment}/seed-{seed}",
        "draws": f"results/{experiment}/draws/seed-{seed}",
    }


def params_of(values: dict, stage: str, key: str) -> object:
    if stage in ("prepare", "features"):
        return values["datasets"][key][stage]
    experiment, _, seed = key.partition(".")
    return values["runs"][experiment][seed][stage]


if __name__ == "__main__":
    try:
        with recorded(f"{Path(sys.argv[0]).stem}@{sys.argv[1]}"):
            run(Path(sys.argv[0]).stem, sys.argv[1], sys.argv[-1])
    except OSError as error:
        # As the stages do (hcutal.entry).
        sys.exit(f"Error: {error}")
