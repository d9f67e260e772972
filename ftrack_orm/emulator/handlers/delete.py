"""The action ``delete`` (protocol 2.5, 6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator import cascade
from ftrack_orm.emulator.errors import EntityNotFound, Invalid
from ftrack_orm.emulator.schema_changes import refuse_schema_change
from ftrack_orm.emulator.tables import is_dense
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject, Reference

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch


def delete(batch: Batch, operation: JSONObject) -> JSONObject:
    """Delete one entity and what goes with it; the result is ``true``."""
    entity_type = batch.entity_type(operation.get("entity_type"))
    if is_dense(entity_type.name):
        raise Invalid(f"{entity_type.name} cannot be deleted.")
    refuse_schema_change(entity_type.name)
    key = read_key(entity_type, operation.get("entity_key"))
    row = batch.find(entity_type.name, *key)
    if row is not None:
        cascade.remove(batch, row["__type__"], key)
    # PY deletes metadata that the owner's new list has removed a moment before.
    elif Reference(entity_type.name, key) not in batch.removed:
        raise EntityNotFound(entity_type.name, key)
    return {"action": "delete", "data": True}
