"""The action ``reset_remote``, formerly ``reset`` (protocol 2.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_PREFIX: Final = 8
"""Characters of a global key that its row shows."""


def reset_remote(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Give a user, or a global API key, a new key and return it.

    The old one is worth nothing from now on, and no login that began with it. A
    global key is made when none is named: the documentation lets ``entity_data`` have
    its ``identifier``; that the prefix is the beginning of the key is assumed.

    Raises:
        Invalid: anything but a key is to be reset.
        EntityNotFound: there is no such user or key.
        PermissionDenied: it is not the caller's own, and the caller no administrator.
    """
    kind = request.entity_type(operation.get("entity_type"))
    reset_type = operation.get("reset_type")
    if kind.name not in ("User", "ApiKey") or reset_type != "api_key":
        raise Invalid(f'"{reset_type}" of {kind.name} cannot be reset.')
    if kind.name == "User":
        key = read_key(kind, operation.get("entity_key"))
        made = _reset_user(request, key)
    else:
        permission_checks.check_administrator(request, "reset global API keys")
        made = _reset_global(request, operation)
    return {"action": str(operation["action"]), "data": {"api_key": made}}


def _reset_user(request: RequestContext, key: EntityKey) -> str:
    if key != (request.user_id,) or request.access.is_read_only:
        permission_checks.check_administrator(request, "reset the key of another user")
    request.get("User", key)
    made = request.ids()
    request.set("User", key, {"api_key": made})
    return made


def _reset_global(request: RequestContext, operation: JSONObject) -> str:
    kind = request.schema["ApiKey"]
    made = request.ids()
    values = {"secret": made, "prefix": made[:_PREFIX]}
    if operation.get("entity_key") is not None:
        key = read_key(kind, operation["entity_key"])
        request.get(kind.name, key)
        request.set(kind.name, key, values)
        return made
    data = operation.get("entity_data")
    identifier = data.get("identifier") if isinstance(data, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise Invalid("A new API key needs an identifier in entity_data.")
    row = {"id": request.ids(), "identifier": identifier, **values}
    request.insert(kind.name, row)
    return made
