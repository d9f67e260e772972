"""``ftrack-orm migrate``: the group of its commands, each imported when it is run.

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 there are changes, 4 applied with
units left out, 5 refused before the first write, 6 locked, 7 stopped and resumable.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import click

from ftrack_orm.errors.migration_runs import RunError
from ftrack_orm.errors.migrations import PlanEditedError
from ftrack_orm.errors.planning import ValueKindError
from ftrack_orm.errors.revisions import PreconditionError
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.studio import StudioPlanError

_PLAN: Final = "ftrack_orm.cli.migrate_plan"
_RUN: Final = "ftrack_orm.cli.migrate_run"
_HISTORY: Final = "ftrack_orm.cli.migrate_history"
_FILES: Final = "ftrack_orm.cli.migrate_files"
_CHECK: Final = "ftrack_orm.cli.migrate_check"
_REHEARSE: Final = "ftrack_orm.cli.migrate_rehearse"

COMMANDS: Final = {
    "init": (_HISTORY, "init", "Measure the server and create the history."),
    "new": (_FILES, "new_revision", "Write the file of a new revision."),
    "freeze": (
        _FILES,
        "freeze_revision",
        "Put the models of a revision in its folder.",
    ),
    "lint": (_CHECK, "lint", "Show findings about the code of revisions."),
    "check": (_CHECK, "check", "Check all revisions, for continuous integration."),
    "rehearse": (_REHEARSE, "rehearse", "Try revisions on an emulator."),
    "plan": (_PLAN, "plan_revisions", "Plan revisions or a tool; nothing is changed."),
    "show": (_PLAN, "show_plan", "Show the changes of a plan."),
    "apply": (_RUN, "apply_plan", "Write a plan to the server."),
    "resume": (_RUN, "resume_run", "Continue a run that was interrupted."),
    "undo": (_RUN, "undo_run", "Plan, or apply, the reverse of a run."),
    "verify": (_RUN, "verify_run", "Compare the values of a run with the server."),
    "status": (_HISTORY, "status", "Show runs, revisions and the lock."),
    "mark": (_HISTORY, "mark", "Record a revision as applied or pending."),
    "unlock": (_HISTORY, "unlock_server", "Remove the lock of a run."),
    "clean": (_FILES, "clean", "Delete old plans of this folder."),
}
"""The commands: module, name in the module, and the line in the list of commands."""

_REFUSED: Final = 5
_REFUSALS: Final = (
    PlanEditedError,
    PreconditionError,
    StudioPlanError,
    ValueKindError,
)
"""Errors before the first write, of a plan that does not fit the server."""


class MigrateGroup(click.Group):
    """A group that imports a command when it is run, and has more exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, ``None`` if there is none."""
        found = COMMANDS.get(cmd_name)
        if found is None:
            return None
        module, name, _ = found
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{name} is not a click command")
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, line) for name, (_, _, line) in COMMANDS.items()]
            )

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; print an error of the package and set its exit code."""
        try:
            return super().invoke(ctx)
        except FtrackError as error:
            click.echo(f"Error: {error}", err=True)
            raise click.exceptions.Exit(exit_code_of(error)) from error


def exit_code_of(error: FtrackError) -> int:
    """Return the exit code for an error."""
    if isinstance(error, RunError):
        return error.exit_code
    return _REFUSED if isinstance(error, _REFUSALS) else 1


@click.group("migrate", cls=MigrateGroup)
def command() -> None:
    """Plan, apply, resume and undo changes of a production's data.

    Server, user and key are read from FTRACK_SERVER, FTRACK_API_USER and
    FTRACK_API_KEY.

    Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 there are changes, 4 applied but
    units were left out, 5 refused before the first write, 6 locked by another run,
    7 stopped and resumable.
    """
