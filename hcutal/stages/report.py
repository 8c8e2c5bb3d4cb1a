"""Stage `report`: one page with the results, figures and parameters of an experiment."""

from hcutal.layout import ExperimentFiles
from hcutal.params.report import ReportParams
from hcutal.params.section import read_section
from hcutal.report.pages.experiment_page import write_report
from hcutal.report.run_outputs import read_outputs
from hcutal.stages.command import experiment_stage


def run(experiment: str, dataset: str) -> None:
    """Write `report.html` and `figures/*.png` of `experiment`."""
    params = read_section(ReportParams, "experiments", experiment, "report")
    write_report(ExperimentFiles.of(experiment).report, read_outputs(experiment, dataset), params)


if __name__ == "__main__":
    experiment_stage("report", run)()
