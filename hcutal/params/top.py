"""How many snippets make the score of a class: l of equation (9)."""

from hcutal.params.section import OneOf, param


class TopParams(OneOf):
    """l of equation (9): a part of the snippets, or a number of them."""

    part: int | None = param(
        None,
        "l = T // n, n",
        "One snippet in so many, at least one: larger numbers average fewer and surer ones.",
        source="code: 5",
        ge=1,
    )
    count: int | None = param(
        None,
        "l",
        "So many snippets, or all where there are fewer, however long the recording is.",
        source="§ 3.2.2: 5",
        ge=1,
    )
