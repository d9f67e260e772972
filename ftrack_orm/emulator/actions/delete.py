"""The action ``delete`` (protocol 2.5, 6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import EntityNotFound, Invalid
from ftrack_orm.emulator.rules import cascade, permission_checks
from ftrack_orm.emulator.rules.schema_changes import check_unused, is_schema_change
from ftrack_orm.emulator.rules.threads import refresh_thread
from ftrack_orm.emulator.storage.tables import is_dense
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import EntityKey, JSONObject, Reference

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def delete(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Delete one entity with its dependent entities; the result is ``true``."""
    entity_schema = request.entity_schema(operation.get("entity_type"))
    if is_dense(entity_schema.name):
        raise Invalid(f"{entity_schema.name} cannot be deleted.")
    key = read_key(entity_schema, operation.get("entity_key"))
    row = request.find_visible(entity_schema.name, *key)
    if row is not None:
        permission_checks.check(request, "delete", row["__type__"], key)
        _remove(request, row, key)
    # PY also deletes metadata that an earlier operation of the request removed, by the
    # owner's new list.
    elif Reference(entity_schema.name, key) not in request.removed:
        raise EntityNotFound(entity_schema.name, key)
    return {"action": "delete", "data": True}


def _remove(request: RequestContext, row: JSONObject, key: EntityKey) -> None:
    if is_schema_change(row["__type__"]):
        check_unused(request, row)
    cascade.remove(request, row["__type__"], key)
    if row["__type__"] == "Note":
        refresh_thread(request, row["in_reply_to_id"])
    if is_schema_change(row["__type__"]):
        request.refresh_types()
