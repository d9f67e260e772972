"""The action ``update`` (protocol 2.4, 3.4, 3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import custom_values, permission_checks
from ftrack_orm.emulator.rules.defaults import DISCRIMINATORS
from ftrack_orm.emulator.rules.membership import replace_members
from ftrack_orm.emulator.rules.references import link_columns, read_columns
from ftrack_orm.emulator.rules.schema_changes import (
    is_schema_change,
    rename_object_type,
)
from ftrack_orm.emulator.rules.updates import change
from ftrack_orm.emulator.wire import EntityData, read_entity_data, read_key
from ftrack_orm.schema.model import AttributeKind, EntitySchema
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def update(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Change one entity; return it with the sent and the changed attributes."""
    requested_schema = request.entity_schema(operation.get("entity_type"))
    key = read_key(requested_schema, operation.get("entity_key"))
    entity_data = operation.get("entity_data")
    if custom_values.is_value_type(requested_schema.name):
        data = read_entity_data(request.schema, requested_schema, entity_data)
        custom_values.store(request, requested_schema.name, key, data)
        result = request.entity_result("update", requested_schema.name, key, data.names)
        data.echo_moments(result["data"])
        return result
    row = request.get_visible(requested_schema.name, key)
    # The operation may name a base type, which lacks attributes of the concrete one.
    entity_schema = request.schema[row["__type__"]]
    data = read_entity_data(request.schema, entity_schema, entity_data)
    _refuse_immutable(request, entity_schema, data, row)
    columns = read_columns(request, entity_schema, data)
    permission_checks.check(request, "update", entity_schema.name, key, columns)
    if is_schema_change(entity_schema.name, columns):
        rename_object_type(request, row, columns["name"])
    changed_names = change(request, entity_schema.name, key, columns)
    permission_checks.check_changed(request, entity_schema.name, key, columns)
    if is_schema_change(entity_schema.name, ("name",)):
        request.refresh_types()
    for name, members in data.collections.items():
        replace_members(request, entity_schema, str(key[0]), name, members)
    # `changed_names` includes columns of hidden links, which are no attributes.
    names = [
        *data.names,
        *(name for name in changed_names if name in entity_schema.attributes),
    ]
    result = request.entity_result("update", entity_schema.name, key, names)
    data.echo_moments(result["data"])
    return result


def _refuse_immutable(
    request: RequestContext,
    entity_schema: EntitySchema,
    data: EntityData,
    row: JSONObject,
) -> None:
    """Raise `Invalid` for attributes that the update may not change.

    A value that is equal to the stored one passes.
    """
    for name in data.names:
        attribute = entity_schema.attributes[name]
        names: tuple[str, ...] = (name,)
        if attribute.kind is AttributeKind.LINK:
            names = link_columns(request.storage.relations, entity_schema, name)
            reference = data.links[name]
            key = (None,) * len(names) if reference is None else reference.key
            if key == tuple(row.get(part) for part in names):
                continue
        elif name in data.scalars and row.get(name) == data.scalars[name]:
            continue
        if is_virtual(request, entity_schema, name) or any(
            _is_fixed(request, entity_schema, part) for part in (name, *names)
        ):
            raise Invalid(f'Attribute "{name}" on {entity_schema.name} is immutable.')


def _is_fixed(request: RequestContext, entity_schema: EntitySchema, name: str) -> bool:
    attribute = entity_schema.attributes.get(name)
    if attribute is None:
        return False  # the key of a status' state is no attribute
    bases = request.storage.tables.bases(entity_schema.name)
    is_fixed_by_type = any(name in DISCRIMINATORS.get(base, ()) for base in bases)
    return attribute.computed or attribute.immutable or is_fixed_by_type


def is_virtual(request: RequestContext, entity_schema: EntitySchema, name: str) -> bool:
    """Return whether the server computes an attribute instead of storing it."""
    attribute = entity_schema.attributes[name]
    if attribute.is_relation:
        return False
    return not request.storage.has_column(entity_schema.name, name)
