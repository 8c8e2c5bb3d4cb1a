"""A folder with the files of an experiment of two seeds, and its stages as the graph would have them."""

from pathlib import Path
from typing import Any

from hcutal.files import write_json
from hcutal.pipeline.graph import Stage

PARAMS = """\
datasets:
  toy: {kind: simulated}
presets:
  default: {train: {batch: 8}}
experiments:
  a: {dataset: toy, supervision: unsupervised, seeds: [0, 1], train: {steps: 2}}
"""


def lay_out(folder: Path, experiment: str = "a", average_map: float | None = None) -> None:
    """The files of the stages of two runs of an experiment."""
    (folder / "params.yaml").write_text(PARAMS)
    results = folder / "results" / experiment
    for seed, loss in (("0", "3.0"), ("1", "5.0")):
        train = results / f"seed-{seed}/train"
        train.mkdir(parents=True)
        (train / "curves.csv").write_text("step,loss,weight\n1,4.0,\n2,3.0,0.5\n")
        (train / "metrics.json").write_text(f'{{"loss": {loss}, "undefined": null}}')
        (train / "model.safetensors").write_bytes(b"model")
        (train / "cache.npz").write_bytes(b"large")
    (results / "summary").mkdir()
    found: dict[str, float | None] = {"ARI": 0.5, "ARI/sd": 0.25, "NMI/sd": None}
    if average_map is not None:
        found |= {"NMI": 0.5, "average_mAP": average_map, "mAP/0.5": 0.5}
        found |= {"average_mAP/low": average_map / 2, "average_mAP/high": average_map + 0.125}
    write_json(results / "summary/metrics.json", found)
    (results / "summary/report.html").write_text("<p>of all seeds</p>")
    (results / "seed-0/report").mkdir()
    (results / "seed-0/report/report.html").write_text("<p>of seed 0</p>")
    for name in ("data/toy", "features/toy", ".hcutal/live"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "data/toy/videos.csv").write_text("video,subset\na,train\nb,train\nc,test\n")
    (folder / "features/toy/features.json").write_text("{}")
    (folder / "features/toy/video.npy").write_bytes(b"array")


def stages(md5: str = "1", experiment: str = "a", steps: int = 2) -> list[Stage]:
    """The stages of the experiment; `md5`: of its features."""
    data = {"path": "features/toy", "hash": "md5", "md5": f"{md5}.dir"}
    summary = {f"results/{experiment}/summary/metrics.json": "data"}
    features = {"features/toy": "data"}
    runs = [
        stage
        for seed in (0, 1)
        for stage in (_training(experiment, seed, steps, data), _reporting(experiment, seed, steps))
    ]
    return [
        Stage("features@toy", (), True, True, {"deps": [], "outs": [data]}, {}, features),
        *runs,
        Stage(f"summary@{experiment}", (), True, True, {"deps": [], "outs": []}, {}, summary),
    ]


def ran_with(seed: int, steps: int = 2) -> dict[str, Any]:
    """A value of the experiment, one of the preset, and one that is usual."""
    about = {"seed": seed, "supervision": "unsupervised"}
    return {"steps": steps, "batch": 8, "video": {"clusters": 16}, **about}


def _training(experiment: str, seed: int, steps: int, data: dict[str, str]) -> Stage:
    code = {"path": "hcutal/stages/train.py", "hash": "md5", "md5": "c"}
    params = {"resolved.json": {f"runs.{experiment}.{seed}.train": ran_with(seed, steps)}}
    folder = f"results/{experiment}/seed-{seed}/train"
    outs = {f"{folder}/curves.csv": "plots", f"{folder}/metrics.json": "data"}
    outs |= {f"{folder}/model.safetensors": "data"}
    entry = {"deps": [code, data], "params": params}
    return Stage(f"train@{experiment}.{seed}", (), True, True, entry, {}, outs)


def _reporting(experiment: str, seed: int, steps: int) -> Stage:
    values = {"dataset": "toy", "preset": "default", "train": ran_with(seed, steps)}
    outs = {f"results/{experiment}/seed-{seed}/report/report.html": "data"}
    entry = {"deps": [], "params": {"resolved.json": {f"runs.{experiment}.{seed}": values}}}
    return Stage(f"report@{experiment}.{seed}", (), True, True, entry, {}, outs)
