"""The group of commands; a command is imported when it is run.

The further dependencies of a command are those of an extra, which the error message
names if one is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import click

from ftrack_orm.errors.root import FtrackError


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command that is not imported yet.

    Attributes:
        module: the module of the command.
        extra: extra of ``ftrack-orm`` that the command needs.
        summary: the line in the list of commands.
        name: the name of the command in the module.
    """

    module: str
    extra: str
    summary: str
    name: str = "command"


class LazyGroup(click.Group):
    """A group that imports a command when it is run."""

    def __init__(
        self,
        *args: Any,
        lazy_commands: Mapping[str, LazyCommand],
        **options: Any,
    ) -> None:
        """Create the group.

        Args:
            *args: those of `click.Group`.
            lazy_commands: the commands by name, in the order of the list.
            **options: those of `click.Group`.
        """
        super().__init__(*args, **options)
        self.lazy_commands = lazy_commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, for help and completion."""
        return list(self.lazy_commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, ``None`` if there is none.

        Raises:
            ClickException: a dependency of the command is not installed.
        """
        lazy = self.lazy_commands.get(cmd_name)
        if lazy is None:
            return None
        try:
            module = import_module(lazy.module)
        except ModuleNotFoundError as error:
            path = f"{ctx.command_path} {cmd_name}"
            raise click.ClickException(_missing(path, lazy, error)) from error
        command = getattr(module, lazy.name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{lazy.module}.{lazy.name} is not a click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return name, command and further arguments.

        Raises:
            NoSuchCommand: there is no such command; the message offers similar ones.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.summary) for name, each in self.lazy_commands.items()]
            )


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


class _MainGroup(LazyGroup):
    """The group of all commands."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; print a `FtrackError` without a traceback."""
        try:
            return super().invoke(ctx)
        except FtrackError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_MainGroup, lazy_commands=COMMANDS)
@click.version_option(package_name="ftrack-orm")
def group() -> None:
    """The typed way to talk to ftrack."""


def _missing(path: str, lazy: LazyCommand, error: ModuleNotFoundError) -> str:
    return (
        f"`{path}` is not installed: {error.name} is missing. "
        f"Install it with: pip install 'ftrack-orm[{lazy.extra}]'"
    )
