"""The tables of suites: a row a variant, ours over its seeds, and the published numbers beside them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from hcutal.files import atomic_path
from hcutal.layout import SuiteFiles
from hcutal.pipeline.compare import Summarised
from hcutal.suites.checkpoint_rules import LAST, NOTES
from hcutal.suites.published import published
from hcutal.suites.suites import SUITES
from hcutal.suites.variants import VARIANTS
from hcutal.tables import write_frame

# What tables show that the paper does not have.
SHOWN = ("ARI", "NMI", "mAP/0.5", "average_mAP")
PERCENT = ("mAP/", "average_mAP")
PAPER = "paper"
# The columns of words.
ABOUT = ("row", "supervision", "checkpoint")
# Of the first of these that a table has, tables say how far each variant is from `full`.
LEADS = ("average_mAP", "mAP/0.5", "ARI")

# Something said of variants, by metric.
ByMetric = Mapping[str, Mapping[str, str]]
# Results of variants by the rule that chose the state of each training.
ByRule = Mapping[str, Mapping[str, Summarised]]


def suite_numbers(
    suite: str, found: Mapping[str, Summarised], by_rule: ByRule = MappingProxyType({})
) -> pd.DataFrame:
    """A row a variant: of each metric the mean over the seeds, `/sd`, and `/paper`, NaN where it is not known.

    mAP is in percent, as published. Of tables with methods of others, these are rows with `/paper` alone.

    Args:
        suite: its name.
        found: the experiment of each variant that has results, by variant.
        by_rule: results of states that rules other than the last one chose: a row each below that of the variant,
            with the rule in the column `checkpoint`, and the mean step in `step`.
    """
    about = SUITES[suite]
    print_ = _published(about.table)
    metrics = list(dict.fromkeys(print_["name"])) if about.table else list(SHOWN)
    standing = dict(about.published)
    rows = []
    for row, numbers in print_.groupby("row", sort=True):
        if row not in standing.values() and len(about.variants) < print_["row"].nunique():
            first = numbers.iloc[0]
            where = f", {first['dataset']}" if print_["dataset"].nunique() > 1 else ""
            rows.append(
                {"row": first["method"] + where, "supervision": first["supervision"], **_printed(numbers)}
            )
    for variant in about.variants:
        supervision = VARIANTS[variant].supervision
        entry: dict[str, object] = {"row": variant, "supervision": supervision}
        if by_rule:
            entry["checkpoint"] = LAST
        ours = _ours(found[variant], metrics) if variant in found else {}
        theirs = _printed(print_[print_["row"] == standing[variant]]) if variant in standing else {}
        rows.append(entry | ours | theirs)
        rows += [
            {
                **entry,
                "checkpoint": rule,
                "step": chosen[variant].get("step"),
                **_ours(chosen[variant], metrics),
            }
            for rule, chosen in by_rule.items()
            if variant in chosen
        ]
    table = pd.DataFrame(rows)
    columns = [f"{name}{suffix}" for name in metrics for suffix in ("", "/sd", f"/{PAPER}")]
    kept = [name for name in (*ABOUT, "experiment", "seeds", "step", *columns) if name in table]
    return table[kept]


def _ours(each: Summarised, metrics: Sequence[str]) -> dict[str, object]:
    """The cells of an experiment: mean and deviation of each metric, mAP in percent."""
    cells: dict[str, object] = {"experiment": each.name, "seeds": len(each.seeds)}
    for name in metrics:
        scale = 100 if name.startswith(PERCENT) else 1
        cells[name], cells[f"{name}/sd"] = scale * each.get(name), scale * each.get(f"{name}/sd")
    return cells


def _published(table: int | None) -> pd.DataFrame:
    """The published numbers of a table with the names that metrics have here."""
    numbers = published(table) if table else published().head(0)
    name = numbers["metric"].where(numbers["tiou"] == "", numbers["metric"] + "/" + numbers["tiou"])
    return numbers.assign(name=name)


def _printed(numbers: pd.DataFrame) -> dict[str, object]:
    return {f"{name}/{PAPER}": value for name, value in zip(numbers["name"], numbers["value"], strict=True)}


def suite_text(numbers: pd.DataFrame) -> pd.DataFrame:
    """The same for people: `mean ± sd` and the published number in one cell each."""
    columns = [str(column) for column in numbers]
    told = [name for name in (*ABOUT, "seeds") if name in columns]
    named = [column for column in columns if column not in (*told, "experiment", "step")]
    metrics = dict.fromkeys(column.removesuffix("/sd").removesuffix(f"/{PAPER}") for column in named)
    text = pd.DataFrame({name: numbers[name].map(_cell) for name in told})
    for name in metrics:
        digits = 1 if name.startswith(PERCENT) else 3
        if name in numbers:
            text[name] = [
                _spread(mean, deviation, digits)
                for mean, deviation in zip(numbers[name], numbers[f"{name}/sd"], strict=True)
            ]
        if f"{name}/{PAPER}" in numbers:
            text[f"{name}, {PAPER}"] = [
                "" if pd.isna(value) else f"{value:g}" for value in numbers[f"{name}/{PAPER}"]
            ]
    return text.loc[:, (text != "").any()]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}"
    return str(value)


def _spread(mean: float, deviation: float, digits: int) -> str:
    if np.isnan(mean):
        return ""
    return f"{mean:.{digits}f}" + ("" if np.isnan(deviation) else f" ± {deviation:.{digits}f}")


def shown_text(numbers: pd.DataFrame, against: ByMetric) -> pd.DataFrame:
    """The cells for people, with how far each variant is from `full` in the last column, where that is known.

    against: that difference as text, by variant and metric; it is said of the last state of each training alone.
    """
    text = suite_text(numbers)
    lead = next((name for name in LEADS if name in numbers), LEADS[0])
    column = [against.get(str(row), {}).get(lead, "") for row in numbers["row"]]
    if any(column):
        is_other = numbers["row"].duplicated()
        text[f"{lead} above full"] = column
        text.loc[is_other, f"{lead} above full"] = ""
    return text


def write_suite(
    suite: str,
    dataset: str,
    preset: str,
    found: Mapping[str, Summarised],
    by_rule: ByRule = MappingProxyType({}),
    against: ByMetric = MappingProxyType({}),
) -> str:
    """Write the table of a suite as CSV (numbers), Markdown and LaTeX; returns the Markdown."""
    numbers = suite_numbers(suite, found, by_rule)
    text = shown_text(numbers, against)
    files = SuiteFiles.of(suite, dataset, preset)
    write_frame(files.csv, numbers)
    table = text.to_markdown(index=False, disable_numparse=True)
    notes = "".join(f"\n{note}\n" for note in rule_notes(by_rule))
    markdown = f"{suite_title(suite, dataset, preset)}\n\n{table}\n{notes}"
    words = words_of(text)
    latex = text.to_latex(
        index=False, escape=True, column_format="l" * words + "r" * (len(text.columns) - words)
    )
    for path, content in ((files.markdown, markdown), (files.latex, latex)):
        with atomic_path(path) as temporary:
            temporary.write_text(content)
    return markdown


def rule_notes(by_rule: ByRule) -> list[str]:
    """What is to be said of the rules that a table shows."""
    return [NOTES[rule] for rule in by_rule if rule in NOTES]


def words_of(text: pd.DataFrame) -> int:
    """How many of the first columns of a table are words."""
    return sum(name in ABOUT for name in text)


def suite_title(suite: str, dataset: str, preset: str) -> str:
    """What is shown, and on which data: the published numbers are of others than ours, whatever these are called."""
    about = SUITES[suite]
    title = f"{suite}: {about.about}; ours: data set {dataset}, preset {preset}"
    if about.table is None:
        return title
    theirs = ", ".join(dict.fromkeys(published(about.table)["dataset"]))
    return f"{title}; {PAPER}: Table {about.table}, {theirs}"
