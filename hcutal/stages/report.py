"""Stage `report`: one page with the results, figures and parameters of a run, and the segments of all recordings."""

from hcutal.export.run_segments import write_run_segments
from hcutal.layout import RunPaths
from hcutal.params.report import ReportParams
from hcutal.params.section import read_run_section
from hcutal.report.pages.run_page import write_report
from hcutal.report.run_outputs import read_outputs
from hcutal.stages.command import seeded_stage


def run(name: str, dataset: str) -> None:
    """Write `report.html`, `figures/*.png` and the folder of segments of the run `name`."""
    params = read_run_section(ReportParams, name, "report")
    files, outputs = RunPaths.of(name), read_outputs(name, dataset)
    write_report(files.report, outputs, params)
    write_run_segments(files.segments, outputs, params)


if __name__ == "__main__":
    seeded_stage("report", run)()
