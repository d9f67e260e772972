"""The action ``update`` (protocol 2.4, 3.4, 3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator import custom_values, permitting
from ftrack_orm.emulator.changing import change
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.membership import replace_members
from ftrack_orm.emulator.references import read_columns
from ftrack_orm.emulator.schema_changes import is_schema_change, rename_object_type
from ftrack_orm.emulator.wire import EntityData, read_entity_data, read_key
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch


def update(batch: Batch, operation: JSONObject) -> JSONObject:
    """Change one entity; the answer holds what was sent and what followed from it."""
    named = batch.entity_type(operation.get("entity_type"))
    key = read_key(named, operation.get("entity_key"))
    sent = operation.get("entity_data")
    if custom_values.is_value_type(named.name):
        data = read_entity_data(batch.schema, named, sent)
        custom_values.store(batch, named.name, key, data)
        return batch.answer("update", named.name, key, data.sent)
    row = batch.get_visible(named.name, key)
    entity_type = batch.schema[row["__type__"]]
    data = read_entity_data(batch.schema, entity_type, sent)
    _refuse_immutable(batch, entity_type, data, row)
    columns = read_columns(batch, entity_type, data)
    permitting.check(batch, "update", entity_type.name, key, columns)
    if is_schema_change(entity_type.name, columns):
        rename_object_type(batch, row, columns["name"])
    changed = change(batch, entity_type.name, key, columns)
    permitting.check_changed(batch, entity_type.name, key, columns)
    if is_schema_change(entity_type.name, ("name",)):
        batch.refresh_types()
    for name, members in data.collections.items():
        replace_members(batch, entity_type, str(key[0]), name, members)
    names = [*data.sent, *(name for name in changed if name in entity_type.attributes)]
    return batch.answer("update", entity_type.name, key, names)


def _refuse_immutable(
    batch: Batch, entity_type: EntitySchema, data: EntityData, row: JSONObject
) -> None:
    """Refuse attributes that only the server sets, or that are set once.

    A key sent with its own value changes nothing and is let pass.
    """
    for name in data.sent:
        attribute = entity_type.attributes[name]
        if name in data.scalars and row.get(name) == data.scalars[name]:
            continue
        if (
            attribute.computed
            or attribute.immutable
            or is_virtual(batch, entity_type, name)
        ):
            raise Invalid(f'Attribute "{name}" on {entity_type.name} is immutable.')


def is_virtual(batch: Batch, entity_type: EntitySchema, name: str) -> bool:
    """Return whether the server works an attribute out instead of storing it."""
    attribute = entity_type.attributes[name]
    if attribute.is_relation:
        return False
    return not batch.storage.has_column(entity_type.name, name)
