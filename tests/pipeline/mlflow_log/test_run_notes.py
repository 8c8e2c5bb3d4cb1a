"""What runs say of themselves at the top of their pages."""

from pathlib import Path

from hcutal.pipeline.executions import Execution
from hcutal.pipeline.mlflow_log.run_notes import compared_note, stage_note

PAGE = Path("results/a/summary/report.html")
ABOUT = {"dataset": "toy", "supervision": "weak", "preset": "default", "seeds": "0"}


def test_the_results_come_first_with_their_intervals_and_the_page() -> None:
    metrics = {
        "ARI": 0.5,
        "average_mAP": 0.25,
        "average_mAP/low": 0.125,
        "average_mAP/high": 0.375,
        "AR/1": 1.0,
    }
    links = {"Page": "#/page", "model": "#/model"}
    results, about, differences, page = compared_note(ABOUT, metrics, PAGE, links).split("\n\n")
    assert results == (
        "**average mAP 0.250** [0.125, 0.375], **ARI 0.500**. [Page](#/page), [model](#/model)"
    )
    assert about == "Data set toy, supervision weak, preset default, seed 0."
    assert differences == "All values are those of the preset."
    assert page == "Page in the project: `results/a/summary/report.html`."


def test_without_labels_nothing_is_claimed() -> None:
    params = {**ABOUT, "seeds": "0, 1", "train.steps": "5"}
    note = compared_note(params, {"training_seconds": 3.0}, PAGE, {"Page": "#/page"})
    assert note.startswith("No labels, so that nothing is measured.")
    assert "seeds 0, 1" in note and "Not as in the preset: `train.steps` 5." in note


def test_a_stage_says_what_its_execution_took_and_whether_it_was_restored() -> None:
    ran = Execution(
        started=0.0, ended=61.5, cpu_seconds=50.0, peak_memory_mb=300.0, device="cpu", machine="host"
    )
    assert stage_note(ran) == (
        "Ran 1970-01-01 00:00:00 UTC: 61.5 s, 50.0 s of CPU time, at most 300 MB on cpu on host"
    )
    restored = Execution(started=0.0, ended=61.5, restored=3600.0)
    assert stage_note(restored) == (
        "Restored 1970-01-01 01:00:00 UTC from the cache. Made 1970-01-01 00:00:00 UTC: 61.5 s"
    )


def test_a_stage_of_unknown_time_says_so() -> None:
    assert stage_note(Execution()).startswith("Time unknown: start, end and duration of this entry")
    assert stage_note(Execution(restored=3600.0)).startswith("Restored, time unknown: start, end")
