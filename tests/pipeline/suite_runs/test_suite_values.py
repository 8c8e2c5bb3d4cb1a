"""Variants that depend on the data set or on a preset, and which experiments have a training in common."""

from pathlib import Path
from typing import Any

import pytest

from hcutal.errors import HcutalError
from hcutal.params.document import Document, Experiment, load, resolve
from hcutal.pipeline.suite_runs.suite_experiments import experiments_of, write_experiments
from hcutal.pipeline.suite_runs.suite_values import one_of_each_training, variant_sections
from hcutal.suites.suites import SUITES
from hcutal.suites.variants import VARIANTS, Variant

PARAMS = Path(__file__).resolve().parents[3] / "params.yaml"


def sections(name: str, dataset: str = "simulated") -> dict[str, Any]:
    return variant_sections(load(PARAMS), VARIANTS[name], dataset, "default")


def resolved(suite: str, **arguments: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """The experiment of each variant of a suite on `watch`, and all values."""
    document = load(PARAMS)
    entries = experiments_of(document, [suite], "watch", "default", [0], **arguments)
    experiments = document.experiments | dict(entries.values())
    changed: Document = document.model_copy(update={"experiments": experiments})
    return {variant: name for variant, (name, _) in entries.items()}, resolve(changed)


def test_numbers_of_clusters_are_shares_of_that_of_the_data_set() -> None:
    shares = ("clusters-half", "clusters-three-quarters", "clusters-one-and-a-half", "clusters-double")
    assert [sections(name)["train"]["video"]["clusters"] for name in shares] == [4, 6, 12, 16]
    assert sections("clusters-three-quarters", "watch") == {"train": {"video": {"clusters": 5}}}


def test_an_estimated_number_has_no_half() -> None:
    document = load(PARAMS)
    data = document.datasets["watch"].model_copy(update={"train": {"video": {"clusters": {"estimate": {}}}}})
    document = document.model_copy(update={"datasets": {"watch": data}})
    with pytest.raises(HcutalError, match=r"datasets\.watch\.train\.video\.clusters: found \{'estimate'"):
        variant_sections(document, VARIANTS["clusters-half"], "watch", "default")


def test_values_of_the_paper_are_those_of_its_preset() -> None:
    paper = load(PARAMS).presets["paper"].propose
    assert sections("paper-proposals") == {"propose": paper}
    assert sections("paper-thresholds") == {"propose": {"thresholds": paper["thresholds"]}}
    with pytest.raises(HcutalError, match=r"presets\.paper\.propose\.colour: is missing"):
        variant_sections(load(PARAMS), Variant("", borrowed=("paper.propose.colour",)), "watch", "default")


def test_proposals_differ_in_no_more_than_what_follows_training() -> None:
    names, values = resolved("proposals")
    assert [*names] == [*SUITES["proposals"].variants]
    assert one_of_each_training(values, list(names.values())) == ["watch"]
    found = [values["experiments"][name]["propose"] for name in names.values()]
    assert all(one != other for index, one in enumerate(found) for other in found[:index])
    clusters, values = resolved("clusters")
    assert one_of_each_training(values, list(clusters.values())) == list(clusters.values())


def test_states_are_kept_where_they_are_asked_for_and_make_no_other_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels").mkdir()
    Path("params.yaml").write_text(PARAMS.read_text())
    found = experiments_of(load(), ["table8"], "watch", "default", [0], ["full", "vertical"])
    assert {variant: entry.train.get("checkpoints") for variant, (_, entry) in found.items()} == {
        "horizontal": None,
        "vertical": 8,
        "full": 8,
    }
    assert write_experiments(found) == ["watch-horizontal", "watch-vertical", "watch"]
    lines = [line.strip() for line in Path("params.yaml").read_text().splitlines()]
    assert (
        "watch: {dataset: watch, preset: default, seeds: [0, 1, 2], supervision: unsupervised, train: {checkpoints: 8}}"
        in lines
    )
    # Without states the same experiments are taken, and go on keeping theirs; so do those with another number.
    again = experiments_of(load(), ["table8"], "watch", "default", [0])
    assert write_experiments(again) == []
    changed = Path("params.yaml").read_text().replace("train: {checkpoints: 8}", "train: {checkpoints: 3}")
    Path("params.yaml").write_text(changed)
    more = experiments_of(load(), ["table8"], "watch", "default", [0], ["full"])
    assert more["full"] == (
        "watch",
        Experiment.model_validate(
            {
                "dataset": "watch",
                "seeds": [0, 1, 2],
                "supervision": "unsupervised",
                "train": {"checkpoints": 3},
            }
        ),
    )
