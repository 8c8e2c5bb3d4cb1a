import re
from pathlib import Path

import pytest

from hcutal.params.author_yaml import round_trip
from hcutal.params.describe import all_fields, words
from hcutal.params.document import SECTIONS, Document
from hcutal.params.written import with_comments, with_values

PROJECT = Path(__file__).resolve().parents[2]
PARAMS = PROJECT / "params.yaml"
FIELDS = {
    key: field for section, model in SECTIONS.items() for key, field in all_fields(model, f"{section}.")
}


@pytest.mark.parametrize("key", FIELDS)
def test_every_parameter_says_what_it_is_and_where_it_is_from(key: str) -> None:
    said = words(FIELDS[key])
    assert said.short and not said.short.endswith(".")
    assert not said.more or said.more.endswith(".")
    # The kinds of data sets are sections that nobody measured.
    assert said.source or key.count(".") == 1


def test_all_entries_of_the_document_are_described() -> None:
    models = [
        Document,
        *(
            Document.model_fields[name].annotation.__args__[1]
            for name in ("datasets", "presets", "experiments")
        ),
    ]
    assert all(field.description for model in models for field in model.model_fields.values())


def test_the_comments_of_params_yaml_are_those_of_the_parameters() -> None:
    text = PARAMS.read_text()
    assert with_comments(text) == text, "renew them with `hcutal params --write`"


def test_lines_of_params_yaml_are_short_enough() -> None:
    assert [line for line in PARAMS.read_text().splitlines() if len(line) > 120] == []


def test_every_value_of_params_yaml_has_a_comment() -> None:
    sections = PARAMS.read_text().partition("\ndatasets:")[0]
    values = [line for line in sections.splitlines() if ":" in line and not line.startswith("#")]
    assert len(values) > 150
    assert [line for line in values if " # " not in line] == []


def test_other_writers_of_yaml_leave_params_yaml_as_it_is(tmp_path: Path) -> None:
    yaml = round_trip()
    yaml.dump(yaml.load(PARAMS), tmp_path / "params.yaml")
    assert (tmp_path / "params.yaml").read_text() == PARAMS.read_text()


WRITTEN = """\
# Mine.
train: # old
  # a note: of its own
  steps: 7    # old
  device: "a # b"
  joint:    # old
  top:
    count: 3
  weights: {dynamic: {period: 3}} # old
  boundary: {
    easy: 3 # stays
  }

evaluate:
  tiou:
  - 0.5
  - 0.7 # stays

unknown: 1 # stays
datasets:
  steps: {kind: watch} # stays
"""
RENEWED = """\
# Mine.
train: # from features to a model and pseudo-labels; § 3.1, 3.2
  # a note: of its own
  steps: 7 # length of joint training (steps); trial; code: 3000
  device: "a # b" # where torch computes: auto (CUDA where there is one), cpu or cuda:1
  joint: # all levels are trained together; false: separated; (11); T 7 has both
  top: # l of (9): {part: n} is T // n snippets, {count: n} is n; code; § 3.2.2: {count: 5}
    count: 3 # l; § 3.2.2: 5
  weights: {dynamic: {period: 3}} # weights of the levels, or {equal: {}}; (1)
  boundary: {
    easy: 3 # stays
  }

evaluate: # how good they are; § 4.2.1
  tiou: # thresholds of the mAP (tIoU); § 4.2.1; ActivityNet: 0.5 to 0.95
  - 0.5
  - 0.7 # stays

unknown: 1 # stays
datasets:
  steps: {kind: watch} # stays
"""


def test_comments_are_renewed_and_all_else_stays() -> None:
    assert with_comments(WRITTEN) == RENEWED
    assert with_comments(RENEWED) == RENEWED
    assert with_comments("") == ""


def test_missing_values_are_added_where_they_belong() -> None:
    text = PARAMS.read_text()
    lacking = text
    for key in (
        "seed: 0 # seed of the a",
        "device",
        "simulated: {} ",
        "top",
        "outer",
        "max_per_video",
        "played",
    ):
        lacking = re.sub(rf"\n +{key}.*", "", lacking, count=1)
    world = lacking.index("    world:")
    lacking = lacking[:world] + lacking[lacking.index("    seed: 0 # seed of the world") :]
    assert with_comments(with_values(lacking)) == text
    assert with_values(text) == text
    assert with_values(WRITTEN.partition("train:")[0]) == "# Mine.\n"
    assert with_values("map: {}\npropose:\n") == "map: {}\npropose:\n"
    assert with_values("map:\n  reading: first") == "map:\n  fraction: 0.5\n  reading: first"
