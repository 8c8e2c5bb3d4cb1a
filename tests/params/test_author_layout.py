"""params.yaml after DVC has set a value in it: its author's layout, where nothing else is lost by it."""

import io

import pytest
from ruamel.yaml import YAML

from hcutal.params.author_layout import in_layout_of

BEFORE = """\
# Of this project.
prepare: # how
  bouts: [4, 8] # fewest and most
  stride: null # side by side

experiments: # each
  watch: {dataset: watch, preset: default, seeds: [0, 1], supervision: unsupervised, train: {steps: 40}}
"""


def by_dvc(text: str) -> str:
    """A text as DVC writes it: with its own lists in the place of those that were read."""
    yaml = YAML()
    yaml.default_flow_style = False
    document = yaml.load(text)
    document["prepare"]["bouts"] = list(document["prepare"]["bouts"])
    stream = io.StringIO()
    yaml.dump(document, stream)
    written = stream.getvalue()
    assert "- 4\n" in written and "stride: null" not in written
    return written


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("steps: 40", "steps: 50"),
        ("[4, 8]", "[4, 9]"),
        ("null", "3"),
        ("steps: 40}", "steps: 40, batch: 8}"),
        (", train: {steps: 40}", ""),
        ("steps: 40", "steps: null"),
    ],
)
def test_one_value_that_dvc_set_is_all_that_changes(old: str, new: str) -> None:
    wanted = BEFORE.replace(old, new)
    # A comment stays in its column.
    assert in_layout_of(BEFORE, by_dvc(wanted)).replace("3    #", "3 #") == wanted


def test_what_a_person_wrote_stays() -> None:
    edited = BEFORE.replace("null # side", "null   # side").replace("40", "50")
    assert in_layout_of(BEFORE, edited) == edited
    commented = by_dvc(BEFORE) + "# tried on Monday\n"
    assert in_layout_of(BEFORE, commented) == commented


@pytest.mark.parametrize("before", ["", "a: [", "- a\n"])
def test_a_commit_without_parameters_has_no_layout(before: str) -> None:
    now = by_dvc(BEFORE).replace("# Of this project.\n", "")
    plain = "".join(line.partition(" #")[0].rstrip() + "\n" for line in now.splitlines())
    assert in_layout_of(before, plain) == plain
