from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.params.allowed import allowed, flow
from hcutal.params.document import load, resolve
from hcutal.params.explain import explain, find_field
from hcutal.params.origin import Origin, find_origins
from hcutal.params.schema import schema

DOCUMENT = """\
train: {steps: 50}
propose: {suppression: {hard: {}}}
datasets:
  toy: {kind: watch, prepare: {seed: 3}, train: {batch: 6}}
  other: {kind: simulated}
presets:
  default: {}
  slow: {train: {steps: 70, batch: 5}, propose: {suppression: {soft: {}}}}
experiments:
  one: {dataset: toy, supervision: unsupervised}
  two: {dataset: toy, preset: slow, seeds: [9, 4], supervision: weak, train: {steps: 80}}
  three: {dataset: other, preset: slow, supervision: weak, evaluate: {chance: null}}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(DOCUMENT)
    return tmp_path


def origins(key: str, experiment: str | None = None) -> list[Origin]:
    document = load()
    return find_origins(key, document, resolve(document), experiment)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            "train.steps",
            {"one": ("50", "section train"), "two": ("80", "experiment"), "three": ("70", "preset slow")},
        ),
        (
            "train.batch",
            {"one": ("6", "data set toy"), "two": ("6", "data set toy"), "three": ("5", "preset slow")},
        ),
        ("train.pairs", {"one": ("8", "default"), "two": ("8", "default"), "three": ("8", "default")}),
        (
            "train.seed",
            {
                "one": ("0", "experiment, seeds"),
                "two": ("9, 4", "experiment, seeds"),
                "three": ("0", "experiment, seeds"),
            },
        ),
        (
            "propose.suppression",
            {
                "one": ("{hard: {tiou: 0.55, plus_one: false}}", "section propose"),
                "two": ("{soft: {sigma: 0.3}}", "preset slow"),
                "three": ("{soft: {sigma: 0.3}}", "preset slow"),
            },
        ),
        (
            "propose.suppression.hard.tiou",
            {
                "one": ("0.55", "default"),
                "two": ("not in use", "suppression is {soft: {sigma: 0.3}}"),
                "three": ("not in use", "suppression is {soft: {sigma: 0.3}}"),
            },
        ),
        (
            "evaluate.chance.draws",
            {"one": ("5", "default"), "two": ("5", "default"), "three": ("not in use", "chance is null")},
        ),
        ("prepare.watch.seed", {"data set toy": ("3", "data set toy")}),
        ("prepare.simulated.seed", {"data set other": ("0", "default")}),
        ("prepare.features.fps", {}),
    ],
)
def test_the_layer_that_a_value_comes_from(key: str, expected: dict[str, tuple[str, str]]) -> None:
    assert {origin.of: (origin.value, origin.layer) for origin in origins(key)} == expected


def test_one_experiment_can_be_asked_for_alone() -> None:
    assert [origin.of for origin in origins("train.steps", "two")] == ["two"]
    assert [origin.of for origin in origins("prepare.watch.seed", "two")] == ["data set toy"]
    assert origins("prepare.watch.seed", "three") == []


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("neighbours", r"no parameter 'neighbours'; near are train\.video\.neighbours"),
        ("train.video.neighbors", r"near are train\.video\.neighbours"),
        ("tau", r"train\.instance\.tau, train\.boundary\.tau"),
        ("zzzzqq", r"near are prepare, features, train, map, propose, evaluate, report"),
        ("propose.nms_kind", r"propose\.nms_kind: is now propose\.suppression"),
    ],
)
def test_an_unknown_key_names_near_ones(key: str, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        find_field(key)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("train.steps", "a whole number, at least 1"),
        ("train.dropout", "a number, at least 0, below 1"),
        ("train.joint", "true or false"),
        ("train.video.views", "one of random, halves"),
        ("train.boundary.q", "a number, above 0; or null"),
        ("train.video.clusters", "a whole number, at least 2; or the keys estimate"),
        ("train.weights", "one of the keys dynamic, equal"),
        ("evaluate.recall_at", "a list, 1 or more, each a whole number, at least 1"),
        ("prepare.watch.background", "a list, 1 or more, each a text"),
        ("prepare.simulated.dimensions", "names with values"),
    ],
)
def test_what_is_allowed_in_words(key: str, text: str) -> None:
    assert allowed(find_field(key)) == text


def test_values_are_shown_as_they_are_written() -> None:
    assert flow({"a": [1.0, None, True], "b": {}, "c": "x"}) == "{a: [1.0, null, true], b: {}, c: x}"


def test_an_explanation_has_words_limits_and_origins() -> None:
    document = load()
    text = explain("train.video.warmup", document, resolve(document), "two")
    for part in (
        "train.video.warmup: ",
        "arbitrary clusters.",
        "unit     steps",
        "trial",
        "at least 0",
        "default  300",
    ):
        assert part in text
    assert text.splitlines()[-1].split() == ["two", "300", "default"]


def test_a_section_lists_its_keys() -> None:
    lines = CliRunner().invoke(main, ["params", "--explain", "train.instance"]).output.splitlines()
    assert ["tau", "temperature of (5)"] in [line.split(maxsplit=1) for line in lines]
    assert "  timelines" in CliRunner().invoke(main, ["params", "--explain", "report"]).output


def test_the_command_refuses_an_unknown_experiment() -> None:
    found = CliRunner().invoke(main, ["params", "--explain", "train.steps", "four"])
    assert found.exit_code == 1
    assert "no experiment 'four' in params.yaml; there is one, two, three" in found.output


def test_writing_renews_comments_and_schema(project: Path) -> None:
    assert CliRunner().invoke(main, ["params", "--write"]).exit_code == 0
    text = (project / "params.yaml").read_text()
    assert text.startswith("train: {steps: 50} # from features to a model")
    assert text.partition("datasets:")[2] == DOCUMENT.partition("datasets:")[2]
    assert read_json("params.schema.json") == schema()
