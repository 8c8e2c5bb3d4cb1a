"""Entries that were parsed before: given again for the same text by the same parser, and for nothing else."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hcutal.pipeline.lock_cache import parsed_entries

TEXTS = {"a": "one", "b": "two", "c": "three"}
VALUES: Mapping[str, Any] = {
    "a": {"n": 1, "x": [0.1, None, True]},
    "b": {"n": 1e-7},
    "c": {"n": float("nan")},
}


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return tmp_path / "known"


def asked(known: Path, texts: Mapping[str, str], parser: str = "p", is_whole: bool = True) -> list[str]:
    """The entries that had to be parsed."""
    parsed: list[str] = []

    def parse(names: Iterable[str]) -> Mapping[str, Any]:
        parsed.extend(names)
        return {name: VALUES[name] for name in parsed}

    found = parsed_entries(texts, parse, known, parser, is_whole)
    assert list(found) == list(texts)
    assert all(repr(found[name]) == repr(VALUES[name]) for name in texts)
    return parsed


def test_what_was_parsed_is_known_but_for_what_json_cannot_hold(known: Path) -> None:
    assert asked(known, TEXTS) == ["a", "b", "c"]
    assert asked(known, TEXTS) == ["c"]
    assert asked(known, {**TEXTS, "b": "another"}) == ["b", "c"]
    assert asked(known, TEXTS) == ["b", "c"]


def test_some_of_the_entries_leave_the_others_known(known: Path) -> None:
    asked(known, {"a": "one"})
    assert asked(known, {"b": "two"}, is_whole=False) == ["b"]
    assert asked(known, {"a": "one"}) == []


def test_another_parser_and_a_damaged_file_know_nothing(known: Path) -> None:
    texts = {"a": "one", "b": "two"}
    asked(known, texts)
    assert asked(known, texts, parser="q") == ["a", "b"]
    content = known.read_bytes()
    for damaged in (content.replace(b'"n":1,', b'"n":2,'), content[:-9], b"", b"\xff\n[]"):
        assert damaged != content
        known.write_bytes(damaged)
        assert asked(known, texts, parser="q") == ["a", "b"]
