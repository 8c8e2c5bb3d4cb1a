"""Stage `report`: one page with the results, figures and parameters of an experiment."""

from hcutal.layout import results_dir
from hcutal.params.report import ReportParams
from hcutal.params.section import read_section
from hcutal.report.inputs import read_inputs
from hcutal.report.page import write_report
from hcutal.stages.command import experiment_stage


def run(experiment: str, dataset: str) -> None:
    """Write `report.html` and `figures/*.png` of `experiment`."""
    params = read_section(ReportParams, "experiments", experiment, "report")
    write_report(results_dir(experiment, "report"), read_inputs(experiment, dataset), params)


if __name__ == "__main__":
    experiment_stage("report", run)()
