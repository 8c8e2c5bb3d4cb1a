"""The suites: which variants a table or a figure has, and which published rows stand beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from hcutal.errors import HcutalError
from hcutal.suites.checkpoint_rules import LAST, RULES


@dataclass(frozen=True)
class Suite:
    """A table or a figure of the paper, or a table that it lacks.

    Attributes:
        about: what it shows.
        variants: their names, in the order of the rows or panels.
        table: its number in the paper; None where the paper has none.
        figure: the same of a figure, which has no table.
        published: the row of the paper's table (from 1) that each variant stands for, by its name.
        rules: by which the state of each training is chosen, a row each, where no others are asked for.
    """

    about: str
    variants: tuple[str, ...]
    table: int | None = None
    published: tuple[tuple[str, int], ...] = ()
    rules: tuple[str, ...] = (LAST,)
    figure: int | None = None


def _rows(*variants: str) -> tuple[tuple[str, int], ...]:
    return tuple((variant, row) for row, variant in enumerate(variants, start=1))


# The paper trains on names of clusters (`mapped`), and we on the clusters themselves: its last row stands for both.
OVERALL = ("weak", "mapped", "full")


def _overall(weak: int, unsupervised: int) -> tuple[tuple[str, int], ...]:
    return (("weak", weak), ("mapped", unsupervised), ("full", unsupervised))


TABLE6 = ("baseline", "vcl", "vcl-icl", "vcl-icl-bcl", "full")
TABLE7 = ("kmeans", "agglomerative", "spectral", "separated", "full")
TABLE8 = ("horizontal", "vertical", "full")
# One contrastive level after another.
LEVELS = ("baseline", "vcl", "vcl-icl", "full")
# Alike in training.
PROPOSALS = (
    "full",
    "paper-thresholds",
    "code-thresholds",
    "paper-suppression",
    "paper-snippets",
    "paper-proposals",
)
CLUSTERS = (
    "clusters-half",
    "clusters-three-quarters",
    "full",
    "clusters-one-and-a-half",
    "clusters-double",
    "clusters-estimated",
)
SUITES: dict[str, Suite] = {
    "table2": Suite("THUMOS'14: detection", OVERALL, 2, _overall(18, 23)),
    "table3": Suite("ActivityNet 1.2: detection", OVERALL, 3, _overall(13, 19)),
    "table4": Suite("ActivityNet 1.3: detection", OVERALL, 4, _overall(12, 14)),
    "table5": Suite("clusters against classes", ("full",), 5, (("full", 2),)),
    "table6": Suite("the levels, one after another", TABLE6, 6, _rows(*TABLE6)),
    "table7": Suite("sources of pseudo-labels", TABLE7, 7, _rows(*TABLE7)),
    "table8": Suite("the halves of the video level", TABLE8, 8, _rows(*TABLE8)),
    "figure4": Suite("CAS of one class under each level", LEVELS, figure=4),
    "figure5": Suite("clusters of recordings, spectral and ours", ("spectral", "full"), figure=5),
    "figure6": Suite("what is found under each level", LEVELS, figure=6),
    "figure7": Suite("action and background snippets under each level", LEVELS, figure=7),
    "coupling": Suite("how much the levels learn from each other", ("separated", "no-feedback", "full")),
    "temperature": Suite("temperature of DWA", ("vcl-icl-bcl", "temperature-1", "full", "temperature-5")),
    "clusters": Suite("the number of clusters", CLUSTERS),
    "proposals": Suite("from the class activation sequence to proposals", PROPOSALS),
    "checkpoint": Suite("which state of the training is taken", ("full",), rules=RULES),
}
GROUPS: dict[str, tuple[str, ...]] = {
    "paper": tuple(name for name, suite in SUITES.items() if suite.table or suite.figure)
}


def suites_of(names: Sequence[str]) -> list[str]:
    """The names of suites, with groups taken apart; each once, in the order asked for.

    Raises:
        HcutalError: for a name that is no suite.

    >>> suites_of(["table6", "paper"])[:3]
    ['table6', 'table2', 'table3']
    """
    found: dict[str, None] = {}
    for name in names:
        if name not in SUITES and name not in GROUPS:
            raise HcutalError(f"no suite {name!r}; there is {', '.join([*SUITES, *GROUPS])}")
        found.update(dict.fromkeys(GROUPS.get(name, (name,))))
    return list(found)


def variants_of(names: Sequence[str]) -> list[str]:
    """The variants of some suites, each once.

    >>> variants_of(["table8", "table7"])
    ['horizontal', 'vertical', 'full', 'kmeans', 'agglomerative', 'spectral', 'separated']
    """
    return list(dict.fromkeys(variant for name in names for variant in SUITES[name].variants))
