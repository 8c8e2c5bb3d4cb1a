"""Stand-ins for the stages: quick, and their outputs follow from their parameters and inputs."""

import hashlib
import json
import sys
import time
from pathlib import Path

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
        "results/{key}/train/model.json",
        "results/{key}/train/model.safetensors",
        "results/{key}/train/pseudo_labels.csv",
        "results/{key}/train/metrics.json",
        "results/{key}/train/curves.csv",
    ],
    "map": ["results/{key}/map/mapping.csv", "results/{key}/map/metrics.json"],
    "propose": [
        "results/{key}/propose/cas.npz",
        "results/{key}/propose/proposals.json",
        "results/{key}/propose/metrics.json",
    ],
    "evaluate": [
        "results/{key}/evaluate/diagnosis.json",
        "results/{key}/evaluate/per_class.csv",
        "results/{key}/evaluate/metrics.json",
    ],
    "report": ["results/{key}/report/figures/one.png", "results/{key}/report/report.html"],
}
NEEDS = {
    "prepare": [],
    "features": ["data/{key}/recordings/one.txt"],
    "train": ["features/{dataset}/features.json"],
    "map": ["results/{key}/train/pseudo_labels.csv"],
    "propose": ["results/{key}/train/model.json", "results/{key}/map/mapping.csv"],
    "evaluate": ["results/{key}/propose/proposals.json"],
    "report": ["results/{key}/evaluate/metrics.json"],
}


def run(stage: str, key: str, dataset: str) -> None:
    with Path("executed.log").open("a") as log:
        log.write(f"{stage}@{key} {time.time()}\n")
    while Path(f"hold-{stage}").exists():
        time.sleep(0.05)
    group = "datasets" if stage in ("prepare", "features") else "experiments"
    params = json.loads(Path("resolved.json").read_text())[group][key][stage]
    inputs = [Path(path.format(key=key, dataset=dataset)).read_text() for path in NEEDS[stage]]
    text = hashlib.sha256(json.dumps([stage, params, inputs], sort_keys=True).encode()).hexdigest()
    number = int(text[:4], 16) / 65536
    if stage == "train":
        rows = f"step,loss\n1,{number}\n2,{number / 2}\n"
        Path(".hcutal/live").mkdir(parents=True, exist_ok=True)
        Path(f".hcutal/live/{key}.csv").write_text(rows)
    for out in OUTS[stage]:
        path = Path(out.format(key=key))
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"ARI": number, "average_mAP": number}) if path.name == "metrics.json" else text
        path.write_text(rows if path.name == "curves.csv" else content)


if __name__ == "__main__":
    run(Path(sys.argv[0]).stem, sys.argv[1], sys.argv[-1])
