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
    """Change one entity; the answer holds what was sent and what followed from it."""
    named = request.entity_type(operation.get("entity_type"))
    key = read_key(named, operation.get("entity_key"))
    sent = operation.get("entity_data")
    if custom_values.is_value_type(named.name):
        data = read_entity_data(request.schema, named, sent)
        custom_values.store(request, named.name, key, data)
        return request.answer("update", named.name, key, data.sent)
    row = request.get_visible(named.name, key)
    entity_type = request.schema[row["__type__"]]
    data = read_entity_data(request.schema, entity_type, sent)
    _refuse_immutable(request, entity_type, data, row)
    columns = read_columns(request, entity_type, data)
    permission_checks.check(request, "update", entity_type.name, key, columns)
    if is_schema_change(entity_type.name, columns):
        rename_object_type(request, row, columns["name"])
    changed = change(request, entity_type.name, key, columns)
    permission_checks.check_changed(request, entity_type.name, key, columns)
    if is_schema_change(entity_type.name, ("name",)):
        request.refresh_types()
    for name, members in data.collections.items():
        replace_members(request, entity_type, str(key[0]), name, members)
    names = [*data.sent, *(name for name in changed if name in entity_type.attributes)]
    return request.answer("update", entity_type.name, key, names)


def _refuse_immutable(
    request: RequestContext,
    entity_type: EntitySchema,
    data: EntityData,
    row: JSONObject,
) -> None:
    """Refuse attributes that only the server sets, or that are set once.

    What is sent with the value it has changes nothing and is let pass.
    """
    for name in data.sent:
        attribute = entity_type.attributes[name]
        names: tuple[str, ...] = (name,)
        if attribute.kind is AttributeKind.LINK:
            names = link_columns(request.storage.relations, entity_type, name)
            reference = data.links[name]
            key = (None,) * len(names) if reference is None else reference.key
            if key == tuple(row.get(each) for each in names):
                continue
        elif name in data.scalars and row.get(name) == data.scalars[name]:
            continue
        if is_virtual(request, entity_type, name) or any(
            _is_fixed(request, entity_type, each) for each in (name, *names)
        ):
            raise Invalid(f'Attribute "{name}" on {entity_type.name} is immutable.')


def _is_fixed(request: RequestContext, entity_type: EntitySchema, name: str) -> bool:
    attribute = entity_type.attributes.get(name)
    if attribute is None:
        return False  # the key of a status' state is no attribute
    kinds = request.schema.bases(entity_type.name)
    says_type = any(name in DISCRIMINATORS.get(kind.name, ()) for kind in kinds)
    return attribute.computed or attribute.immutable or says_type


def is_virtual(request: RequestContext, entity_type: EntitySchema, name: str) -> bool:
    """Return whether the server works an attribute out instead of storing it."""
    attribute = entity_type.attributes[name]
    if attribute.is_relation:
        return False
    return not request.storage.has_column(entity_type.name, name)
