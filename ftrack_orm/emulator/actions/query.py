"""The action ``query`` (protocol 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.query_engine.parser import parse_query
from ftrack_orm.query import ast
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.query_engine.evaluator import RowFilter
    from ftrack_orm.emulator.request import RequestContext


def query(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the rows of an expression and where the next page begins."""
    return answer_query(request, "query", read_expression("query", operation))


def read_expression(action: str, operation: JSONObject) -> ast.Query:
    """Return the expression of an operation, parsed.

    Raises:
        Invalid: there is none.
        QuerySyntaxError: it is no expression.
    """
    expression = operation.get("expression")
    if not isinstance(expression, str):
        raise Invalid(f"{action} needs an expression.")
    return parse_query(expression)


def answer_query(
    request: RequestContext,
    action: str,
    query: ast.Query,
    row_filter: RowFilter | None = None,
) -> JSONObject:
    """Return the rows of a query that also meet the conditions of `row_filter`."""
    _check_strict(request, query)
    rows, next_offset = request.reader.query(
        request.connection, query, request.encoder, row_filter, request.access
    )
    return {
        "action": action,
        "data": rows,
        "metadata": {"next": {"offset": next_offset}},
    }


def _check_strict(request: RequestContext, query: ast.Query) -> None:
    """Refuse aggregates to clients that do not ask for a strict API (protocol 1.2)."""
    is_aggregate = query.group_by or any(
        isinstance(projection, ast.Aggregate) for projection in query.projections
    )
    if is_aggregate and not request.options.strict:
        raise Invalid(
            'Aggregates and "group by" need the request header "ftrack-strict-api: '
            'true".'
        )
