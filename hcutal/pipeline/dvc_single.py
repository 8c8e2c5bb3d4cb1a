"""DVC on one stage, by its own command line: `python -m hcutal.pipeline.dvc_single repro --single-item STAGE`.

Of dvc.lock the entry of that stage alone is parsed, and dumped by DVC into the place of the old one (`lock_text`); the
new file takes the place of the old one at once, since others read it meanwhile. A file that is not as DVC writes it
is read and written by DVC itself, as is any in a version of DVC whose class for it has other members.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dvc import dvcfile
from dvc.cli import main as dvc_main
from dvc.stage.serialize import to_lockfile
from dvc.utils.serialize import dumps_yaml, parse_yaml

from hcutal.files import atomic_path
from hcutal.pipeline.dvc_reading import is_known, texts_of
from hcutal.pipeline.lock_text import HEAD


def one_entry(stage: str) -> type[Any]:
    """DVC's class for dvc.lock, of which it knows the entry of one stage."""

    class OneEntry(dvcfile.Lockfile):  # type: ignore[misc]
        def load(self, **kwargs: Any) -> Any:
            entries = texts_of(Path(self.path))
            if entries is None:
                return super().load(**kwargs)
            contents = parse_yaml(HEAD + entries[stage], self.path) if stage in entries else {"stages": {}}
            return self.validate({"schema": "2.0", **contents}, self.relpath)

        def dump_stages(self, stages: Sequence[Any], **kwargs: Any) -> None:
            entries = texts_of(Path(self.path))
            if entries is None:
                super().dump_stages(stages, **kwargs)
                return
            made = {each.name: _entry_text(to_lockfile(each, **kwargs)) for each in stages}
            if made.items() <= entries.items():
                return
            with atomic_path(self.path) as temporary:
                temporary.write_text(HEAD + "".join({**entries, **made}.values()), encoding="utf-8")
            self.repo.scm_context.track_file(self.relpath)

    return OneEntry


def _entry_text(entry: dict[str, Any]) -> str:
    return str(dumps_yaml({"schema": "2.0", "stages": entry})).removeprefix(HEAD)


def main(arguments: Sequence[str]) -> int:
    """Run DVC with arguments of which the last is a stage; its status."""
    if is_known():
        dvcfile.Lockfile = one_entry(arguments[-1])
    return int(dvc_main(list(arguments)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
