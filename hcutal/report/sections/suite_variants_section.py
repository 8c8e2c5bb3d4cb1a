"""The section of variants: what each is, and the parameters in which they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hcutal.report.kit.page import PageSection


@dataclass(frozen=True)
class ShownVariant:
    """A variant: what it is, where the paper has it, its experiment, and its values of what differs, by parameter."""

    name: str
    about: str
    source: str
    experiment: str
    values: Mapping[str, str]


def make_suite_variants(variants: Sequence[ShownVariant]) -> PageSection:
    """A row a variant, and a table of the parameters that differ, with a column a variant."""
    keys = list(dict.fromkeys(key for each in variants for key in each.values))
    rows = [[key, *(each.values.get(key, "") for each in variants)] for key in keys]
    return PageSection("suite_variants", "What differs", {"variants": variants, "rows": rows})
