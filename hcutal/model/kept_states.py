"""States of a training that are kept for a choice afterwards: on disk a model each, and a table of label-free numbers.

A folder holds `states.csv` (a row a state) and, for each, a folder with the model and its pseudo-labels, as training
itself leaves them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from torch import Tensor

from hcutal.errors import HcutalError
from hcutal.layout import STATES_TABLE
from hcutal.model.criteria import Criteria
from hcutal.tables import read_table, write_table

NAMES = [field.name for field in fields(Criteria)]
COLUMNS = {"step": int, **dict.fromkeys(NAMES, float)}


@dataclass(frozen=True)
class KeptState:
    """A training after some steps of joint training.

    Attributes:
        step: how many.
        network: a copy of all that the network holds, on the CPU.
        assignment: [N, K], of the pieces to clusters (with supervision weak: their labels), on the CPU.
        criteria: what is said of it without labels.
    """

    step: int
    network: Mapping[str, Tensor]
    assignment: Tensor
    criteria: Criteria


def kept_steps(steps: int, count: int) -> list[int]:
    """After which of so many steps a state is kept: evenly, the last among them; fewer where there are fewer steps.

    >>> kept_steps(600, 4), kept_steps(10, 3), kept_steps(2, 8), kept_steps(600, 0)
    ([150, 300, 450, 600], [4, 7, 10], [1, 2], [])
    """
    return sorted({-(-steps * number // count) for number in range(1, count + 1)})


def write_states(folder: Path, states: Sequence[KeptState]) -> None:
    """Write the table of the states."""
    rows = [{"step": state.step, **asdict(state.criteria)} for state in states]
    write_table(folder / STATES_TABLE, rows, list(COLUMNS))


def read_states(folder: Path) -> dict[int, Criteria]:
    """What is said of each state that was kept, by step, rising.

    Raises:
        HcutalError: when the table is missing or malformed, or a step stands there twice.
    """
    path = folder / STATES_TABLE
    table = read_table(path, COLUMNS)
    if not table["step"].is_monotonic_increasing or table["step"].duplicated().any():
        raise HcutalError(f"{path}: steps are {table['step'].tolist()}; expected them rising")
    return {int(step): Criteria(*values) for step, *values in table.itertuples(index=False, name=None)}
