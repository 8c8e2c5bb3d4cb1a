"""What tables compare: every variant is a valid experiment, every row stands for a published one."""

import pytest

from hcutal.errors import HcutalError
from hcutal.params.document import Experiment, load, resolve
from hcutal.suites.published import published
from hcutal.suites.suites import GROUPS, SUITES, suites_of, variants_of
from hcutal.suites.variants import VARIANTS


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_is_an_experiment(name: str) -> None:
    variant = VARIANTS[name]
    document = load()
    entry = Experiment.model_validate(
        {"dataset": "watch", "supervision": variant.supervision, **variant.sections}
    )
    resolved = resolve(document.model_copy(update={"experiments": {"one": entry}}))
    assert resolved["experiments"]["one"]["train"]["supervision"] == variant.supervision


def test_every_variant_is_in_a_suite() -> None:
    assert {*variants_of(list(SUITES))} == {*VARIANTS}


@pytest.mark.parametrize("name", [name for name, suite in SUITES.items() if suite.table])
def test_rows_stand_for_rows_of_the_paper(name: str) -> None:
    suite = SUITES[name]
    table = published(suite.table).drop_duplicates("row").set_index("row")
    assert {variant for variant, _ in suite.published} == {*suite.variants}
    for variant, row in suite.published:
        # The paper calls training on names of clusters unsupervised.
        supervision = VARIANTS[variant].supervision.replace("mapped", "unsupervised")
        assert table.loc[row, "supervision"] == supervision
        assert table.loc[row, "method"] == "Ours" or len(table) == len(suite.variants)


def test_the_rows_of_table_7_are_the_clusterings_that_they_name() -> None:
    methods = published(7).drop_duplicates("row")["method"].tolist()
    first = [method.split()[0].lower() for method in methods]
    assert first == ["kmeans", "agglomerative", "spectral", "separated", "integrated"]
    assert SUITES["table7"].variants == ("kmeans", "agglomerative", "spectral", "separated", "full")


def test_suites_are_asked_for_by_name_or_together() -> None:
    tables, figures = (
        [f"table{number}" for number in range(2, 9)],
        [f"figure{number}" for number in range(4, 8)],
    )
    assert suites_of(["paper"]) == [*tables, *figures] == list(GROUPS["paper"])
    assert variants_of(["table6", "table8"]).count("full") == 1
    # Figures show what tables have trained already.
    assert {*variants_of(figures)} <= {*variants_of(["table6", "table7"])}
    with pytest.raises(HcutalError, match=r"no suite 'table9'; there is table2, .*paper"):
        suites_of(["table9"])
