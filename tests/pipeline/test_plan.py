"""What a run would do, and why."""

from typing import Any

from hcutal.pipeline.graph import Stage, _reasons
from hcutal.pipeline.outlook import NOT_RUN, plan_text
from hcutal.pipeline.plan import make_plan


def stage(name: str, *needs: str, why: str = "") -> Stage:
    return Stage(name, needs, not why, not why, {}, {}, {}, (why,) if why else ())


def test_stale_stages_run_and_what_follows_may() -> None:
    stages = [
        stage("prepare@toy"),
        stage("train@a", "prepare@toy", why="its code changed"),
        stage("map@a", "train@a"),
        stage("train@b", "prepare@toy"),
        stage("map@b", "train@b"),
    ]
    steps = make_plan({found.name: found for found in stages})
    assert [step[:3] for step in steps] == [
        ("train@a", "runs", "its code changed"),
        ("map@a", "may run", "after train@a"),
    ]
    assert "  train@a       runs     its code changed" in plan_text(steps)
    assert plan_text([]) == "everything is up to date"


def test_what_never_ran_stands_in_a_line_for_each_experiment() -> None:
    stages = [stage(f"{kind}@{key}", why=NOT_RUN) for key in ("a", "b") for kind in ("train", "map")]
    lines = plan_text(make_plan({found.name: found for found in stages})).splitlines()
    assert lines[0].startswith("4 stages run")
    assert [line.split() for line in lines[1:]] == [
        [key, "runs", "train,", "map:", "not", "yet", "run"] for key in ("a", "b")
    ]


def reasons(before: dict[str, Any], now: dict[str, Any], *changed: str, intact: bool = True) -> list[str]:
    return list(_reasons(True, intact, before, now, changed))


def test_reasons_name_the_value_the_file_and_the_code() -> None:
    key = "runs.a.0.train"
    before, now = {"steps": 5, "video": {"tau": 0.1}}, {"steps": 6, "video": {"tau": 0.1}}
    assert reasons({key: before}, {key: now}) == ["train.steps is 6, was 5"]
    assert reasons({"experiments.a": {"train": before}}, {"experiments.a": {"train": now}}) == [
        "train.steps is 6, was 5"
    ]
    assert reasons({"code.train": "x"}, {"code.train": "y"}) == ["its code changed"]
    assert reasons({"sources.toy": "x"}, {"sources.toy": "y"}) == [
        "files in its folder were added, removed, renamed or changed"
    ]
    assert reasons({}, {}, "features/toy") == ["features/toy changed"]
    assert reasons({}, {}, intact=False) == ["its outputs are missing or were changed"]
    assert list(_reasons(False, False, {}, {}, ())) == ["has not run yet"]
