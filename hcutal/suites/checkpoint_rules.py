"""Rules by which the state of a training is chosen that a table shows.

- `last`: the state that training ends with.
- `label-free`: of the states that were kept, the one that `hcutal.model.criteria` chooses.
- `oracle`: the one with the highest average mAP on the test recordings. No choice that anybody could make without the
  labels of the test: what it is above the others is what a choice could win at most.
"""

from collections.abc import Sequence

from hcutal.errors import HcutalError

LAST, LABEL_FREE, ORACLE = "last", "label-free", "oracle"
RULES = (LAST, LABEL_FREE, ORACLE)
# States that the experiments keep where a rule other than the last one is asked for.
STATES = 8
# What is said below a table.
NOTES = {
    ORACLE: "oracle: the state with the highest average mAP on the test recordings, chosen with their labels; "
    "no result that a method without labels has."
}


def rules_of(text: str) -> tuple[str, ...]:
    """The rules in a list with commas, each once, in the order of `RULES`.

    Raises:
        HcutalError: for a name that is no rule.

    >>> rules_of("oracle,last")
    ('last', 'oracle')
    """
    asked = [part.strip() for part in text.split(",")]
    for name in asked:
        if name not in RULES:
            raise HcutalError(
                f"--rules: found {name!r}; expected some of {', '.join(RULES)}, as in last,oracle"
            )
    return tuple(rule for rule in RULES if rule in asked)


def needs_states(rules: Sequence[str]) -> bool:
    """Whether a rule chooses among states that were kept.

    >>> needs_states(["last"]), needs_states(["last", "oracle"])
    (False, True)
    """
    return any(rule != LAST for rule in rules)
