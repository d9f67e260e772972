"""The action ``search`` (protocol 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.actions.query import answer_query, read_expression
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.query_engine.search import Search
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def search(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the rows of an expression that all terms are found in, page by page.

    Every term has to be part of the entity's name or of one on its path, whatever
    its case; no character of it means anything else. Assumed, for want of a source:
    a context that is not there holds nothing, and an empty list of object types
    leaves none out.
    """
    query = read_expression("search", operation)
    entity_type = request.entity_type(operation.get("entity_type"))
    wanted = Search(
        terms=_texts("terms", operation.get("terms")),
        context_id=_context_id(operation.get("context_id")),
        object_type_ids=_texts(
            "object_type_ids", operation.get("object_type_ids") or []
        ),
    )
    selected = request.entity_type(query.entity_type)
    if not request.is_kind(selected.name, entity_type.name):
        raise Invalid(
            f"The expression selects {selected.name}, which is no {entity_type.name}."
        )
    return answer_query(request, "search", query, wanted.conditions)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(f"search needs a list of texts as {name}.")
    return tuple(value)


def _context_id(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Invalid("search needs an id as context_id, or null.")
