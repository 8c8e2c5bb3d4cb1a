from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.params.plain_yaml import MOST_ALIASED, parse_yaml, read_yaml


def test_plain_values() -> None:
    text = "a: {b: 1, c: [2.5, null, yes, '3']}\nd: &x {e: 4}\nf: *x\ng: {<<: *x, h: 5}\n"
    assert parse_yaml(text, "text") == {
        "a": {"b": 1, "c": [2.5, None, "yes", "3"]},
        "d": {"e": 4},
        "f": {"e": 4},
        "g": {"e": 4, "h": 5},
    }
    assert parse_yaml("", "text") is None
    assert parse_yaml("# nothing", "text") is None


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]\n",
        "a: &a {b: *a}\n",
        "a: &a {*a : 1}\n",
        "a: &a [[[{b: [*a]}]]]\n",
        "&a [*a]\n",
        "a: &a {<<: *a}\n",
    ],
)
def test_an_anchor_that_is_used_inside_of_itself(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("# first line\n" + text)
    with pytest.raises(HcutalError, match=r"params\.yaml: line 2: the anchor 'a' is used inside of itself"):
        read_yaml(path)


@pytest.mark.parametrize("form", ["[{0}, {0}]", "{{x: {0}, y: {0}}}", "{{<<: [{0}, {0}]}}"])
def test_aliases_that_grow_without_end_are_refused_unmade(form: str) -> None:
    lines = ["a0: &a0 {z: 1}"]
    lines += [f"a{level}: &a{level} {form.format(f'*a{level - 1}')}" for level in range(1, 100)]
    with pytest.raises(HcutalError, match=rf"bomb: its aliases stand for \d+ values; .*{MOST_ALIASED}"):
        parse_yaml("\n".join(lines), "bomb")


def test_many_values_that_are_written_are_no_bomb() -> None:
    text = "a: [" + "1, " * 2 * MOST_ALIASED + "1]\nb: &b [1, 2]\nc: [*b, *b]\n"
    assert parse_yaml(text, "text")["c"] == [[1, 2], [1, 2]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!float abc", "not valid YAML: "),
        ("a: [1", "not valid YAML: "),
        ("a: *b", "not valid YAML: "),
        ("a: 1\na: 2", "not valid YAML: "),
        (b"\xff\xfe\xfa", "not valid YAML: "),
        ("a: \x00", "not valid YAML: "),
        ("a: 1\n---\nb: 2", "not valid YAML: "),
        ("[" * 2000 + "]" * 2000, "is nested too deep; expected a handful of levels"),
    ],
)
def test_what_is_malformed(text: str | bytes, message: str) -> None:
    with pytest.raises(HcutalError, match=f"^here: {message}"):
        parse_yaml(text, "here")


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"gone\.yaml: no such file"):
        read_yaml(tmp_path / "gone.yaml")
    with pytest.raises(HcutalError, match=r"cannot be read \(Is a directory\)"):
        read_yaml(tmp_path)
