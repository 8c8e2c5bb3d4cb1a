"""How long it takes to put experiments into MLflow, and to open its page on them, as their number grows.

`python benchmarks/tracking.py --experiments 200`

Made-up experiments of three seeds, 22 runs each, with the parameters and as many numbers as real ones; their models are
left out, and what DVC and Snakemake take. Seconds on the clock.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlflow.tracking import MlflowClient

from hcutal.files import write_json
from hcutal.layout import run_name
from hcutal.params.document import EXPERIMENT_SECTIONS
from hcutal.pipeline import tracking
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.mlflow_log.mlflow_store import open_store, tracking_uri
from hcutal.pipeline.mlflow_log.mlflow_view import VIEWS

SEEDS = 3
NUMBERS = 40
PORT = 5188
PARAMS = """\
datasets: {toy: {kind: simulated}}
presets: {default: {}}
experiments: {toy: {dataset: toy, supervision: unsupervised}}
"""


def stages(experiment: str) -> list[Stage]:
    """The stages of an experiment, with their metric files."""
    data = {"path": "features/toy", "hash": "md5", "md5": "12345678.dir"}
    runs = [
        run_stage(experiment, run_name(experiment, seed), kind)
        for seed in range(SEEDS)
        for kind in EXPERIMENT_SECTIONS
    ]
    return [
        Stage("prepare@toy", (), True, True, {}, {}, {}),
        Stage("features@toy", (), True, True, {"outs": [data]}, {}, {}),
        *runs,
        Stage(f"summary@{experiment}", (), True, True, {}, {}, {metrics(f"{experiment}/summary"): "data"}),
    ]


def run_stage(experiment: str, run: str, kind: str) -> Stage:
    values: dict[str, Any] = EXPERIMENT_SECTIONS[kind]().model_dump(mode="json")
    everything = {"dataset": "toy", "preset": "default", "report": values}
    key = {f"runs.{run}": everything} if kind == "report" else {f"runs.{run}.{kind}": values}
    entry = {"params": {"resolved.json": key}, "name": run}
    return Stage(f"{kind}@{run}", (), True, True, entry, {}, {metrics(f"{run}/{kind}"): "data"})


def metrics(place: str) -> str:
    path = Path("results", place, "metrics.json")
    numbers = {f"number/{index}": index / 7 for index in range(NUMBERS)}
    write_json(path, {"ARI": 0.5, "average_mAP": hash(place) % 997 / 997, **numbers})
    return str(path)


def track(experiment: str) -> float:
    """Seconds to put an experiment into MLflow."""
    found = stages(experiment)
    tracking.read_graph = dict
    tracking.stages_of = lambda graph, name: found
    started = time.perf_counter()
    tracking.track(experiment)
    return time.perf_counter() - started


@contextmanager
def server() -> Iterator[str]:
    """A server on the project's own database."""
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", tracking_uri()]
    process = Popen([*command, "--port", str(PORT), "--workers", "1"], stdout=DEVNULL, stderr=DEVNULL)
    address = f"http://127.0.0.1:{PORT}"
    try:
        while True:
            try:
                urllib.request.urlopen(address).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait()


def opened(address: str, place: str) -> dict[str, float]:
    """Seconds that the server takes for the first runs of each view: what the page asks for when it opens."""
    taken = {}
    for name, view in VIEWS.items():
        asked = {
            "experiment_ids": [place],
            "filter": view.runs,
            "order_by": [f"{view.order} DESC"],
            "max_results": 100,
        }
        request = urllib.request.Request(
            f"{address}/ajax-api/2.0/mlflow/runs/search",
            json.dumps(asked).encode(),
            {"Content-Type": "application/json"},
        )
        times = []
        for _ in range(3):
            started = time.perf_counter()
            with urllib.request.urlopen(request) as answer:
                assert json.load(answer)["runs"]
            times.append(time.perf_counter() - started)
        taken[name] = min(times)
    return taken


def report(count: int, seconds: list[float], client: MlflowClient, place: str) -> None:
    with server() as address:
        pages = ", ".join(f"{name} {taken:.2f} s" for name, taken in opened(address, place).items())
    print(f"{count} experiments: {sum(seconds) / len(seconds):.2f} s to track one more; the page: {pages}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=200)
    options = parser.parse_args()
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("params.yaml").write_text(PARAMS)
        client, place = open_store()
        seconds = []
        for number in range(1, options.experiments + 1):
            seconds.append(track(f"toy-{number}"))
            if number in (options.experiments // 10, options.experiments // 2, options.experiments):
                report(number, seconds[-5:], client, place)


if __name__ == "__main__":
    main()
