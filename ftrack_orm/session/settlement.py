"""Whether a commit whose answer was lost has been applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ftrack_orm.operations import Create, Delete, Update
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.session.lazy import keyed
from ftrack_orm.types import EntityKey
from ftrack_orm.unit_of_work.plan import FlushPlan

Rows = Callable[[list[str]], list[list[dict[str, Any]]]]
"""Expressions to their rows, asked in one request."""


def was_applied(
    plan: FlushPlan, key_names: Callable[[str], tuple[str, ...]], rows_of: Rows
) -> bool:
    """Ask the server whether it has applied `plan`.

    A batch is applied whole or not at all (protocol 1.7), so one of its creates or
    deletes tells for all: a created key is there, a deleted one is gone. A plan of
    updates alone counts as not applied: sending it again leads to the same place.
    """
    created = [step for step in plan.operations if isinstance(step, Create)]
    if created:
        told = next((step for step in created if step.entity_key), None)
        return told is not None and _exists(told, key_names, rows_of)
    deleted = [step for step in plan.operations if isinstance(step, Delete)]
    return bool(deleted) and not _exists(deleted[0], key_names, rows_of)


def _exists(
    step: Create | Update | Delete,
    key_names: Callable[[str], tuple[str, ...]],
    rows_of: Rows,
) -> bool:
    names = key_names(step.entity_type)
    keys: Iterable[EntityKey] = [step.entity_key or ()]
    query = ast.Query(
        step.entity_type,
        tuple(ast.PathExpression.of(name) for name in names),
        criteria=keyed(names, list(keys)),
        limit=1,
    )
    return bool(rows_of([compile_query(query)])[0])
