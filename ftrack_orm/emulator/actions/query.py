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
    """Return the rows of an expression and the offset of the next page."""
    return query_result(request, "query", read_expression("query", operation))


def read_expression(action: str, operation: JSONObject) -> ast.Query:
    """Return the parsed expression of an operation.

    Raises:
        Invalid: the operation has no expression.
        QuerySyntaxError: the expression does not follow the grammar.
    """
    expression = operation.get("expression")
    if not isinstance(expression, str):
        raise Invalid(f"{action} needs an expression.")
    return parse_query(expression)


def query_result(
    request: RequestContext,
    action: str,
    query: ast.Query,
    row_filter: RowFilter | None = None,
) -> JSONObject:
    """Return the result of a query, limited to rows that meet `row_filter`."""
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
    """Raise `Invalid` for aggregates without a strict API (protocol 1.2)."""
    is_aggregate = query.group_by or any(
        isinstance(projection, ast.Aggregate) for projection in query.projections
    )
    if is_aggregate and not request.options.strict:
        raise Invalid(
            'Aggregates and "group by" need the request header "ftrack-strict-api: '
            'true".'
        )
