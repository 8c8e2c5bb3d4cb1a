from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.params.checks import check_written
from hcutal.params.describe import all_fields
from hcutal.params.document import SECTIONS, load, resolve
from hcutal.params.moved import GONE, RESHAPED
from hcutal.params.plain_yaml import read_yaml
from hcutal.params.train import TrainParams

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = """\
datasets:
  toy: {kind: watch}
  mine: {kind: recordings, source: x}
presets: {default: {}}
experiments:
  one: {dataset: toy, supervision: unsupervised}
"""


def load_with(change: str, folder: Path) -> None:
    path = folder / "params.yaml"
    path.write_text(change + DOCUMENT)
    resolve(load(path), path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("train: {steps: 99999999999999999999}\n", r"train\.steps: found 9{20}; .*at most 64 bits"),
        (
            "train: {learning_rate: .inf}\n",
            r"params\.yaml: train\.learning_rate: found inf; .*a finite number",
        ),
        ("evaluate: {tiou: [0.5, .nan]}\n", r"evaluate\.tiou\.1: found nan; expected a finite number"),
        (
            "features: {recordings: {extractor: x, options: {a: [{b: -.inf}]}}}\n",
            r"features\.recordings\.options\.a\.0\.b: found -inf; expected a finite number",
        ),
        ("map: {names: {'1': run}}\n", r"map\.names: is filled in from labels/<run>\.csv"),
        ("map: {named_training: null}\n", r"map\.named_training: is filled in from labels/"),
        ("train: {seed: 1}\n", r"train\.seed: is that of the run; set experiments\.<name>\.seeds"),
        (
            "prepare: {recordings: {annotations_sha256: null}}\n",
            r"prepare\.recordings\.annotations_sha256: is filled in from the file in labels/",
        ),
        ("propose: {nms_kind: hard}\n", r"propose\.nms_kind: is now propose\.suppression, e\.g\. \{hard:"),
        ("train: {video: {clusters: null}}\n", r"train\.video\.clusters: found None; it is now .*estimate"),
        ("train: {video: {neighbours: 5}}\n", r"train\.video\.neighbours: found 5; it is now .*count: 10"),
        ("train: {weights: {dynamic: false}}\n", r"weights\.dynamic: found False; it is now .*equal: \{\}"),
        ("train: {top: 5}\n", r"train\.top: found 5; it is now train\.top: \{part: 5\}"),
    ],
)
def test_what_nobody_may_write_is_refused_by_name(tmp_path: Path, change: str, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        load_with(change, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "kind: recordings, source: x",
            "kind: recordings, source: x, prepare: {annotations_sha256: a}",
            r"datasets\.mine\.prepare\.annotations_sha256: is filled in",
        ),
        (
            "{default: {}}",
            "{default: {evaluate: {chance_draws: 3}}}",
            r"presets\.default\.evaluate\.chance_draws: is now evaluate\.chance",
        ),
        (
            "dataset: toy,",
            "dataset: toy, train: {weights: {period: 3}},",
            r"experiments\.one\.train\.weights\.period: is now train\.weights",
        ),
    ],
)
def test_overrides_are_checked_as_well(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "params.yaml").write_text(DOCUMENT.replace(old, new))
    with pytest.raises(HcutalError, match=message):
        load(tmp_path / "params.yaml")


def test_what_is_filled_in_reaches_the_stages_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(DOCUMENT)
    values = resolve(load(tmp_path / "params.yaml"), labels=tmp_path)
    assert values["experiments"]["one"]["map"]["names"] == {}
    assert values["datasets"]["mine"]["prepare"]["annotations_sha256"] is None


def test_moved_keys_are_no_keys_any_more_and_reshaped_ones_are() -> None:
    known = {key for section, model in SECTIONS.items() for key, _ in all_fields(model, f"{section}.")}
    assert not known & GONE.keys()
    assert RESHAPED.keys() <= known


def test_values_that_fit_pass() -> None:
    written = read_yaml(PROJECT / "params.yaml")["train"]
    check_written(TrainParams, written, "params.yaml: train", "train")
    check_written(TrainParams, None, "params.yaml: train", "train")


def test_params_yaml_holds_every_value_that_may_be_written_and_the_defaults() -> None:
    defaults = {name: model().model_dump(mode="json") for name, model in SECTIONS.items()}
    for section, key in (
        ("train", "seed"),
        ("train", "supervision"),
        ("map", "names"),
        ("map", "named_training"),
        ("propose", "training"),
        ("report", "previews"),
    ):
        del defaults[section][key]
    for key in ("annotations", "dropped", "taught"):
        del defaults["prepare"]["recordings"][f"{key}_sha256"]
    del defaults["features"]["recordings"]["vectors"]["matched"]
    written = read_yaml(PROJECT / "params.yaml")
    assert {name: written[name] for name in SECTIONS} == defaults
