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
from ftrack_orm.emulator.rules.schema_changes import check_object_type, is_schema_change
from ftrack_orm.emulator.rules.threads import refresh_thread
from ftrack_orm.emulator.wire import EntityData, read_entity_data, read_key
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

ABSTRACT: Final = frozenset(
    {
        "BaseUser",
        "Component",
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
"""Types that entities are read as, never created as (protocol 6.2)."""


def create(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Create one entity; the answer holds what was sent and what the server filled."""
    entity_type = request.entity_type(operation.get("entity_type"))
    if entity_type.name in ABSTRACT or custom_values.is_prefixed(entity_type.name):
        raise Invalid(f"{entity_type.name} cannot be created.")
    permission_checks.check_creatable(request, entity_type.name)
    data = read_entity_data(
        request.schema, entity_type, operation.get("entity_data", {})
    )
    _refuse_virtual(request, entity_type, data)
    values = read_columns(request, entity_type, data)
    _add_key(entity_type, operation, values)
    if custom_values.is_value_type(entity_type.name):
        key = custom_values.create(request, entity_type, values)
    else:
        key = _insert(request, entity_type, values)
    permission_checks.check_created(request, entity_type.name, key)
    for name, members in data.collections.items():
        replace_members(request, entity_type, str(key[0]), name, members)
    filled = (
        name
        for name, value in values.items()
        if value is not None and name in entity_type.attributes
    )
    return request.answer("create", entity_type.name, key, [*data.sent, *filled])


def _insert(
    request: RequestContext, entity_type: EntitySchema, values: JSONObject
) -> EntityKey:
    fill(request, entity_type, values)
    missing = [name for name in entity_type.primary_key if values.get(name) is None]
    if missing:
        raise Invalid(
            f'Missing required attribute "{missing[0]}" on entity {entity_type.name}.'
        )
    key = request.key_of(entity_type.name, values)
    check_new_key(request, entity_type, key)
    check_unique(request, entity_type, values)
    if is_schema_change(entity_type.name):
        check_object_type(request, values)
    request.insert(entity_type.name, values)
    if is_schema_change(entity_type.name):
        request.refresh_types()
    request.later.append(lambda later: check_required(later, entity_type, key))
    if entity_type.name == "Note":
        _after_note(request, values)
    elif entity_type.name == "NoteLabelLink":
        _after_label(request, values)
    return key


def _refuse_virtual(
    request: RequestContext, entity_type: EntitySchema, data: EntityData
) -> None:
    for name in data.sent:
        if entity_type.attributes[name].computed or is_virtual(
            request, entity_type, name
        ):
            raise Invalid(f'Attribute "{name}" on {entity_type.name} is computed.')


def _add_key(
    entity_type: EntitySchema, operation: JSONObject, values: JSONObject
) -> None:
    """Take the key from ``entity_key`` where ``entity_data`` leaves it out."""
    if operation.get("entity_key") is None:
        return
    key = read_key(entity_type, operation["entity_key"])
    for name, value in zip(entity_type.primary_key, key, strict=True):
        if values.setdefault(name, value) != value:
            raise Invalid(f"entity_key and entity_data differ in {name}.")


def _after_note(request: RequestContext, note: JSONObject) -> None:
    """Tell the thread, and make the calling user a recipient (protocol 6.1).

    The recipient waits for the end of the request: PY sends the recipients it was
    given in the same one, as a full list, and the caller may be among them.
    """
    refresh_thread(request, note.get("in_reply_to_id"))
    request.later.append(lambda later: _add_caller(later, note["id"]))


def _after_label(request: RequestContext, link: JSONObject) -> None:
    """Make a category that is given as a label the category of the note.

    Newer clients label notes where older ones set their category, and a test of the
    official Python client reads it back as the category.
    """
    note = request.find("Note", link["note_id"])
    category = request.find("NoteCategory", link["label_id"])
    if note is not None and category is not None and note["category_id"] is None:
        request.set("Note", (note["id"],), {"category_id": category["id"]})


def _add_caller(request: RequestContext, note_id: str) -> None:
    key = (note_id, request.user_id)
    if request.find("Note", note_id) is None or request.find("Recipient", *key):
        return
    request.insert("Recipient", {"note_id": note_id, "resource_id": request.user_id})
