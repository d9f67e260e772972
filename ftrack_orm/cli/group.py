"""The group of commands; each is imported when it is run, not before.

A command stands in a module of its own that exports `command`. What it needs beyond
the command line comes with an extra, which the message names when it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import click

from ftrack_orm.errors.root import FtrackError


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is to be found, and what help says of it until then."""

    module: str
    extra: str
    summary: str


COMMANDS: Final = {
    "emulator": LazyCommand(
        "ftrack_orm.cli.emulate",
        "emulator",
        "Run an ftrack server with made-up data.",
    ),
    "generate": LazyCommand(
        "ftrack_orm.cli.generate",
        "codegen",
        "Write typed models of every entity type of a server.",
    ),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, for help and for completion."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or ``None``."""
        lazy = COMMANDS.get(cmd_name)
        if lazy is None:
            return None
        try:
            command = import_module(lazy.module).command
        except ModuleNotFoundError as error:
            raise click.ClickException(_missing(cmd_name, lazy, error)) from error
        if not isinstance(command, click.Command):
            raise TypeError(f"{lazy.module}.command is not a click command")
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(n, c.summary) for n, c in sorted(COMMANDS.items())])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours is told without a traceback."""
        try:
            return super().invoke(ctx)
        except FtrackError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup)
@click.version_option(package_name="ftrack-orm")
def group() -> None:
    """The typed way to talk to ftrack."""


def _missing(name: str, lazy: LazyCommand, error: ModuleNotFoundError) -> str:
    return (
        f"`ftrack-orm {name}` is not installed: {error.name} is missing. "
        f"Install it with: pip install 'ftrack-orm[{lazy.extra}]'"
    )
