"""Stage `parameters`: params.yaml, checked and merged, becomes resolved.yaml, which the other stages read."""

import sys
from io import StringIO

from ruamel.yaml import YAML

from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.params.document import PARAMS, load, resolve
from hcutal.params.section import RESOLVED

HEADER = "# Made from params.yaml by the stage `parameters`: edit params.yaml instead.\n"


def run() -> None:
    """Write resolved.yaml with sorted keys: the same values give the same bytes."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    stream = StringIO()
    yaml.dump(resolve(load(PARAMS)), stream)
    with atomic_path(RESOLVED) as temporary:
        temporary.write_text(HEADER + stream.getvalue())


if __name__ == "__main__":
    try:
        run()
    except HcutalError as error:
        sys.exit(f"error: {error}")
