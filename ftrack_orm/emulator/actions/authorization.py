"""The actions ``_authorize_operation``, ``permissions`` and ``compute_rollups``.

Of the last two only the shape of the answer is known (protocol 2.15; 10, question 21).
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
    """Return whether the caller may do something, by the rules that hold when it does.

    ``context`` is the entity itself for updates and deletes, and where it is to be
    for creates; without one it is asked whether the caller may do it anywhere.

    Raises:
        Invalid: an argument is missing or is not what it must be.
    """
    data = _object(operation, "data")
    action = data.get("action")
    inner = data.get("data")
    named = inner.get("entity_type") if isinstance(inner, Mapping) else None
    kind = request.entity_type(named)
    if action not in (*_READING, *_VERBS):
        raise Invalid(f'"{action}" is not an operation on entities.')
    context = data.get("context")
    if context is None:
        return {"result": _is_allowed_anywhere(request, action, kind.name)}
    if not isinstance(context, Mapping):
        raise Invalid("context must be an object or null.")
    where = request.entity_type(context.get("entity_type"))
    key = read_key(where, context.get("entity_key"))
    row = request.find_visible(where.name, *key)
    if row is None:
        return {"result": False}
    if action in _READING:
        return {"result": True}
    verb = cast("Verb", action)
    if verb != "create" and request.is_kind(row["__type__"], kind.name):
        return {
            "result": permission_checks.is_allowed(request, verb, row["__type__"], key)
        }
    standing = request.standing(row["__type__"], key)
    allowed = permission_checks.is_allowed_within(request, verb, kind.name, standing)
    return {"result": allowed}


def _is_allowed_anywhere(
    request: RequestContext, action: str, entity_type: str
) -> bool:
    if action in _READING:
        return True
    standing = permission_checks.best_standing(request.access)
    verb = cast("Verb", action)
    return permission_checks.is_allowed_within(request, verb, entity_type, standing)


def permissions(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return an empty object: what it holds is not known."""
    return {"action": "permissions", "data": {}}


def compute_rollups(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return an empty list: neither what is asked nor what is answered is known."""
    return {"data": []}


def _object(operation: JSONObject, name: str) -> JSONObject:
    value = operation.get(name)
    if not isinstance(value, dict):
        raise Invalid(f"{operation.get('action')} needs an object as {name}.")
    return value
