"""What a job may ask a Slurm for: a stand-in for `sinfo` says what nodes have."""

from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.job_resources import KINDS, JobResources
from hcutal.pipeline.node_limits import NodeLimits, check_limits, slurm_limits

LIMITS = NodeLimits(12_000, 1440, "partition main")
PARAMS = {"datasets.mine.features": {"memory_mb": 4000, "workers": 4, "minutes": 60}}


def stage(name: str, params: dict[str, object] | None = None) -> Stage:
    return Stage(name, (), False, False, {}, params or {}, {})


def asked(**of_train: int) -> dict[str, JobResources]:
    return {kind: JobResources() for kind in KINDS} | {"train": JobResources(**of_train)}


@pytest.fixture
def sinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command that a test lets answer; what it was asked stands in the file `asked` beside it."""
    command = tmp_path / "sinfo"
    command.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat {tmp_path}/answer\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_the_largest_node_and_the_longest_time_are_the_limits(sinfo: Path) -> None:
    (sinfo / "answer").write_text("CLUSTER: one\n8000|1-12:30:00\n12000|12:00:00\n")
    assert slurm_limits("main", "one") == NodeLimits(12_000, 36 * 60 + 30, "partition main")
    assert {"--partition=main", "--clusters=one", "--Node"} <= set((sinfo / "asked").read_text().split())


@pytest.mark.parametrize(("text", "minutes"), [("30:00", 30), ("infinite", None), ("2-00:00:00", 2880)])
def test_times_are_read_as_slurm_writes_them(sinfo: Path, text: str, minutes: int | None) -> None:
    (sinfo / "answer").write_text(f"8000|{text}\n")
    assert slurm_limits("main").runtime == minutes


def test_no_slurm_and_a_partition_without_nodes_limit_nothing(
    sinfo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sinfo / "answer").write_text("")
    assert slurm_limits("none") == NodeLimits()
    monkeypatch.setenv("PATH", "/nowhere")
    assert slurm_limits("main") == NodeLimits()
    assert NodeLimits().memory(8000, 2) == 16_000


def test_a_job_that_is_tried_again_asks_for_no_more_than_there_is() -> None:
    assert [LIMITS.memory(8000, attempt) for attempt in (1, 2)] == [8000, 12_000]
    assert [LIMITS.minutes(60, attempt) for attempt in (1, 2)] == [60, 120]
    assert [LIMITS.minutes(1000, attempt) for attempt in (1, 2)] == [1000, 1440]


@pytest.mark.parametrize(
    ("wrong", "of_train", "message"),
    [
        (
            "train@a.0",
            {"mem_mb": 16_000},
            "stages.yaml: train.mem_mb: found 16000 for train@a.0; expected at most 12000 MB, as partition main has",
        ),
        (
            "train@a.0",
            {"runtime": 2000},
            "stages.yaml: train.runtime: found 2000 for train@a.0; expected at most 1440 minutes, as partition main",
        ),
        (
            "features@mine",
            {},
            "params.yaml: memory_mb of datasets.mine.features: found 16000 for features@mine; expected at most 12000",
        ),
    ],
)
def test_a_stage_that_fits_no_node_is_refused_with_its_key(
    wrong: str, of_train: dict[str, int], message: str
) -> None:
    with pytest.raises(HcutalError, match=message):
        check_limits(
            [stage("map@a.0"), stage(wrong, PARAMS if "mine" in wrong else None)], asked(**of_train), LIMITS
        )


def test_stages_that_fit_are_not_refused() -> None:
    check_limits([stage("train@a.0"), stage("prepare@mine")], asked(mem_mb=12_000, runtime=1440), LIMITS)
