"""The action ``create`` (protocol 2.3, 6.1, 6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.actions.update import is_virtual
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import custom_values, permission_checks
from ftrack_orm.emulator.rules.checks import check_new_key, check_required, check_unique
from ftrack_orm.emulator.rules.defaults import fill
from ftrack_orm.emulator.rules.membership import replace_members
from ftrack_orm.emulator.rules.references import read_columns
from ftrack_orm.emulator.rules.schema_changes import (
    check_object_type,
    fill_object_type,
    is_schema_change,
)
from ftrack_orm.emulator.rules.threads import refresh_thread
from ftrack_orm.emulator.stock.project_schemas import FIRST_OBJECT_TYPES
from ftrack_orm.emulator.stock.workflow import OBJECT_TYPES
from ftrack_orm.emulator.wire import EntityData, read_entity_data, read_key
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

ABSTRACT: Final = frozenset(
    {
        "BaseUser",
        "Context",
        "CustomAttributeLink",
        "CustomAttributeLinkFrom",
        "CustomConfigurationBase",
        "List",
        "Resource",
        "StatusChange",
        "StatusRuleGroup",
        "TypedContext",
    }
)
"""Base types, of which no entity can be created (protocol 6.2)."""


_OBJECT_TYPE_LINK: Final = "ProjectSchemaObjectType"


def create(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Create one entity; return it with the sent and the server-filled attributes."""
    entity_schema = request.entity_schema(operation.get("entity_type"))
    if entity_schema.name in ABSTRACT or custom_values.is_prefixed(entity_schema.name):
        raise Invalid(f"{entity_schema.name} cannot be created.")
    permission_checks.check_creatable(request, entity_schema.name)
    data = read_entity_data(
        request.schema,
        entity_schema,
        operation.get("entity_data", {}),
        ignore_unknown=request.ignore_unknown_attributes,
    )
    _refuse_virtual(request, entity_schema, data)
    values = read_columns(request, entity_schema, data)
    _add_key(entity_schema, operation, values)
    if custom_values.is_value_type(entity_schema.name):
        key = custom_values.create(request, entity_schema, values)
    else:
        key = _insert(request, entity_schema, values)
    permission_checks.check_created(request, entity_schema.name, key)
    if entity_schema.name == "ProjectSchema" and "object_types" not in data.collections:
        # Later operations of the request may link the object types themselves.
        request.before_commit.append(lambda context: _add_object_types(context, key))
    for name, members in data.collections.items():
        replace_members(request, entity_schema, str(key[0]), name, members)
    filled_names = (
        name
        for name, value in values.items()
        if value is not None and name in entity_schema.attributes
    )
    result = request.entity_result(
        "create", entity_schema.name, key, [*data.names, *filled_names]
    )
    data.echo_moments(result["data"])
    return result


def _insert(
    request: RequestContext, entity_schema: EntitySchema, values: JSONObject
) -> EntityKey:
    if is_schema_change(entity_schema.name):
        fill_object_type(request, values)
    fill(request, entity_schema, values)
    missing = [name for name in entity_schema.primary_key if values.get(name) is None]
    if missing:
        raise Invalid(
            f'Missing required attribute "{missing[0]}" on entity {entity_schema.name}.'
        )
    key = request.key_of(entity_schema.name, values)
    check_new_key(request, entity_schema, key)
    check_unique(request, entity_schema, values)
    if is_schema_change(entity_schema.name):
        check_object_type(request, values)
    request.insert(entity_schema.name, values)
    if is_schema_change(entity_schema.name):
        request.refresh_types()
    # Later operations of the request may still set the required attributes.
    request.before_commit.append(
        lambda context: check_required(context, entity_schema, key)
    )
    if entity_schema.name == "Note":
        _after_note(request, values)
    elif entity_schema.name == "NoteLabelLink":
        _after_label(request, values)
    return key


def _refuse_virtual(
    request: RequestContext, entity_schema: EntitySchema, data: EntityData
) -> None:
    for name in data.names:
        if entity_schema.attributes[name].computed or is_virtual(
            request, entity_schema, name
        ):
            raise Invalid(f'Attribute "{name}" on {entity_schema.name} is computed.')


def _add_key(
    entity_schema: EntitySchema, operation: JSONObject, values: JSONObject
) -> None:
    """Add the values of ``entity_key`` that ``entity_data`` does not have.

    Raises:
        Invalid: the two have different values.
    """
    if operation.get("entity_key") is None:
        return
    key = read_key(entity_schema, operation["entity_key"])
    for name, value in zip(entity_schema.primary_key, key, strict=True):
        if values.setdefault(name, value) != value:
            raise Invalid(f"entity_key and entity_data differ in {name}.")


def _after_note(request: RequestContext, note: JSONObject) -> None:
    """Update the thread, and add the calling user as a recipient (protocol 6.1)."""
    # PY sends the full list of recipients in the same request, and the caller may be
    # among them, so the caller is added at the end of the request.
    refresh_thread(request, note.get("in_reply_to_id"))
    request.before_commit.append(lambda context: _add_caller(context, note["id"]))


def _after_label(request: RequestContext, link: JSONObject) -> None:
    """Set the note's category if the label is a category."""
    # Newer clients add a label where older ones set the category, and a test of the
    # official Python client reads the label as the category.
    note = request.find("Note", link["note_id"])
    category = request.find("NoteCategory", link["label_id"])
    if note is not None and category is not None and note["category_id"] is None:
        request.set("Note", (note["id"],), {"category_id": category["id"]})


def _add_object_types(request: RequestContext, key: EntityKey) -> None:
    """Link a new project schema to the object types that every one has."""
    if request.find("ProjectSchema", *key) is None:
        return
    ids = {kind.name: kind.id for kind in OBJECT_TYPES}
    for name in FIRST_OBJECT_TYPES:
        link = {"object_type_id": ids[name], "project_schema_id": key[0]}
        link_key = request.key_of(_OBJECT_TYPE_LINK, link)
        is_there = request.find("ObjectType", ids[name]) is not None
        if is_there and request.find(_OBJECT_TYPE_LINK, *link_key) is None:
            request.insert(_OBJECT_TYPE_LINK, link)


def _add_caller(request: RequestContext, note_id: str) -> None:
    key = (note_id, request.user_id)
    # A later operation of the request may have removed the note or added the caller.
    if request.find("Note", note_id) is None or request.find("Recipient", *key):
        return
    request.insert("Recipient", {"note_id": note_id, "resource_id": request.user_id})
