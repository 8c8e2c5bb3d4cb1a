from pathlib import Path

import networkx as nx
import pytest
from dvc.repo import Repo

from hcutal.errors import HcutalError
from hcutal.pipeline.graph import read_graph
from tests.workflow.project import PARAMS, make


def test_a_lock_that_is_being_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    lock = tmp_path / "dvc.lock"
    lock.write_text("schema: '2.0'\nstages:\n  train@a.0:\n    cm")
    monkeypatch.setattr("hcutal.pipeline.graph.time.sleep", lambda _: lock.unlink())
    graph = read_graph()
    assert not lock.exists()
    assert not graph["train@a.0"].intact


def test_a_lock_that_stays_broken_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.lock").write_text("schema: '2.0'\nstages:\n  train@a.0:\n    cm")
    monkeypatch.setattr("hcutal.pipeline.graph.TRY_SECONDS", 0.0)
    with pytest.raises(
        HcutalError,
        match=r"(?s)dvc.lock: cannot be read.*take either side, or remove the",
    ):
        read_graph()


def test_a_lock_that_is_cut_within_a_hash_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  train@a.0:\n    cmd: python\n    outs:\n"
        "    - path: results/a/seed-0/train/model.json\n      hash: m"
    )
    with pytest.raises(
        HcutalError,
        match=r"dvc.lock: train@a.0: .*model.json: hash: found 'm'; expected md5; after a conflict",
    ):
        read_graph()


def test_stages_that_may_run_at_once_never_write_what_another_reads_or_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # DVC's list of the files that are in use knows the processes of one host only: nothing may depend on it.
    make(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS.replace("steps: 20}", "steps: 20}, seeds: [0, 1]"))
    monkeypatch.chdir(tmp_path)
    read_graph()
    with Repo() as repo:
        edges = repo.index.graph
        files = {
            stage: ({out.fs_path for out in stage.outs}, {dep.fs_path for dep in stage.deps})
            for stage in edges.nodes
        }
        apart = [
            (one, other)
            for one in files
            for other in files
            if one is not other and not nx.has_path(edges, one, other) and not nx.has_path(edges, other, one)
        ]
        assert len(apart) > 100
        for one, other in apart:
            used = files[other][0] | files[other][1]
            shared = [(a, b) for a in files[one][0] for b in used if _overlap(Path(a), Path(b))]
            assert not shared, (one.addressing, other.addressing)


def test_an_experiment_that_reads_the_results_of_another_is_not_read_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert "map@a.0" not in read_graph(experiments=["b"])
    path = tmp_path / "dvc.yaml"
    text, own = path.read_text(), "- results/${key}/draws\n"
    assert text.count(own) == 1
    path.write_text(text.replace(own, f"{own}      - results/a/draws\n"))
    assert "map@a.0" in read_graph(experiments=["b"])["summary@b"].needs


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)
