"""DVC's push and pull of the stages that have run: `python -m hcutal.pipeline.dvc_sharing push --remote store`.

Given their names, DVC parses all of dvc.lock for each of them, which takes hours with 200 experiments. So it is given
none, and knows no others. In a version of DVC whose class for dvc.lock has other members it is given their names.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from dvc.cli import main as dvc_main
from dvc.utils.serialize import load_yaml

from hcutal.layout import LOCK
from hcutal.pipeline.dvc_reading import is_known, reading, texts_of


def main(arguments: Sequence[str]) -> int:
    """Run DVC with arguments for all stages that dvc.lock has; its status."""
    texts = texts_of(Path(LOCK))
    stages = load_yaml(LOCK)["stages"] if texts is None else texts
    targets = [] if is_known() else list(stages)
    with reading(stages.__contains__):
        return int(dvc_main([*arguments, *targets]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
