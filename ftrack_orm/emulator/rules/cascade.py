"""What goes with an entity when it is deleted (protocol 6.4).

Three things can happen to rows that name the deleted one: they belong to it and go
too (`OWNED`, `ATTACHED`), they merely mention it and forget it, or they cannot be
without it, and then the delete is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import BrokenReference
from ftrack_orm.emulator.rules.associations import forget_members
from ftrack_orm.emulator.storing.tables import is_dense
from ftrack_orm.types import EntityKey, JSONObject, KeyValue

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch

OWNED: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "Asset": (("AssetVersion", "asset_id"),),
    "AssetVersion": (
        ("Component", "version_id"),
        ("AssetVersionLink", "from_id"),
        ("AssetVersionLink", "to_id"),
        ("ReviewSessionObject", "version_id"),
    ),
    "CalendarEvent": (("CalendarEventResource", "calendar_event_id"),),
    "Component": (
        ("Component", "container_id"),
        ("ComponentLocation", "component_id"),
        ("JobComponent", "component_id"),
        ("NoteComponent", "component_id"),
        ("ReviewSessionObjectAnnotationComponent", "component_id"),
        ("SettingComponent", "component_id"),
    ),
    "Context": (
        ("TypedContext", "parent_id"),
        ("Asset", "context_id"),
        ("Appointment", "context_id"),
        ("Manager", "context_id"),
        ("Timelog", "context_id"),
        ("Timer", "context_id"),
        ("TypedContextLink", "from_id"),
        ("TypedContextLink", "to_id"),
        ("SplitTaskPart", "task_id"),
    ),
    "CustomAttributeConfiguration": (("CustomAttributeValue", "configuration_id"),),
    "CustomAttributeLinkConfiguration": (("CustomAttributeLink", "configuration_id"),),
    "Dashboard": (
        ("DashboardResource", "dashboard_id"),
        ("DashboardWidget", "dashboard_id"),
    ),
    "Event": (("Feed", "social_id"),),
    "Group": (("Membership", "group_id"),),
    "Job": (("JobComponent", "job_id"),),
    "List": (("ListObject", "list_id"),),
    "Location": (("ComponentLocation", "location_id"),),
    "Note": (
        ("Note", "in_reply_to_id"),
        ("NoteComponent", "note_id"),
        ("NoteLabelLink", "note_id"),
        ("Recipient", "note_id"),
    ),
    "NoteLabel": (("NoteLabelLink", "label_id"),),
    "ObjectType": (
        ("CustomConfigurationBase", "object_type_id"),
        ("ProjectSchemaObjectType", "object_type_id"),
        ("Schema", "type_id"),
        ("TypedContextStatusRuleGroup", "object_type_id"),
    ),
    "Project": (
        ("CalendarEvent", "project_id"),
        ("CustomConfigurationBase", "project_id"),
        ("List", "project_id"),
        ("ReviewSession", "project_id"),
        ("ReviewSessionFolder", "project_id"),
        ("UserSecurityRoleProject", "project_id"),
    ),
    "ProjectSchema": (
        ("ProjectSchemaObjectType", "project_schema_id"),
        ("ProjectSchemaOverride", "project_schema_id"),
        ("Schema", "project_schema_id"),
        ("TaskTemplate", "project_schema_id"),
    ),
    "Resource": (
        ("Appointment", "resource_id"),
        ("CalendarEventResource", "resource_id"),
        ("DashboardResource", "resource_id"),
        ("Recipient", "resource_id"),
    ),
    "ReviewSession": (
        ("ReviewSessionInvitee", "review_session_id"),
        ("ReviewSessionObject", "review_session_id"),
    ),
    "ReviewSessionInvitee": (
        ("ReviewSessionObjectStatus", "review_session_invitee_id"),
    ),
    "ReviewSessionObject": (
        ("ReviewSessionObjectAnnotation", "review_session_object_id"),
        ("ReviewSessionObjectAnnotationComponent", "review_session_object_id"),
        ("ReviewSessionObjectStatus", "review_session_object_id"),
    ),
    "Schema": (("SchemaStatus", "schema_id"), ("SchemaType", "schema_id")),
    "StatusRuleGroup": (("StatusRule", "status_rule_group_id"),),
    "TaskTemplate": (("TaskTemplateItem", "template_id"),),
    "TaskTypeSchema": (("TaskTypeSchemaType", "task_type_schema_id"),),
    "User": (
        ("Manager", "user_id"),
        ("Membership", "user_id"),
        ("Timer", "user_id"),
        ("UserApplicationState", "user_id"),
        ("UserSecurityRole", "user_id"),
        ("UserSession", "user_id"),
    ),
    "UserSecurityRole": (("UserSecurityRoleProject", "user_security_role_id"),),
    "WorkflowSchema": (("WorkflowSchemaStatus", "workflow_schema_id"),),
}
"""Deleted type to the types and attributes of the rows that go with it."""

OWNED_BY_SEVERAL: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "Setting": ("SettingComponent", ("name", "group")),
}
"""The same for types whose key has several attributes: those that hold it."""

ATTACHED: Final = (
    ("Note", "parent_id"),
    ("Metadata", "parent_id"),
    ("EntitySetting", "parent_id"),
    ("StatusChange", "parent_id"),
    ("Event", "parent_id"),
    ("Feed", "owner_id"),
    ("ListObject", "entity_id"),
    ("CustomAttributeValue", "entity_id"),
    ("CustomAttributeLink", "from_id"),
    ("CustomAttributeLink", "to_id"),
)
"""Rows that go with an owner of any type: they name it without saying its type."""


def remove(batch: Batch, entity_type: str, key: EntityKey) -> None:
    """Delete an entity with all that goes with it.

    Rows go type by type, not one by one, so that a project of ten thousand tasks
    costs no more statements than its depth.

    Raises:
        BrokenReference: something that stays cannot be without it.
    """
    if batch.schema[entity_type].primary_key != ("id",):
        owned = OWNED_BY_SEVERAL.get(entity_type)
        if owned is not None:
            target, attributes = owned
            batch.remove_all(target, **dict(zip(attributes, key, strict=True)))
        batch.remove(entity_type, key)
        return
    doomed = _gather(batch, entity_type, key[0])
    for kind, ids in doomed.items():
        batch.remove_ids(kind, ids)
    # Afterwards, when only those that stay can be found.
    _release(batch, doomed)


def _gather(
    batch: Batch, entity_type: str, entity_id: KeyValue
) -> dict[str, list[KeyValue]]:
    """Return ids by type of what is deleted, and delete what has no id of its own."""
    doomed: dict[str, list[KeyValue]] = {}
    waiting = [(entity_type, [entity_id])]
    while waiting:
        kind, ids = waiting.pop()
        new = set(ids).difference(doomed.get(kind, ()))
        if not new:
            continue
        doomed.setdefault(kind, []).extend(sorted(new))
        for target, attribute in _belongings(batch, kind):
            if batch.schema[target].primary_key != ("id",):
                batch.remove_all(target, **{attribute: list(new)})
                continue
            found: dict[str, list[KeyValue]] = {}
            for row in batch.where(target, **{attribute: list(new)}):
                found.setdefault(row["__type__"], []).append(row["id"])
            waiting += found.items()
    return doomed


def _belongings(batch: Batch, entity_type: str) -> Iterable[tuple[str, str]]:
    for kind in batch.schema.bases(entity_type):
        for target, attribute in OWNED.get(kind.name, ()):
            if target in batch.schema:
                yield target, attribute
    for target, attribute in ATTACHED:
        if target in batch.schema:
            yield target, attribute


def _release(batch: Batch, doomed: Mapping[str, list[KeyValue]]) -> None:
    """Make rows that stay forget the ones that go, or refuse."""
    going: dict[str, list[KeyValue]] = {}
    for kind, ids in doomed.items():
        going.setdefault(batch.root(kind), []).extend(ids)
    for root, ids in going.items():
        forget_members(batch, root, ids)
        for holder, attribute in batch.foreign_keys.pointing_at(root):
            if is_dense(holder) or not batch.storage.has_column(holder, attribute):
                continue
            for row in batch.where(holder, **{attribute: ids}):
                _forget(batch, row, attribute)


def _forget(batch: Batch, row: JSONObject, attribute: str) -> None:
    kind = batch.schema[row["__type__"]]
    if attribute in kind.required or attribute in kind.primary_key:
        raise BrokenReference(
            f"Cannot delete {row[attribute]}: {kind.name} still refers to it as "
            f"{attribute}."
        )
    batch.set(kind.name, batch.key_of(kind.name, row), {attribute: None})
