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
    from ftrack_orm.emulator.request import Batch

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


def create(batch: Batch, operation: JSONObject) -> JSONObject:
    """Create one entity; the answer holds what was sent and what the server filled."""
    entity_type = batch.entity_type(operation.get("entity_type"))
    if entity_type.name in ABSTRACT or custom_values.is_prefixed(entity_type.name):
        raise Invalid(f"{entity_type.name} cannot be created.")
    permission_checks.check_kind(batch, entity_type.name)
    data = read_entity_data(batch.schema, entity_type, operation.get("entity_data", {}))
    _refuse_virtual(batch, entity_type, data)
    values = read_columns(batch, entity_type, data)
    _add_key(entity_type, operation, values)
    if custom_values.is_value_type(entity_type.name):
        key = custom_values.create(batch, entity_type, values)
    else:
        key = _insert(batch, entity_type, values)
    permission_checks.check_created(batch, entity_type.name, key)
    for name, members in data.collections.items():
        replace_members(batch, entity_type, str(key[0]), name, members)
    filled = (
        name
        for name, value in values.items()
        if value is not None and name in entity_type.attributes
    )
    return batch.answer("create", entity_type.name, key, [*data.sent, *filled])


def _insert(batch: Batch, entity_type: EntitySchema, values: JSONObject) -> EntityKey:
    fill(batch, entity_type, values)
    missing = [name for name in entity_type.primary_key if values.get(name) is None]
    if missing:
        raise Invalid(
            f'Missing required attribute "{missing[0]}" on entity {entity_type.name}.'
        )
    key = batch.key_of(entity_type.name, values)
    check_new_key(batch, entity_type, key)
    check_unique(batch, entity_type, values)
    if is_schema_change(entity_type.name):
        check_object_type(batch, values)
    batch.insert(entity_type.name, values)
    if is_schema_change(entity_type.name):
        batch.refresh_types()
    batch.later.append(lambda later: check_required(later, entity_type, key))
    if entity_type.name == "Note":
        _after_note(batch, values)
    elif entity_type.name == "NoteLabelLink":
        _after_label(batch, values)
    return key


def _refuse_virtual(batch: Batch, entity_type: EntitySchema, data: EntityData) -> None:
    for name in data.sent:
        if entity_type.attributes[name].computed or is_virtual(
            batch, entity_type, name
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


def _after_note(batch: Batch, note: JSONObject) -> None:
    """Tell the thread, and make the calling user a recipient (protocol 6.1).

    The recipient waits for the end of the request: PY sends the recipients it was
    given in the same one, as a full list, and the caller may be among them.
    """
    refresh_thread(batch, note.get("in_reply_to_id"))
    batch.later.append(lambda later: _add_caller(later, note["id"]))


def _after_label(batch: Batch, link: JSONObject) -> None:
    """Make a category that is given as a label the category of the note.

    Newer clients label notes where older ones set their category, and a test of the
    official Python client reads it back as the category.
    """
    note = batch.find("Note", link["note_id"])
    category = batch.find("NoteCategory", link["label_id"])
    if note is not None and category is not None and note["category_id"] is None:
        batch.set("Note", (note["id"],), {"category_id": category["id"]})


def _add_caller(batch: Batch, note_id: str) -> None:
    key = (note_id, batch.user_id)
    if batch.find("Note", note_id) is None or batch.find("Recipient", *key):
        return
    batch.insert("Recipient", {"note_id": note_id, "resource_id": batch.user_id})
