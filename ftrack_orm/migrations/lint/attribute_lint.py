"""Find custom attributes that a plan sets and that no one can see (FM204)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.planned_change import Missing
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

_ROW: Final = "CustomAttributeValue"
_ROLES: Final = ("read_security_roles", "write_security_roles")


def lint_attributes(plan: Plan, session: Session) -> Iterator[Finding]:
    """Yield a finding for each custom attribute that has no role.

    Reads the configurations of the attributes that the plan sets, with one request.

    Args:
        plan: the plan.
        session: a session on the plan's server.
    """
    ids = sorted(_configurations(plan))
    if not ids:
        return
    for row in session._core.fetch_rows([_expression(ids)])[0]:
        lacking = [name.partition("_")[0] for name in _ROLES if not row.get(name)]
        if lacking:
            settings = " and ".join(f'{name} = ["*"]' for name in lacking)
            yield Finding(
                "FM204",
                "warn",
                f"{row['key']} has no {' and no '.join(lacking)} role, so the web "
                f"interface does not show it. Add {settings} in studio/attribute.toml.",
            )


def _configurations(plan: Plan) -> set[str]:
    """Return the ids of the configurations whose values are set."""
    return {
        str(change.key[0])
        for unit in plan.units()
        for change in unit.changes
        if change.entity_type.endswith(_ROW) and not isinstance(change.after, Missing)
    }


def _expression(ids: list[str]) -> str:
    criteria = keyed(("id",), [(each,) for each in ids])
    names = ("key", *(f"{name}.name" for name in _ROLES))
    projections = tuple(map(ast.PathExpression.of, names))
    query = ast.Query("CustomAttributeConfiguration", projections, criteria=criteria)
    return compile_query(query)
