"""Apply a configuration in rounds, until the server is equal to the files."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.studio import StudioNotSettledError
from ftrack_orm.migrations.harvest import RECORD
from ftrack_orm.migrations.options import Outcome, RunOptions
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_store import store_plan
from ftrack_orm.migrations.runs import apply
from ftrack_orm.studio.model import Studio
from ftrack_orm.studio.planning import plan_studio
from ftrack_orm.studio.pull import pull_server

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

ROUNDS: Final = 3
"""Plans after which the server has to be equal; a new project schema needs two."""


@dataclass(frozen=True, slots=True)
class StudioOutcome:
    """The result of an apply.

    Attributes:
        runs: the outcome of each round; empty if nothing differed.
        changes: the number of changes that were written, without the records of
            the apply itself.
    """

    runs: tuple[Outcome, ...]
    changes: int


def apply_studio(
    session: Session,
    studio: Studio,
    *,
    overwrite_server: bool = False,
    accepts: Collection[str] = (),
    options: RunOptions | None = None,
    confirm: Callable[[Plan], object] = lambda plan: None,
    plans: Path | None = None,
) -> StudioOutcome:
    """Make the server equal to a configuration, and return the outcome.

    Each round plans, applies and reads again, because a server adds further rows to
    new objects. Objects that only the server has stay.

    Args:
        session: a session on the server; its history has to exist (`migrate init`).
        studio: the configuration, such as the result of `load_studio`.
        overwrite_server: whether to overwrite changes on the server too.
        accepts: codes of findings that only warn, as for `plan_studio`.
        options: the options of each run.
        confirm: called with each plan that has changes, before it is applied. To stop,
            it raises an exception.
        plans: the folder that keeps the plan of each round, for the resume of a run
            that is killed before the server has its plan; none is kept by default.

    Raises:
        StudioPlanError: the configuration cannot be applied.
        StudioNotSettledError: the server still differs after three rounds.
        RunError: a run did not end; its writes stay, and `migrate resume`
            continues it.
        TransportError, ServerError: a request failed.
    """
    runs: list[Outcome] = []
    changes = 0
    for _ in range(ROUNDS):
        with plan_studio(
            session, studio, overwrite_server=overwrite_server, accepts=accepts
        ) as plan:
            if not plan.changes:
                return StudioOutcome(tuple(runs), changes)
            confirm(plan)
            changes += _changes_of(plan)
            runs.append(_applied(session, plan, options, plans))
    server = pull_server(session)
    comparison = server.compare(studio)
    left = comparison.selected(overwrite_server=overwrite_server)
    if left:
        raise StudioNotSettledError(ROUNDS, [each.title for each in left])
    return StudioOutcome(tuple(runs), changes)


def _applied(
    session: Session, plan: Plan, options: RunOptions | None, folder: Path | None
) -> Outcome:
    if folder is None:
        return apply(session, plan, options=options)
    with PlanFile.open(store_plan(plan, folder, "studio")) as file:
        return apply(session, file, options=options)


def _changes_of(plan: Plan) -> int:
    return sum(each.count for each in plan.counts if each.subject != RECORD)
