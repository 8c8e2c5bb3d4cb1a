"""What the name in a command may be: an experiment, `watch`, or one of its runs, `watch.0`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hcutal.errors import HcutalError
from hcutal.layout import is_run, run_name, split_run

if TYPE_CHECKING:
    from hcutal.params.document import Document


def check_names(names: Iterable[str], document: "Document") -> None:
    """Raise `HcutalError` with what there is for a name that is no experiment of params.yaml, and no run of one."""
    known = document.experiments
    for name in names:
        experiment = split_run(name)[0] if is_run(name) else name
        if experiment not in known:
            raise HcutalError(f"no experiment {experiment!r} in params.yaml; there is {', '.join(known)}")
        if is_run(name) and split_run(name)[1] not in known[experiment].seeds:
            seeds = ", ".join(map(str, known[experiment].seeds))
            raise HcutalError(
                f"no run {name!r}: the seeds of {experiment} in params.yaml are {seeds}; "
                f"hcutal run {experiment} --seeds sets them"
            )


def first_run(name: str, document: "Document") -> str:
    """The run itself, or that of an experiment's first seed."""
    return name if is_run(name) else run_name(name, document.experiments[name].seeds[0])
