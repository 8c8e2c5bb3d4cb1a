"""Stage `report`: one page with the results, figures and parameters of a run."""

from hcutal.layout import RunPaths
from hcutal.params.report import ReportParams
from hcutal.params.section import read_run_section
from hcutal.report.pages.run_page import write_report
from hcutal.report.run_outputs import read_outputs
from hcutal.stages.command import seeded_stage


def run(name: str, dataset: str) -> None:
    """Write `report.html` and `figures/*.png` of the run `name`."""
    params = read_run_section(ReportParams, name, "report")
    write_report(RunPaths.of(name).report, read_outputs(name, dataset), params)


if __name__ == "__main__":
    seeded_stage("report", run)()
