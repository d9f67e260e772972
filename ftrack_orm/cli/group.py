"""The group of commands; a command is imported when it is run.

The module of a command exports `command`. Its further dependencies are those of an
extra, which the error message names if one is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import click

from ftrack_orm.errors.root import FtrackError


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command that is not imported yet.

    Attributes:
        module: module that exports `command`.
        extra: extra of ``ftrack-orm`` that the command needs.
        summary: the line in the list of commands.
    """

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
    "migrate": LazyCommand(
        "ftrack_orm.cli.migrate",
        "cli",
        "Plan, apply, resume and undo changes of data.",
    ),
    "snapshot": LazyCommand(
        "ftrack_orm.cli.snapshot",
        "emulator",
        "Copy projects of a server into a file for an emulator.",
    ),
    "studio": LazyCommand(
        "ftrack_orm.cli.studio",
        "migrate",
        "Keep the configuration of a studio in files.",
    ),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, for help and completion."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, ``None`` if there is none.

        Raises:
            ClickException: a dependency of the command is not installed.
        """
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
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.summary) for name, command in sorted(COMMANDS.items())]
            )

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; print a `FtrackError` without a traceback."""
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
