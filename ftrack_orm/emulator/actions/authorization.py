"""The actions ``_authorize_operation``, ``permissions`` and ``compute_rollups``.

For the last two, sources show the shape of the result only (protocol 2.15 and 10, row
21).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from ftrack_orm.emulator.access.rights import Verb
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_READING = ("query", "search")
_VERBS = ("create", "update", "delete")


def authorize_operation(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return whether the caller may run an operation, by the rules of the operation.

    ``context`` is the entity for updates and deletes, and its future parent for
    creates. Without a context, return whether the caller may do it on any project.

    Raises:
        Invalid: an argument is missing or invalid.
    """
    data = _object(operation, "data")
    action = data.get("action")
    inner = data.get("data")
    entity_type = inner.get("entity_type") if isinstance(inner, Mapping) else None
    entity_schema = request.entity_schema(entity_type)
    if action not in (*_READING, *_VERBS):
        raise Invalid(f'"{action}" is not an operation on entities.')
    context = data.get("context")
    if context is None:
        return {"result": _is_allowed_anywhere(request, action, entity_schema.name)}
    if not isinstance(context, Mapping):
        raise Invalid("context must be an object or null.")
    context_schema = request.entity_schema(context.get("entity_type"))
    key = read_key(context_schema, context.get("entity_key"))
    row = request.find_visible(context_schema.name, *key)
    if row is None:
        return {"result": False}
    if action in _READING:
        return {"result": True}
    verb = cast("Verb", action)
    if verb != "create" and request.is_subtype(row["__type__"], entity_schema.name):
        return {
            "result": permission_checks.is_allowed(request, verb, row["__type__"], key)
        }
    row_permissions = request.row_permissions(row["__type__"], key)
    allowed = permission_checks.is_allowed_within(
        request, verb, entity_schema.name, row_permissions
    )
    return {"result": allowed}


def _is_allowed_anywhere(
    request: RequestContext, action: str, entity_type: str
) -> bool:
    if action in _READING:
        return True
    row_permissions = permission_checks.best_standing(request.access)
    verb = cast("Verb", action)
    return permission_checks.is_allowed_within(
        request, verb, entity_type, row_permissions
    )


def permissions(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return an empty object: no source shows its content."""
    return {"action": "permissions", "data": {}}


def compute_rollups(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return an empty list: no source shows the arguments or the content."""
    return {"data": []}


def _object(operation: JSONObject, name: str) -> JSONObject:
    value = operation.get(name)
    if not isinstance(value, dict):
        raise Invalid(f"{operation.get('action')} needs an object as {name}.")
    return value
