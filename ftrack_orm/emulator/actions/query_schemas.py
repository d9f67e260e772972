"""The action ``query_schemas`` (protocol 2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def query_schemas(request: RequestContext, operation: JSONObject) -> list[JSONObject]:
    """Return the schemas of all types, as a list without an object around it."""
    return request.schema.to_json()
