"""The action ``reset_remote`` (protocol 2.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch


def reset_remote(batch: Batch, operation: JSONObject) -> JSONObject:
    """Give a user a new API key and return it; the old one is worth nothing now.

    Raises:
        Invalid: anything but the key of a user is to be reset.
        EntityNotFound: there is no such user.
    """
    kind = batch.entity_type(operation.get("entity_type"))
    reset_type = operation.get("reset_type")
    if kind.name != "User" or reset_type != "api_key":
        raise Invalid(f'"{reset_type}" of {kind.name} cannot be reset.')
    key = read_key(kind, operation.get("entity_key"))
    batch.get("User", key)
    made = batch.ids()
    batch.set("User", key, {"api_key": made})
    return {"action": "reset_remote", "data": {"api_key": made}}
