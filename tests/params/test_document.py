from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hcutal.errors import HcutalError
from hcutal.params.document import graph_of, load, resolve, runs_of
from hcutal.params.plain_yaml import read_yaml

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = """\
train: {steps: 50, weights: {dynamic: {period: 5}}}
datasets:
  toy: {kind: watch, prepare: {seed: 3}, train: {steps: 60, batch: 6}}
presets:
  default: {}
  slow: {train: {steps: 70, learning_rate: 0.5, weights: {dynamic: {temperature: 4.0}}}}
experiments:
  one: {dataset: toy, supervision: unsupervised}
  two: {dataset: toy, preset: slow, seeds: [9, 0], supervision: weak, train: {batch: 8}}
"""


def resolved(text: str, folder: Path) -> dict[str, Any]:
    path = folder / "params.yaml"
    path.write_text(text)
    return resolve(load(path), path)


def test_layers_are_merged_in_order(tmp_path: Path) -> None:
    values = resolved(DOCUMENT, tmp_path)
    one, two = (values["runs"][name][seed]["train"] for name, seed in (("one", "0"), ("two", "9")))
    assert (one["steps"], one["batch"], one["seed"], one["supervision"]) == (60, 6, 0, "unsupervised")
    assert (two["steps"], two["batch"], two["seed"], two["supervision"]) == (60, 8, 9, "weak")
    assert two["learning_rate"] == 0.5
    assert two["weights"] == {"dynamic": {"temperature": 4.0, "period": 5}}


def test_a_run_is_an_experiment_with_one_of_its_seeds(tmp_path: Path) -> None:
    values = resolved(DOCUMENT, tmp_path)
    assert values["experiments"]["two"]["seeds"] == [9, 0]
    assert "seed" not in values["experiments"]["two"]["train"]
    runs = values["runs"]["two"]
    assert {name: run["train"]["seed"] for name, run in runs.items()} == {"9": 9, "0": 0}
    assert {key: value for key, value in runs["9"]["train"].items() if key != "seed"} == values[
        "experiments"
    ]["two"]["train"]
    shared = {"dataset": "toy", "previews": "data/toy/videos.csv"}
    assert runs_of(load(tmp_path / "params.yaml")) == {
        "one.0": {"experiment": "one", "seed": 0, "supervision": "unsupervised", **shared},
        "two.9": {"experiment": "two", "seed": 9, "supervision": "weak", **shared},
        "two.0": {"experiment": "two", "seed": 0, "supervision": "weak", **shared},
    }


FILMS = """\
datasets: {mine: {kind: recordings, source: films%s}}
presets: {default: {}}
experiments: {one: {dataset: mine, supervision: unsupervised}}
"""


@pytest.mark.parametrize(
    ("own", "is_made"),
    [
        ("", True),
        (", features: {extractor: somebody}", True),
        (", features: {extractor: vectors}", False),
        (", prepare: {previews: null}", False),
        (", prepare: {previews: {kbit: 90}}", True),
    ],
)
def test_previews_have_a_stage_where_there_may_be_films_and_they_are_wanted(
    tmp_path: Path, own: str, is_made: bool
) -> None:
    values = resolved(FILMS % own, tmp_path)
    graph = graph_of(load(tmp_path / "params.yaml"))
    assert ("mine" in graph["films"]) == is_made
    assert values["runs"]["one"]["0"]["report"]["previews"] == is_made
    listed = "previews/mine/previews.json" if is_made else "data/mine/videos.csv"
    assert graph["runs"]["one.0"]["previews"] == listed


def test_names_of_clusters_reach_one_run_and_not_its_experiment(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(DOCUMENT)
    (tmp_path / "two.0.csv").write_text("cluster,name\n0,jump\n")
    runs = resolve(load(tmp_path / "params.yaml"), labels=tmp_path)["runs"]["two"]
    assert {seed: run["map"]["names"] for seed, run in runs.items()} == {"9": {}, "0": {"0": "jump"}}
    (tmp_path / "two.csv").write_text("cluster,name\n0,jump\n")
    with pytest.raises(HcutalError, match=r"two\.csv: names belong to a run.*rename it to .*two\.9\.csv"):
        resolve(load(tmp_path / "params.yaml"), labels=tmp_path)


def test_data_set_gets_the_sections_of_its_kind(tmp_path: Path) -> None:
    toy = resolved(DOCUMENT, tmp_path)["datasets"]["toy"]
    assert (toy["kind"], toy["source"], toy["prepare"]["seed"]) == ("watch", None, 3)
    assert "snippet_samples" in toy["features"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{batch: 8}", "{lr: 8}", r"params.yaml: experiments.two.train.lr: unknown key; expected one of "),
        ("{batch: 8}", "{batch: many}", r"params.yaml: experiments.two.train.batch: found 'many'"),
        (
            "temperature",
            "warmth",
            r"params.yaml: presets.slow.train.weights.dynamic.warmth: unknown key; expected one of period, temperature",
        ),
        ("batch: 6", "bach: 6", r"params.yaml: datasets.toy.train.bach: unknown key"),
        ("{seed: 3}", "{sed: 3}", r"params.yaml: datasets.toy.prepare.sed: unknown key"),
        ("period: 5", "period: 0", r"params.yaml: train.weights.dynamic.period: found 0"),
        ("preset: slow", "preset: fast", r"two.preset: found 'fast'; expected one of default, slow"),
        ("two: {dataset: toy", "two: {dataset: tot", r"two.dataset: found 'tot'; expected one of toy"),
        (
            "kind: watch",
            "kind: film",
            r"toy.kind: found 'film'; expected one of .*features, .*recordings, .*simulated",
        ),
        ("weak", "none", r"experiments.two.supervision: found 'none'"),
        (
            "{kind: watch,",
            "{kind: watch, source: x,",
            r"toy.source: found 'x'; kind watch makes its data itself",
        ),
        (
            "kind: watch, prepare",
            "kind: features, prepare",
            r"datasets.toy.source: is missing; expected the folder",
        ),
        (", supervision: weak", "", r"params.yaml: experiments.two.supervision: is missing"),
        ("seeds: [9, 0]", "seed: 9", r"params.yaml: experiments.two.seed: is now seeds: \[9\], one or more"),
        ("[9, 0]", "[9, 9]", r"experiments.two.seeds: found \[9, 9\]; expected each seed once"),
        ("[9, 0]", "[]", r"experiments.two.seeds: found \[\]"),
        ("[9, 0]", "[-1]", r"experiments.two.seeds.0: found -1"),
        ("[9, 0]", "9", r"experiments.two.seeds: found 9"),
        ("{batch: 8}", "{seed: 8}", r"experiments.two.train.seed: is that of the run"),
        (
            "train: {batch: 8}",
            "prepare: {seed: 1}",
            r"experiments.two.prepare: .*under datasets with this prepare",
        ),
        ("train: {batch: 8}", "features: {}", r"experiments.two.features: .*entry under datasets"),
        ("  two:", "  Two:", r"experiments: found the name 'Two'; expected lower-case"),
        ("  two:", "  ../two:", r"experiments: found the name '\.\./two'; expected lower-case"),
        ("  toy:", "  /toy:", r"datasets: found the name '/toy'; expected lower-case"),
        ("  two:", "  one:", r"not valid YAML(.|\n)*duplicate key"),
        ("presets:", "preset:", r"params.yaml: top level: found 'preset'; expected one of datasets, "),
        (
            "  one:",
            "  t-w: {dataset: toy, supervision: weak}\n  t_w:",
            r"'t-w' and 't_w' differ in - and _ only",
        ),
    ],
)
def test_errors_name_the_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in DOCUMENT
    with pytest.raises(HcutalError, match=message):
        resolved(DOCUMENT.replace(old, new, 1), tmp_path)


@pytest.mark.parametrize("text", ["", "- 1\n", "datasets: {}\npresets: {}\nexperiments: {}\n"])
def test_documents_without_content_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(HcutalError, match=r"params\.yaml"):
        resolved(text, tmp_path)


def test_params_yaml_resolves_and_is_written_the_same_twice(tmp_path: Path) -> None:
    values = resolve(load(PROJECT / "params.yaml"))
    path = tmp_path / "resolved.json"
    YAML(typ="safe", pure=True).dump(values, path)
    assert read_yaml(path) == values
