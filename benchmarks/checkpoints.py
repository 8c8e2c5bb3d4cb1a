"""Which state of a training is taken: the last one, the label-free choice, and the best on the test recordings.

Run `OMP_NUM_THREADS=1 python benchmarks/checkpoints.py` in the project's folder; it prints the table of
docs/decisions.md. Built-in data are made anew from each seed. With `--features DIR FPS FRAMES` a folder in the layout
of `hcutal import features` is measured as well; `--built-in` and `--seeds` take fewer.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from method import Data, features

from hcutal.files import write_json
from hcutal.layout import RunPaths, run_name
from hcutal.model.criteria import Criteria, best_state
from hcutal.model.kept_states import read_states
from hcutal.params.document import Dataset, Document, Experiment, load, resolve
from hcutal.pipeline.suite_runs.state_scores import Scores, score_state
from hcutal.suites.checkpoint_rules import LABEL_FREE, LAST, ORACLE, STATES


def dataset(document: Document, source: Data, seed: int) -> Dataset:
    """The entry of params.yaml; built-in data have its sizes, and are made from `seed`."""
    if source.folder:
        return source.dataset(document, seed)
    given = document.datasets[source.name]
    return given.model_copy(update={"prepare": {**given.prepare, "seed": seed}})


def measure(source: Data, seed: int) -> list[dict[str, float | str]]:
    """A row a rule: what the state scores that it takes of one training."""
    from hcutal.stages import features as make_features
    from hcutal.stages import prepare, train

    document = load()
    entry = {
        "dataset": "data",
        "seeds": [seed],
        "supervision": "unsupervised",
        "train": {"checkpoints": STATES},
    }
    one = Experiment.model_validate(entry)
    data = {"data": dataset(document, source, seed)}
    document = document.model_copy(update={"datasets": data, "experiments": {"one": one}})
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_json("resolved.json", resolve(document))
        prepare.run("data")
        make_features.run("data")
        run = run_name("one", seed)
        train.run(run, "data")
        said = read_states(RunPaths.of(run).states)
        scores = {step: score_state(run, "data", step) for step in said}
        os.chdir(here)
    return [
        {"data": source.name, "rule": rule, "seed": seed, "step": step}
        | {name: scores[step].get(name) or 0.0 for name in ("ARI", "average_mAP")}
        for rule, step in taken(said, scores).items()
    ]


def taken(said: Mapping[int, Criteria], scores: Mapping[int, Scores]) -> dict[str, int]:
    """The step of the state that each rule takes."""
    steps = list(said)
    return {
        LAST: steps[-1],
        LABEL_FREE: steps[best_state(list(said.values()))],
        ORACLE: max(steps, key=lambda step: (scores[step].get("average_mAP") or 0.0, step)),
    }


def table(rows: Sequence[Mapping[str, float | str]]) -> str:
    """Mean over the seeds of ARI and average mAP, and the steps that were taken."""
    grouped = pd.DataFrame(rows).groupby(["data", "rule"], sort=False)
    means = grouped[["ARI", "average_mAP"]].mean().round(3)
    means["average mAP by seed"] = grouped["average_mAP"].apply(lambda own: " ".join(f"{v:.3f}" for v in own))
    means["steps"] = grouped["step"].apply(lambda own: " ".join(map(str, own)))
    return str(means.reset_index().to_markdown(index=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built-in", nargs="*", default=["simulated", "watch"])
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--features", nargs=3, action="append", default=[], metavar=("DIR", "FPS", "FRAMES"))
    asked = parser.parse_args()
    # The number of classes of built-in data stands in params.yaml.
    sources = [Data(name, 0) for name in asked.built_in] + [features(*given) for given in asked.features]
    print(table([row for source in sources for seed in asked.seeds for row in measure(source, seed)]))
