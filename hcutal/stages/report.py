"""Stage `report`: one page with the results, figures and parameters of an experiment."""

from hcutal.layout import results_dir
from hcutal.params.report import ReportParams
from hcutal.params.section import read_section
from hcutal.report.pages.experiment_page import write_report
from hcutal.report.run_outputs import read_outputs
from hcutal.stages.command import run_experiment_stage


def run(experiment: str, dataset: str) -> None:
    """Write `report.html` and `figures/*.png` of `experiment`."""
    params = read_section(ReportParams, "experiments", experiment, "report")
    write_report(results_dir(experiment, "report"), read_outputs(experiment, dataset), params)


if __name__ == "__main__":
    run_experiment_stage(run, __doc__ or "")
