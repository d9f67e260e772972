"""``ftrack-orm migrate``: the group of its commands, each imported when it is run.

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 there are changes, 4 applied with
units left out, 5 refused before the first write, 6 locked, 7 stopped and resumable.
"""

from __future__ import annotations

from typing import Final

import click

from ftrack_orm.cli.exit_codes import RunGroup
from ftrack_orm.cli.group import LazyCommand, LazyGroup

_PLAN: Final = "ftrack_orm.cli.migrate_plan"
_RUN: Final = "ftrack_orm.cli.migrate_run"
_HISTORY: Final = "ftrack_orm.cli.migrate_history"
_FILES: Final = "ftrack_orm.cli.migrate_files"
_CHECK: Final = "ftrack_orm.cli.migrate_check"
_REHEARSE: Final = "ftrack_orm.cli.migrate_rehearse"

COMMANDS: Final = {
    "init": LazyCommand(
        _HISTORY, "cli", "Measure the server and create the history.", "init"
    ),
    "new": LazyCommand(
        _FILES, "cli", "Write the file of a new revision.", "new_revision"
    ),
    "freeze": LazyCommand(
        _FILES, "cli", "Put the models of a revision in its folder.", "freeze_revision"
    ),
    "lint": LazyCommand(
        _CHECK, "cli", "Show findings about the code of revisions.", "lint"
    ),
    "check": LazyCommand(
        _CHECK, "cli", "Check all revisions, for continuous integration.", "check"
    ),
    "rehearse": LazyCommand(
        _REHEARSE, "emulator", "Try revisions on an emulator.", "rehearse"
    ),
    "plan": LazyCommand(
        _PLAN, "cli", "Plan revisions or a tool; nothing is changed.", "plan_revisions"
    ),
    "show": LazyCommand(_PLAN, "cli", "Show the changes of a plan.", "show_plan"),
    "apply": LazyCommand(_RUN, "cli", "Write a plan to the server.", "apply_plan"),
    "resume": LazyCommand(
        _RUN, "cli", "Continue a run that was interrupted.", "resume_run"
    ),
    "undo": LazyCommand(
        _RUN, "cli", "Plan, or apply, the reverse of a run.", "undo_run"
    ),
    "verify": LazyCommand(
        _RUN, "cli", "Compare the values of a run with the server.", "verify_run"
    ),
    "status": LazyCommand(
        _HISTORY, "cli", "Show runs, revisions and the lock.", "status"
    ),
    "mark": LazyCommand(
        _HISTORY, "cli", "Record a revision as applied or pending.", "mark"
    ),
    "unlock": LazyCommand(
        _HISTORY, "cli", "Remove the lock of a run.", "unlock_server"
    ),
    "clean": LazyCommand(_FILES, "cli", "Delete old plans of this folder.", "clean"),
}


class MigrateGroup(RunGroup, LazyGroup):
    """The group of the commands of migrations."""


@click.group("migrate", cls=MigrateGroup, lazy_commands=COMMANDS)
def command() -> None:
    """Plan, apply, resume and undo changes of a production's data.

    Server, user and key are read from FTRACK_SERVER, FTRACK_API_USER and
    FTRACK_API_KEY.

    Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 there are changes, 4 applied but
    units were left out, 5 refused before the first write, 6 locked by another run,
    7 stopped and resumable.
    """
