"""The exit codes of commands that plan and run changes."""

from __future__ import annotations

from typing import Any, Final

import click

from ftrack_orm.errors.migration_runs import RunError
from ftrack_orm.errors.migrations import PlanEditedError
from ftrack_orm.errors.planning import ValueKindError
from ftrack_orm.errors.revisions import PreconditionError
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.studio import StudioPlanError

_REFUSED: Final = 5
_REFUSALS: Final = (
    PlanEditedError,
    PreconditionError,
    StudioPlanError,
    ValueKindError,
)
"""Errors before the first write, of a plan that does not fit the server."""


def exit_code_of(error: FtrackError) -> int:
    """Return the exit code for an error."""
    if isinstance(error, RunError):
        return error.exit_code
    return _REFUSED if isinstance(error, _REFUSALS) else 1


class RunGroup(click.Group):
    """A group whose commands fail with the exit codes of runs."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; print an error of the package and set its exit code."""
        try:
            return super().invoke(ctx)
        except FtrackError as error:
            click.echo(f"Error: {error}", err=True)
            raise click.exceptions.Exit(exit_code_of(error)) from error
