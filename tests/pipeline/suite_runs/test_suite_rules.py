"""The states that rules choose: label-free by what was said of them, oracle by the test, each scored once."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.layout import RunPaths
from hcutal.params.document import Experiment
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.suite_runs import state_scores as scoring
from hcutal.pipeline.suite_runs.suite_rules import (
    chosen_by_rules,
    rules_by_suite,
    scores_file,
    variants_with_states,
)
from hcutal.pipeline.suite_runs.suite_tables import suite_numbers, suite_text
from hcutal.suites.checkpoint_rules import rules_of

ENTRY = Experiment.model_validate({"dataset": "watch", "seeds": [0, 1], "supervision": "unsupervised"})
# By seed and step: average mAP.
SCORES = {("exp.0", 1): 0.5, ("exp.0", 2): 0.25, ("exp.1", 1): 0.125, ("exp.1", 2): 0.25}
LABEL_FREE, ORACLE = "label-free", "oracle"


@pytest.fixture
def scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Two runs with two states each; the second state has the higher agreement. Gives the states that were scored."""
    monkeypatch.chdir(tmp_path)
    for run in ("exp.0", "exp.1"):
        folder = RunPaths.of(run).states
        folder.mkdir(parents=True)
        (folder / "states.csv").write_text("step,agreement,classification,contrast\n1,0.5,1,1\n2,0.75,1,0\n")
    seen: list[tuple[str, int]] = []

    def score(run: str, dataset: str, step: int) -> dict[str, float | None]:
        seen.append((run, step))
        return {"average_mAP": SCORES[run, step], "ARI": 0.5, "calibration_error": None}

    monkeypatch.setattr(scoring, "score_state", score)
    return seen


def graph(content: str = "") -> dict[str, Stage]:
    return {
        f"{kind}@{run}": Stage(f"{kind}@{run}", (), True, True, {"outs": content}, {}, {})
        for kind in ("train", "map", "propose", "evaluate")
        for run in ("exp.0", "exp.1")
    }


def chosen(rules: Sequence[str], content: str = "") -> dict[str, dict[str, float | None]]:
    found = chosen_by_rules(rules, {"full": ("exp", ENTRY)}, "default", graph(content))
    return {rule: dict(variants["full"].metrics) for rule, variants in found.items()}


def test_each_rule_takes_its_own_state(scored: list[tuple[str, int]]) -> None:
    found = chosen(["last", LABEL_FREE, ORACLE])
    assert list(found) == [LABEL_FREE, ORACLE]
    assert (found[LABEL_FREE]["step"], found[LABEL_FREE]["average_mAP"]) == (2, 0.25)
    assert (found[ORACLE]["step"], found[ORACLE]["average_mAP"]) == (1.5, 0.375)
    assert found[ORACLE]["average_mAP/sd"] == pytest.approx(0.125 * 2**0.5)
    # What a run does not have is no metric of both.
    assert "calibration_error" not in found[ORACLE]


def test_the_label_free_rule_looks_at_the_test_after_it_has_chosen(scored: list[tuple[str, int]]) -> None:
    chosen([LABEL_FREE])
    assert scored == [("exp.0", 2), ("exp.1", 2)]


def test_a_state_is_scored_again_when_what_it_depends_on_has_changed(scored: list[tuple[str, int]]) -> None:
    chosen([LABEL_FREE, ORACLE])
    first = list(scored)
    assert len(first) == 4
    chosen([LABEL_FREE, ORACLE])
    assert scored == first
    chosen([ORACLE], "other")
    assert sorted(scored[4:]) == sorted(first)
    assert len(read_json(scores_file("watch", "default", "exp.0"))["states"]) == 2
    scores_file("watch", "default", "exp.0").write_text("{")
    chosen([ORACLE], "other")
    assert scored[8:] == [("exp.0", 1), ("exp.0", 2)]


def test_a_run_that_kept_no_state_is_named(scored: list[tuple[str, int]]) -> None:
    (RunPaths.of("exp.1").states / "states.csv").write_text("step,agreement,classification,contrast\n")
    with pytest.raises(HcutalError, match=r"exp/seed-1/train/states: no state was kept; expected some"):
        chosen([LABEL_FREE])


@pytest.mark.usefixtures("scored")
def test_the_table_says_which_rule_a_row_is_of_and_what_an_oracle_is() -> None:
    by_rule = chosen_by_rules([LABEL_FREE, ORACLE], {"full": ("exp", ENTRY)}, "default", graph())
    table = suite_numbers("checkpoint", {}, by_rule)
    assert table["checkpoint"].tolist() == ["last", LABEL_FREE, ORACLE]
    assert table["average_mAP"].tolist()[1:] == [25, 37.5]
    assert suite_text(table)["checkpoint"].tolist() == ["last", LABEL_FREE, ORACLE]
    # Published numbers stand beside the last state alone.
    rows = suite_numbers("table8", {}, {ORACLE: by_rule[ORACLE]})
    assert rows["checkpoint"].tolist() == ["last", "last", "last", ORACLE]
    assert rows["ARI/paper"].notna().tolist() == [True, True, True, False]


def test_rules_are_those_asked_for_else_those_of_the_suite() -> None:
    assert rules_by_suite(["table8", "checkpoint"], None) == {
        "table8": ("last",),
        "checkpoint": ("last", LABEL_FREE, ORACLE),
    }
    assert rules_by_suite(["table8"], "oracle, last") == {"table8": ("last", ORACLE)}
    assert variants_with_states({"table8": ("last",), "checkpoint": (ORACLE,)}) == ["full"]
    with pytest.raises(
        HcutalError, match=r"--rules: found 'best'; expected some of last, label-free, oracle"
    ):
        rules_of("best")
