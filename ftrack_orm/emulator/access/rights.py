"""Rules on who may change entities of each type.

No source lists the permissions of a stock server's roles (protocol 6.5, 9.9), so all
rules are assumptions: artists create work and update its progress, managers plan, and
administrators change the settings of the studio.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ftrack_orm.emulator.storage.tables import (
    LINK_FROM_ROOT,
    LINK_ROOT,
    SPARSE_VALUES,
    is_dense,
)
from ftrack_orm.schema.model import Schema

Verb: TypeAlias = Literal["create", "update", "delete"]


class Level(enum.Enum):
    """The level of access that a change requires."""

    OWN = "own"
    """The owner, with a role on any project."""

    WORK = "work"
    """Users with a role on the entity's project."""

    MANAGE = "manage"
    """Users who manage the entity's project."""

    SETTINGS = "settings"
    """Administrators."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The levels that changes of one type's entities require.

    Attributes:
        change: the level for creates and deletes, and for updates without `update`.
        update: the level for updates, except those of `guarded` attributes.
        guarded: attributes whose update requires the level `change`.
        owner: for the level `OWN`, the attribute that holds the owner's id.
        through: the type that has the attribute `owner`, if it is another one, and
            the attribute that holds the id of its entity.
        attached_to: the attribute that holds the id of the parent, if that may be a
            user; that user then owns the entity.
    """

    change: Level
    update: Level | None = None
    guarded: frozenset[str] = frozenset()
    owner: str | None = None
    through: tuple[str, str] | None = None
    attached_to: str | None = None

    def level(self, verb: Verb, attributes: Collection[str] = ()) -> Level:
        """Return the level for a change; `attributes` are those of an update."""
        if verb != "update" or self.update is None:
            return self.change
        return self.update if self.guarded.isdisjoint(attributes) else self.change


_WORK: Final = Rule(Level.WORK)
_MANAGED: Final = Rule(Level.MANAGE)
_SETTINGS: Final = Rule(Level.SETTINGS)

# Managers decide on the dates, the structure and the visibility of a project.
_PROJECT: Final = Rule(
    Level.MANAGE,
    Level.WORK,
    frozenset(
        {
            "disk_id",
            "end_date",
            "full_name",
            "is_global",
            "is_private",
            "name",
            "parent_id",
            "project_id",
            "project_schema_id",
            "root",
            "start_date",
            "status",
        }
    ),
)

RULES: Final[Mapping[str, Rule]] = {
    "ApiKey": _SETTINGS,
    "Appointment": _MANAGED,
    "Asset": _WORK,
    "AssetType": _SETTINGS,
    "AssetVersion": _WORK,
    "AssetVersionLink": _WORK,
    "CalendarEvent": _MANAGED,
    "CalendarEventResource": _MANAGED,
    "Component": _WORK,
    "ComponentLocation": _WORK,
    "Context": _PROJECT,
    "CustomAttributeGroup": _SETTINGS,
    LINK_ROOT: Rule(Level.WORK, attached_to="from_id"),
    LINK_FROM_ROOT: Rule(Level.WORK, attached_to="from_id"),
    "CustomAttributeType": _SETTINGS,
    SPARSE_VALUES: Rule(Level.WORK, attached_to="entity_id"),
    "CustomConfigurationBase": _SETTINGS,
    "Dashboard": Rule(Level.OWN, owner="created_by_id"),
    "DashboardResource": Rule(
        Level.OWN, owner="created_by_id", through=("Dashboard", "dashboard_id")
    ),
    "DashboardWidget": Rule(
        Level.OWN, owner="created_by_id", through=("Dashboard", "dashboard_id")
    ),
    "Disk": _SETTINGS,
    "EntitySetting": _MANAGED,
    "Event": _MANAGED,
    "Feed": _MANAGED,
    "Job": Rule(Level.OWN, owner="user_id"),
    "JobComponent": _WORK,
    "List": _WORK,
    "ListCategory": _SETTINGS,
    "ListObject": _WORK,
    "Location": _SETTINGS,
    "Manager": _MANAGED,
    "ManagerType": _SETTINGS,
    "Membership": _SETTINGS,
    "Metadata": Rule(Level.WORK, attached_to="parent_id"),
    "Note": _WORK,
    "NoteComponent": _WORK,
    "NoteLabel": _SETTINGS,
    "NoteLabelLink": _WORK,
    "ObjectType": _SETTINGS,
    "Priority": _SETTINGS,
    "Project": _PROJECT,
    "ProjectSchema": _SETTINGS,
    "ProjectSchemaObjectType": _SETTINGS,
    "ProjectSchemaOverride": _SETTINGS,
    "Recipient": _WORK,
    "Resource": _SETTINGS,
    "ReviewSession": _MANAGED,
    "ReviewSessionFolder": _MANAGED,
    "ReviewSessionInvitee": _MANAGED,
    "ReviewSessionObject": _MANAGED,
    "ReviewSessionObjectAnnotation": _WORK,
    "ReviewSessionObjectAnnotationComponent": _WORK,
    "ReviewSessionObjectStatus": _WORK,
    "Schema": _SETTINGS,
    "SchemaStatus": _SETTINGS,
    "SchemaType": _SETTINGS,
    "Scope": _SETTINGS,
    "SecurityRole": _SETTINGS,
    "Setting": _SETTINGS,
    "SettingComponent": _SETTINGS,
    "SplitTaskPart": _MANAGED,
    "State": _SETTINGS,
    "Status": _SETTINGS,
    "StatusChange": _MANAGED,
    "StatusRule": _SETTINGS,
    "StatusRuleGroup": _SETTINGS,
    "TaskTemplate": _SETTINGS,
    "TaskTemplateItem": _SETTINGS,
    "TaskTypeSchema": _SETTINGS,
    "TaskTypeSchemaType": _SETTINGS,
    "Timelog": _WORK,
    "Timer": _WORK,
    "Type": _SETTINGS,
    "TypedContext": Rule(
        Level.MANAGE, Level.WORK, frozenset({"parent_id", "project_id"})
    ),
    "TypedContextLink": _MANAGED,
    "UserApplicationState": Rule(Level.OWN, owner="user_id"),
    "UserSecurityRole": _SETTINGS,
    "UserSecurityRoleProject": _SETTINGS,
    "UserSession": _SETTINGS,
    "UserType": _SETTINGS,
    "UserView": Rule(Level.OWN, owner="user_id"),
    "WorkflowSchema": _SETTINGS,
    "WorkflowSchemaStatus": _SETTINGS,
}
"""Rules by type; a type without a rule has that of its nearest base type."""

ADMINISTRATOR_ATTRIBUTES: Final = frozenset(
    {
        "api_key",
        "is_active",
        "is_otp_enabled",
        "is_totp_enabled",
        "resource_type",
        "user_type_id",
        "username",
    }
)
"""Attributes of users that only administrators may change, even on their own row."""


def rule_of(schema: Schema, entity_type: str) -> Rule:
    """Return the rule of a type; without one, only administrators may change it."""
    if is_dense(entity_type):
        return RULES[SPARSE_VALUES]
    for base in schema.bases(entity_type):
        if base.name in RULES:
            return RULES[base.name]
    return _SETTINGS
