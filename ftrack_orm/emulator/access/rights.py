"""What it takes to change entities of each type: data.

No source tells what the roles of a stock server allow (protocol 6.5, 9.9), so all of
it is assumed: artists make their work and say how far it is, managers plan, and only
administrators change what describes the studio.
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
    """What a user has to be to change something."""

    OWN = "own"
    """Its owner, with a role on any project."""

    WORK = "work"
    """Anybody with a role on its project."""

    MANAGE = "manage"
    """Somebody who manages its project."""

    SETTINGS = "settings"
    """An administrator."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What it takes to change entities of a type.

    Attributes:
        change: to create or delete one, and to change it unless `update` says else.
        update: to change one of its attributes.
        guarded: attributes that take what `change` says.
        owner: for what is somebody's `OWN`: the attribute that holds the user's id.
        through: the type that `owner` is an attribute of, when it is not this one,
            and the attribute that leads there.
        attached_to: the attribute that holds the id of what it is attached to, when
            that may be a user: then it is the user's own.
    """

    change: Level
    update: Level | None = None
    guarded: frozenset[str] = frozenset()
    owner: str | None = None
    through: tuple[str, str] | None = None
    attached_to: str | None = None

    def level(self, verb: Verb, attributes: Collection[str] = ()) -> Level:
        """Return what it takes; `attributes` are those of an update."""
        if verb != "update" or self.update is None:
            return self.change
        return self.update if self.guarded.isdisjoint(attributes) else self.change


_WORK: Final = Rule(Level.WORK)
_MANAGED: Final = Rule(Level.MANAGE)
_SETTINGS: Final = Rule(Level.SETTINGS)

# Where a project begins and ends, and who may see it, is the managers' to say.
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
"""By type; one that is not there is changed as the nearest of its bases that is."""

NOT_ONES_OWN: Final = frozenset(
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
"""Attributes of a user's own row that only administrators change."""


def rule_of(schema: Schema, entity_type: str) -> Rule:
    """Return what it takes to change entities of a type.

    A type that no table knows is left to administrators.
    """
    if is_dense(entity_type):
        return RULES[SPARSE_VALUES]
    for kind in schema.bases(entity_type):
        if kind.name in RULES:
            return RULES[kind.name]
    return _SETTINGS
