"""The action ``query`` (protocol 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.parser import parse_query
from ftrack_orm.query import ast
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch


def query(batch: Batch, operation: JSONObject) -> JSONObject:
    """Return the rows of an expression and where the next page begins."""
    expression = operation.get("expression")
    if not isinstance(expression, str):
        raise Invalid("query needs an expression.")
    parsed = parse_query(expression)
    _check_strict(batch, parsed)
    rows, next_offset = batch.reader.query(batch.connection, parsed, batch.encoder)
    return {
        "action": "query",
        "data": rows,
        "metadata": {"next": {"offset": next_offset}},
    }


def _check_strict(batch: Batch, query: ast.Query) -> None:
    """Refuse aggregates to clients that do not ask for a strict API (protocol 1.2)."""
    is_aggregate = query.group_by or any(
        isinstance(projection, ast.Aggregate) for projection in query.projections
    )
    if is_aggregate and not batch.options.strict:
        raise Invalid(
            'Aggregates and "group by" need the request header "ftrack-strict-api: '
            'true".'
        )
