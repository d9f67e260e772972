"""The action ``search`` (protocol 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.actions.query import query_result, read_expression
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.query_engine.search import Search
from ftrack_orm.query import ast
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def search(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the rows of an expression that contain all terms, page by page.

    Each term must be part of the entity's name or of a name on its path; case is
    ignored, and a term has no wildcards. Without an expression the rows have the
    default attributes of the type. Two cases are assumptions: a search in a
    context that does not exist finds nothing, and an empty list of object types selects
    all of them.

    Raises:
        Invalid: an argument is missing or invalid, or the expression selects another
            type.
        QuerySyntaxError: the expression does not follow the grammar.
    """
    entity_schema = request.entity_schema(operation.get("entity_type"))
    if operation.get("expression") is None:
        # The JavaScript client's types allow it (protocol D).
        query = ast.Query(entity_schema.name)
    else:
        query = read_expression("search", operation)
    parameters = Search(
        terms=_texts("terms", operation.get("terms")),
        context_id=_context_id(operation.get("context_id")),
        object_type_ids=_texts(
            "object_type_ids", operation.get("object_type_ids") or []
        ),
    )
    selected_schema = request.entity_schema(query.entity_type)
    if not request.is_subtype(selected_schema.name, entity_schema.name):
        raise Invalid(
            f"The expression selects {selected_schema.name}, "
            f"which is no {entity_schema.name}."
        )
    return query_result(request, "search", query, parameters.conditions)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Invalid(f"search needs a list of texts as {name}.")
    return tuple(value)


def _context_id(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Invalid("search needs an id as context_id, or null.")
