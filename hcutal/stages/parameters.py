"""Stage `parameters`: params.yaml, checked and merged, becomes resolved.json, which the other stages read."""

import sys

from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.params.document import PARAMS, load, resolve
from hcutal.params.section import RESOLVED


def run() -> None:
    """Write resolved.json: the same values give the same bytes."""
    write_json(RESOLVED, resolve(load(PARAMS)))


if __name__ == "__main__":
    try:
        run()
    except HcutalError as error:
        sys.exit(f"error: {error}")
