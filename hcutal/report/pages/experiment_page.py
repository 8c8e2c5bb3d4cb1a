"""The page of an experiment, `report.html`: its numbers over all seeds, and the way to the page of each run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hcutal.evaluate.over_seeds import MEAN, headline
from hcutal.layout import run_name
from hcutal.report.kit.page import render_page, write_page
from hcutal.report.sections.seeds_section import make_seeds, summary_row
from hcutal.report.sections.terms_section import EVALUATION, make_terms

DPI = 150
# The numbers at the top.
TILES = ("average_mAP", "ARI", "NMI")


@dataclass(frozen=True, eq=False)
class ExperimentSummary:
    """What the page says.

    Attributes:
        pages: the page of each run, by its seed.
        table: a row a metric, as `hcutal.evaluate.over_seeds.summarise` makes it.
        level: of the intervals; None where no draws were asked for.
    """

    experiment: str
    dataset: str
    preset: str
    supervision: str
    pages: Mapping[int, Path]
    table: pd.DataFrame
    level: float | None


def write_experiment_page(path: Path, summary: ExperimentSummary) -> None:
    """Write the page; links to those of the runs are relative. The same values give the same bytes."""
    links = {
        run_name(summary.experiment, seed): os.path.relpath(page, path.parent)
        for seed, page in summary.pages.items()
    }
    is_evaluated = "average_mAP" in summary.table.index
    terms = [*(EVALUATION if is_evaluated else ()), *(("ARI, NMI",) if "ARI" in summary.table.index else ())]
    sections = [make_seeds(summary.table, links, summary.level, DPI)]
    sections += [make_terms([*terms, *(("chance",) if is_evaluated else ())])] if terms else []
    html = render_page("pages/experiment_page.html.j2", sections, **_header(summary, links))
    write_page(path, html)


def _header(summary: ExperimentSummary, links: dict[str, str]) -> dict[str, Any]:
    table = summary.table
    rows = {name: summary_row(table, name) if name in table.index else None for name in TILES}
    return {
        "experiment": summary.experiment,
        "dataset": summary.dataset,
        "preset": summary.preset,
        "supervision": summary.supervision,
        "seeds": list(summary.pages),
        "runs": list(links),
        "links": links,
        "measured": bool(headline(table.index)),
        "level": summary.level,
        "rows": rows,
        "chance": table[MEAN]["chance/average_mAP"] if "chance/average_mAP" in table.index else None,
    }
