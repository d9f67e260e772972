"""The rows that a snapshot of some projects consists of, by entity type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PEOPLE: Final = ("User", "Collaborator")
"""The types of people, who may own rows."""

CONFIGURATION: Final = (
    # People first: later rows may name them.
    *PEOPLE,
    "UserType",
    "State",
    "Status",
    "Type",
    "Priority",
    "ObjectType",
    "Scope",
    "AssetType",
    "ListCategory",
    "ManagerType",
    "NoteLabel",
    "CustomAttributeType",
    "CustomAttributeGroup",
    "CustomAttributeConfiguration",
    "CustomAttributeLinkConfiguration",
    "SecurityRole",
    "WorkflowSchema",
    "WorkflowSchemaStatus",
    "TaskTypeSchema",
    "TaskTypeSchemaType",
    "ProjectSchema",
    "ProjectSchemaObjectType",
    "ProjectSchemaOverride",
    "Schema",
    "SchemaStatus",
    "SchemaType",
    "TaskTemplate",
    "TaskTemplateItem",
    "StatusRuleGroup",
    "StatusRule",
    "Disk",
    "Location",
    "Group",
    "Membership",
    "UserSecurityRole",
)
"""Types whose rows belong to no project: all of them are read."""


@dataclass(frozen=True, slots=True)
class ProjectRows:
    """Rows that lead to a project.

    Attributes:
        entity_type: the type to query; rows of its subtypes are included.
        paths: the paths to the id of the project. A row is read if one leads to it.
        group: the name by which the rows can be left out, ``""`` if they cannot.
        ends: attributes with keys of rows that a snapshot without them cannot use.
    """

    entity_type: str
    paths: tuple[str, ...]
    group: str = ""
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnedRows:
    """Rows that refer to an owner of any type by its key.

    Attributes:
        entity_type: the type to query.
        owner: the attribute with the key of the owner.
        group: the name by which the rows can be left out.
        ends: attributes with keys of rows that a snapshot without them cannot use.
    """

    entity_type: str
    owner: str
    group: str = ""
    ends: tuple[str, ...] = ()


PROJECT_ROWS: Final = (
    ProjectRows("Project", ("id",)),
    ProjectRows("TypedContext", ("project_id",)),
    ProjectRows("SplitTaskPart", ("task.project_id",)),
    ProjectRows("Asset", ("parent.project_id",)),
    ProjectRows("AssetVersion", ("asset.parent.project_id",)),
    ProjectRows(
        "Component",
        (
            "version.asset.parent.project_id",
            "container.version.asset.parent.project_id",
        ),
        "components",
    ),
    ProjectRows(
        "ComponentLocation",
        (
            "component.version.asset.parent.project_id",
            "component.container.version.asset.parent.project_id",
        ),
        "components",
    ),
    ProjectRows("Appointment", ("context.project_id",)),
    ProjectRows("Manager", ("context.project_id",)),
    ProjectRows("TypedContextLink", ("from.project_id",), ends=("to_id",)),
    ProjectRows("AssetVersionLink", ("from.asset.parent.project_id",), ends=("to_id",)),
    ProjectRows("UserSecurityRoleProject", ("project_id",)),
    ProjectRows("Timelog", ("context.project_id",), "timelogs"),
    ProjectRows("Note", ("project_id",), "notes"),
    ProjectRows("NoteLabelLink", ("note.project_id",), "notes"),
    ProjectRows("Recipient", ("note.project_id",), "notes"),
    ProjectRows("CalendarEvent", ("project_id",), "calendar"),
    ProjectRows("CalendarEventResource", ("calendar_event.project_id",), "calendar"),
    ProjectRows("List", ("project_id",), "lists"),
    ProjectRows("ListObject", ("list.project_id",), "lists", ends=("entity_id",)),
    ProjectRows("ReviewSessionFolder", ("project_id",), "reviews"),
    ProjectRows("ReviewSession", ("project_id",), "reviews"),
    ProjectRows("ReviewSessionInvitee", ("review_session.project_id",), "reviews"),
    ProjectRows("ReviewSessionObject", ("review_session.project_id",), "reviews"),
    ProjectRows(
        "ReviewSessionObjectStatus",
        ("review_session_object.review_session.project_id",),
        "reviews",
    ),
    ProjectRows("TypedContextStatusChange", ("parent.project_id",), "history"),
    ProjectRows(
        "AssetVersionStatusChange", ("parent.asset.parent.project_id",), "history"
    ),
)
"""Types whose rows belong to a project, each after those it refers to."""

THUMBNAILS: Final = OwnedRows("Component", "id", "components")
"""The components that are read because rows refer to them as their thumbnails."""

OWNED_ROWS: Final = (
    OwnedRows(
        "CustomAttributeValue", "entity_id", "values", ends=("configuration_id",)
    ),
    OwnedRows(
        "CustomAttributeLink", "from_id", "values", ends=("to_id", "configuration_id")
    ),
    OwnedRows("Metadata", "parent_id", "metadata"),
)
"""Types whose rows are read for the owners that the snapshot has."""

GROUPS: Final = tuple(
    sorted({each.group for each in (*PROJECT_ROWS, *OWNED_ROWS) if each.group})
)
"""The names of the rows that can be left out."""
