"""The rows that a server deletes together with an entity (protocol 6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

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
"""Deleted type to the types and attributes of the rows that are deleted with it."""

OWNED_BY_SEVERAL: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "Setting": ("SettingComponent", ("name", "group")),
}
"""The same for types with a composite key: the attributes that hold it."""

ATTACHED: Final = (
    ("Note", "parent_id"),
    ("Metadata", "parent_id"),
    ("EntitySetting", "parent_id"),
    ("StatusChange", "parent_id"),
    ("Feed", "owner_id"),
    ("ListObject", "entity_id"),
    ("CustomAttributeValue", "entity_id"),
    ("CustomAttributeLink", "from_id"),
    ("CustomAttributeLink", "to_id"),
)
"""Types and attributes of rows that are deleted with an owner of any type.

The attribute holds only the owner's key.
"""


def dependents(type_names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield type and attribute of the rows that are deleted with an owner.

    Args:
        type_names: the owner's type and its bases.
    """
    for name in type_names:
        yield from OWNED.get(name, ())
    yield from ATTACHED
