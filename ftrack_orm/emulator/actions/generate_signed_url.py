"""The action ``generate_signed_url`` (protocol 2.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def generate_signed_url(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return an address of a component's file that needs no API key.

    Sources show the result only; the argument ``component_id`` is a guess.

    Raises:
        EntityNotFound: there is no such component.
    """
    key = read_key(request.schema["Component"], operation.get("component_id"))
    request.get_visible("Component", key)
    return {"signed_url": request.encoder.sign("get", str(key[0]))}
