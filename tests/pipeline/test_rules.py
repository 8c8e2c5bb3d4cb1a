"""Which stages are read, and which get rules."""

from pathlib import Path

import pytest

from hcutal.pipeline.graph import read_graph
from hcutal.pipeline.records import TARGETS, write_record
from hcutal.pipeline.rules import is_ruled, read_rules
from tests.workflow.project import make


def test_a_job_of_a_cluster_reads_what_it_is_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    everything = set(read_graph())
    of_data = {"parameters", "prepare@toy", "features@toy"}
    for allowed, experiment in (("map_a_0", "a"), ("summary_b", "b"), ("features_toy_shard_1", None)):
        own = {name for name in everything if name.partition("@")[2].partition(".")[0] == experiment}
        assert set(read_rules(False, [allowed])) == of_data | own
    Path("runs.json").write_text("{}")
    monkeypatch.setattr("hcutal.pipeline.graph.write_runs", lambda document, root: None)
    monkeypatch.setattr("hcutal.pipeline.rules.read_graph", lambda experiments: {"asked": experiments})
    assert read_rules(False, ["map_a_0"]) == {"asked": None}


def test_rules_are_made_of_what_has_no_record_or_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_record("map@a.0", "1")
    monkeypatch.delenv(TARGETS, raising=False)
    assert is_ruled("map@a.0", "map_a_0", [])
    monkeypatch.setenv(TARGETS, "track_b map_b_0")
    assert not is_ruled("map@a.0", "map_a_0", [])
    assert is_ruled("map@b.0", "map_b_0", [])
    write_record("map@b.0", "1")
    assert is_ruled("map@b.0", "map_b_0", [])
    assert is_ruled("train@a.0", "train_a_0", [])
    cut_off = tmp_path / ".snakemake/incomplete/bWFw"
    cut_off.parent.mkdir(parents=True)
    cut_off.touch()
    assert is_ruled("map@a.0", "map_a_0", [])
    cut_off.unlink()
    assert not is_ruled("map@a.0", "map_a_0", [])
    # Elsewhere a record may be there by then: its job is to be done all the same.
    assert is_ruled("map@a.0", "map_a_0", ["map_a_0"])
