"""Whether a user sees the rows of a plan that another user has made.

A server leaves out rows that a user may not read. A run would take such a row for one
that is deleted already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.migration_runs import PlanRefusedError
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.operations import Query
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.literals import encode_literal

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

_ALL_PROJECTS: Final = "is_all_projects"


def roles_query(api_user: str) -> Query:
    """Return the query for the roles of a user, with their names."""
    paths = map(ast.PathExpression.of, ("security_role.name", _ALL_PROJECTS))
    user = ast.PathExpression.of("user.username")
    criteria = ast.Comparison(user, "is", encode_literal(api_user))
    return Query(
        compile_query(ast.Query("UserSecurityRole", tuple(paths), criteria=criteria))
    )


def sees_all_projects(roles: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a user with these roles sees the rows of all projects."""
    return any(role.get(_ALL_PROJECTS) for role in roles)


def require_sight(
    client: RunClient, file: PlanFile, history: History, run: str
) -> None:
    """Check that the user sees the same rows as the user of the plan.

    Sends a request if they are not the same, and none otherwise.

    Raises:
        PlanRefusedError: the user has no role on all projects, and another user has
            made the plan, or the runs that it undoes.
    """
    undone = file.meta("undo_of") or ()
    users = [(history.run(str(each)) or {}).get("user") for each in undone]
    users += [file.meta("api_user"), (history.run(run) or {}).get("user")]
    others = [str(user) for user in users if user is not None]
    user = client.session.api_user
    # A transport of another package may not tell the user.
    if not user or not others or user in others:
        return
    if sees_all_projects(client.rows(roles_query(user).expression)):
        return
    advice = (
        f"Undo it as {others[0]}, or as a user with such a role."
        if undone
        else f"Plan it as {user}, or apply it as a user with such a role."
    )
    raise PlanRefusedError(
        f"{user} has no role on all projects, so that rows which {others[0]} has seen "
        "may be hidden, and would count as deleted",
        advice,
    )
