"""What every command line of the package shares: an error of the user is one line, and exit status 1."""

import atexit
import errno
import gc
from typing import Any

import click

from hcutal.errors import HcutalError

# What a machine refuses: no defect of ours, and nothing that we can mend.
OUTSIDE = {errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EDQUOT}

# What torch and pandas brought is not searched for cycles when a process ends, which takes up to half a second.
atexit.register(gc.freeze)


class Guarded:
    """Put before a class of click: bad input becomes a message in the place of a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; `HcutalError` ends it with its message."""
        try:
            return super().invoke(context)  # type: ignore[misc]
        except HcutalError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno not in OUTSIDE:
                raise
            raise click.ClickException(f"{error.filename or 'a file'}: {error.strerror}") from error


class Command(Guarded, click.Command):
    """A command that stands alone: `@click.command(cls=Command)`."""


class CommandGroup(Guarded, click.Group):
    """A command with commands of its own."""
