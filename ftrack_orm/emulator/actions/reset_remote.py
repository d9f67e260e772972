"""The action ``reset_remote``, formerly ``reset`` (protocol 2.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.known_keys import remember
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_PREFIX: Final = 8
"""Number of characters of a global key that its row shows."""


def reset_remote(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Replace the API key of a user, or a global API key; return the new key.

    The old key becomes invalid, with all logins that used it. Without ``entity_key`` a
    new global key is created, whose ``identifier`` is in ``entity_data``, as the
    documentation shows. It is an assumption that a key's prefix is its beginning.

    Raises:
        Invalid: the operation resets something other than a key.
        EntityNotFound: there is no such user or key.
        PermissionDenied: it is not the caller's key, and the caller is no
            administrator.
    """
    entity_schema = request.entity_schema(operation.get("entity_type"))
    reset_type = operation.get("reset_type")
    if entity_schema.name not in ("User", "ApiKey") or reset_type != "api_key":
        raise Invalid(f'"{reset_type}" of {entity_schema.name} cannot be reset.')
    if entity_schema.name == "User":
        key = read_key(entity_schema, operation.get("entity_key"))
        api_key = _reset_user(request, key)
    else:
        permission_checks.check_administrator(request, "reset global API keys")
        api_key = _reset_global(request, operation)
    remember(api_key)
    return {"action": str(operation["action"]), "data": {"api_key": api_key}}


def _reset_user(request: RequestContext, key: EntityKey) -> str:
    if key != (request.user_id,) or request.access.is_read_only:
        # This also raises for callers with read-only access.
        permission_checks.check_administrator(request, "reset the key of another user")
    request.get("User", key)
    api_key = request.ids()
    request.set("User", key, {"api_key": api_key})
    return api_key


def _reset_global(request: RequestContext, operation: JSONObject) -> str:
    entity_schema = request.schema["ApiKey"]
    api_key = request.ids()
    values = {"secret": api_key, "prefix": api_key[:_PREFIX]}
    if operation.get("entity_key") is not None:
        key = read_key(entity_schema, operation["entity_key"])
        request.get(entity_schema.name, key)
        request.set(entity_schema.name, key, values)
        return api_key
    data = operation.get("entity_data")
    identifier = data.get("identifier") if isinstance(data, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise Invalid("A new API key needs an identifier in entity_data.")
    row = {"id": request.ids(), "identifier": identifier, **values}
    request.insert(entity_schema.name, row)
    return api_key
