"""What lies before a run, and how long it will take."""

from pathlib import Path

import pytest

from hcutal.layout import PLAN
from hcutal.pipeline.outlook import (
    AROUND_SECONDS,
    Step,
    ahead_text,
    chosen,
    estimate_text,
    expected_seconds,
    plan_text,
    read_plan,
    seconds_ahead,
    write_plan,
)

STEPS = [
    Step("parameters", "runs", "changed"),
    Step("features@toy", "runs", "changed", ("parameters",), 2, 100.0),
    Step("train@a.0", "may run", "after features@toy", ("features@toy",), 1, 60.0),
    Step("train@b.0", "may run", "after features@toy", ("features@toy",), 1, 20.0),
    Step("summary@a", "may run", "after train@a.0", ("train@a.0",), 1, 10.0),
]


def test_a_stage_takes_what_it_took_before_or_what_its_like_did() -> None:
    before = {"train@a.0": 50.0, "map@a.0": 1.0, "map@b.0": 3.0, "features@toy": 9.0}
    assert expected_seconds("train@a.0", before) == 50 + AROUND_SECONDS
    # Another seed of the same experiment.
    assert expected_seconds("train@a.1", before) == 50 + AROUND_SECONDS
    assert expected_seconds("train@ab.0", before) is None
    assert expected_seconds("map@c.0", before) == 2 + AROUND_SECONDS
    assert expected_seconds("features@other", before) is None


def test_stages_that_wait_for_each_other_add_up_and_others_share_the_cores() -> None:
    known = STEPS[1:]
    assert seconds_ahead(known, 2, {}) == (170.0, 0)
    # Two threads on one core: no more work than there is time.
    assert seconds_ahead(known, 1, {}) == (190.0, 0)
    assert seconds_ahead(STEPS, 2, {"features@toy": 30.0}) == (100.0, 1)


def test_an_estimate_says_what_it_leaves_out() -> None:
    assert ahead_text(STEPS, 2) == "at least 2:50 (no times yet of 1 of 5 stages)"
    assert ahead_text(STEPS[:1], 2) == "not known yet"
    # Nothing is left of the others.
    assert ahead_text(STEPS[:2], 2, {STEPS[1].stage: 0.2}) == "not known yet"
    assert estimate_text(STEPS[1:], 1) == (
        "about 3:10; on 1 core, from earlier runs and samples; what is restored takes seconds"
    )
    assert (
        estimate_text(STEPS[:1], 2) == "how long it takes is not known yet: nothing like it ran here before"
    )


def test_names_choose_their_stages_with_all_that_these_wait_for() -> None:
    assert [step.stage for step in chosen(STEPS, ["b"])] == ["parameters", "features@toy", "train@b.0"]
    assert [step.stage for step in chosen(STEPS, ["a.0"])] == ["parameters", "features@toy", "train@a.0"]
    # A data set may have the name of an experiment.
    assert chosen(STEPS, ["toy"]) == []
    assert chosen(STEPS, []) == STEPS


def test_a_plan_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_plan() is None
    write_plan(STEPS)
    assert read_plan() == STEPS
    PLAN.write_bytes(b"[{}]")
    assert read_plan() is None


def test_one_stage_is_one() -> None:
    assert plan_text(STEPS[:1]).splitlines() == [
        "1 stage runs, or is restored where the cache has its result:",
        "  parameters  runs  changed",
    ]


def test_stages_that_only_follow_are_one_line() -> None:
    assert plan_text(STEPS[:3]).splitlines()[1:] == [
        "  parameters    runs     changed",
        "  features@toy  runs     changed",
        "  what follows  may run  if results before it change: train@a.0",
    ]
    more = [*STEPS, Step("summary@b", "may run", "after train@b.0")]
    assert plan_text(more).splitlines()[-1].endswith("change: train@a.0, train@b.0, summary@a and 1 more")
