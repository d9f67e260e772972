"""Check that a plan changes the entities of some projects only (FM111)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.cli.snapshot_scopes import PROJECT_ROWS, ProjectRows
from ftrack_orm.migrations.dependents import row_reference
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.planned_change import PlannedChange, PlannedUnit
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.literals import encode_literal

if TYPE_CHECKING:
    from ftrack_orm.schema.model import Schema
    from ftrack_orm.session.session import Session

_PAGE: Final = 200
_EXAMPLES: Final = 3
_LINK: Final = "CustomAttributeLink"
_PLACES: Final = (
    "project_id",
    "parent_id",
    "context_id",
    "asset_id",
    "version_id",
    "component_id",
    "note_id",
    "list_id",
    "from_id",
    "review_session_id",
    "calendar_event_id",
)
"""Attributes that place an entity in the project of another."""


def lint_projects(
    plan: Plan, session: Session, schema: Schema, projects: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield a finding if a plan changes entities outside some projects.

    Sends one request for some hundred units, and one more for those of links.

    Args:
        plan: the plan.
        session: a session on the plan's server.
        schema: the schema of the server.
        projects: the ids of the projects by name.
    """
    titles = _outside(plan, session, schema, list(projects.values()))
    examples = list(itertools.islice(titles, _EXAMPLES))
    count = len(examples) + sum(1 for _ in titles)
    if count:
        more = ", …" if count > len(examples) else ""
        yield Finding(
            "FM111",
            "stop",
            f"{count:,} units change entities outside of {' and '.join(projects)}: "
            f"{', '.join(examples)}{more}. Select by the project, as in "
            '.where(Task.project.name == "bunny"), or name theirs with --project.',
        )


def _outside(
    plan: Plan, session: Session, schema: Schema, project_ids: Sequence[str]
) -> Iterator[str]:
    """Yield the titles of the units that change other entities."""
    created: set[str] = set()
    for page in _pages(plan.units()):
        changes = [change for unit in page for change in unit.changes]
        created.update(
            str(change.key[0]) for change in changes if change.action == "create"
        )
        owners = _link_owners(session, schema, changes)
        needs = {
            unit.number: [
                need for each in unit.changes for need in _needs(each, owners)
            ]
            for unit in page
        }
        ids = {part for each in needs.values() for need in each for part in need}
        inside = created | _inside(session, schema, ids - created, project_ids)
        yield from (
            unit.title
            for unit in page
            if not all(inside.intersection(need) for need in needs[unit.number])
        )


def _pages(units: Iterable[PlannedUnit]) -> Iterator[list[PlannedUnit]]:
    iterator = iter(units)
    while page := list(itertools.islice(iterator, _PAGE)):
        yield page


def _needs(change: PlannedChange, owners: Mapping[str, str]) -> Iterator[set[str]]:
    """Yield sets of ids, of each of which one has to be in a project."""
    if change.action == "create":
        # The new id itself shows nothing.
        yield _placed(change.after)
        return
    keys = set(map(str, change.key))
    yield keys.union(owners[key] for key in keys if key in owners)
    if change.attribute in _PLACES and isinstance(change.after, str):
        yield {change.after}


def _placed(values: object) -> set[str]:
    """Return the ids that place an entity with these values."""
    known = values if isinstance(values, dict) else {}
    return {str(known[name]) for name in _PLACES if known.get(name) is not None}


def _link_owners(
    session: Session, schema: Schema, changes: Iterable[PlannedChange]
) -> dict[str, str]:
    """Return the entities that changed custom attribute links lead from, by link.

    No path leads from a link to a project, as its ends are entities of any type.
    """
    ids = sorted(
        str(change.key[0])
        for change in changes
        if change.action != "create"
        and row_reference(change.reference).entity_type == _LINK
    )
    if not ids or _LINK not in schema:
        return {}
    projections = tuple(map(ast.PathExpression.of, ("id", "from_id")))
    query = ast.Query(_LINK, projections, criteria=_membership("id", ids))
    [rows] = session._core.fetch_rows([compile_query(query)])
    return {row["id"]: row["from_id"] for row in rows}


def _inside(
    session: Session, schema: Schema, ids: set[str], project_ids: Sequence[str]
) -> set[str]:
    """Return the ids of the entities that belong to the projects, of any type."""
    scopes = [
        scope
        for scope in PROJECT_ROWS
        if scope.entity_type in schema
        and tuple(schema[scope.entity_type].primary_key) == ("id",)
    ]
    if not ids or not scopes:
        return set()
    texts = [_expression(scope, sorted(ids), project_ids) for scope in scopes]
    found = session._core.fetch_rows(texts)
    return {row["id"] for rows in found for row in rows}


def _expression(
    scope: ProjectRows, ids: Sequence[str], project_ids: Sequence[str]
) -> str:
    paths: list[ast.Criteria] = [_membership(path, project_ids) for path in scope.paths]
    place = paths[0] if len(paths) == 1 else ast.Or(tuple(paths))
    return compile_query(
        ast.Query(
            scope.entity_type,
            (ast.PathExpression.of("id"),),
            criteria=ast.And((_membership("id", ids), place)),
        )
    )


def _membership(path: str, values: Sequence[str]) -> ast.Membership:
    return ast.Membership(
        ast.PathExpression.of(path), tuple(map(encode_literal, values))
    )
