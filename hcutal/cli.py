"""The command `hcutal`. A command is a module of `hcutal.commands`, imported when it is asked for."""

import importlib

import click

from hcutal.entry import CommandGroup

# In the order of the help. What a command needs is imported inside of it, so that `--help` is quick.
COMMANDS = {
    "new": "hcutal.commands.new",
    "doctor": "hcutal.commands.doctor",
    "run": "hcutal.commands.run",
    "localize": "hcutal.commands.localize",
    "label": "hcutal.commands.label",
    "names": "hcutal.commands.names",
    "teach": "hcutal.commands.teach",
    "compare": "hcutal.commands.compare",
    "evaluate": "hcutal.commands.evaluate",
    "params": "hcutal.commands.params",
    "ui": "hcutal.commands.ui",
    "share": "hcutal.commands.share",
    "import": "hcutal.commands.import_",
    "convert": "hcutal.commands.convert",
    "join-tables": "hcutal.commands.join_tables",
    "split-poses": "hcutal.commands.split_poses",
    "extract": "hcutal.commands.extract",
    "weights": "hcutal.commands.weights",
    "upgrade": "hcutal.commands.upgrade",
}


class Commands(CommandGroup):
    """Commands by name, in the order of `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command; its `command` is the command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=Commands)
@click.version_option(package_name="hcutal")
def main() -> None:
    """Find actions in untrimmed recordings without labels. Run this in the project's folder."""


if __name__ == "__main__":
    main()
