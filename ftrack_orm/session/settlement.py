"""Whether a commit whose answer was lost has been applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ftrack_orm.operations import Create, Delete
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.session.lazy import keyed
from ftrack_orm.types import EntityKey
from ftrack_orm.unit_of_work.plan import FlushPlan

Rows = Callable[[list[str]], list[list[dict[str, Any]]]]
"""Expressions to their rows, asked in one request."""

KeyNames = Callable[[str], tuple[str, ...]]
"""Entity types to the names of their keys."""


def was_applied(plan: FlushPlan, key_names: KeyNames, rows_of: Rows) -> bool | None:
    """Ask the server whether it has applied `plan`; ``None`` when nothing can tell.

    A batch is applied whole or not at all (protocol 1.7), so one of its operations
    tells for all: a key made by this client is there, or what was deleted is gone. A
    row whose key others could make as well counts when it holds what was sent. Of a
    plan of updates alone nothing is asked: sending it again leads to the same place.
    """
    created = [step for step in plan.operations if isinstance(step, Create)]
    own = next((step for step in created if len(step.entity_key or ()) == 1), None)
    if own is not None:
        return bool(_rows(own, (), key_names, rows_of))
    deleted = [step for step in plan.operations if isinstance(step, Delete)]
    if deleted:
        return not _rows(deleted[0], (), key_names, rows_of)
    shared = next((step for step in created if step.entity_key), None)
    return None if shared is None else _holds(shared, key_names, rows_of)


def _holds(step: Create, key_names: KeyNames, rows_of: Rows) -> bool:
    texts = {
        name: value
        for name, value in step.entity_data.items()
        if isinstance(value, str)
    }
    rows = _rows(step, tuple(texts), key_names, rows_of)
    return any(all(row.get(name) == texts[name] for name in texts) for row in rows)


def _rows(
    step: Create | Delete,
    values: Sequence[str],
    key_names: KeyNames,
    rows_of: Rows,
) -> list[dict[str, Any]]:
    names = key_names(step.entity_type)
    key: EntityKey = step.entity_key or ()
    query = ast.Query(
        step.entity_type,
        tuple(ast.PathExpression.of(name) for name in dict.fromkeys((*names, *values))),
        criteria=keyed(names, [key]),
        limit=1,
    )
    return rows_of([compile_query(query)])[0]
