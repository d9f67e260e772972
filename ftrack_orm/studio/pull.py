"""Read the configuration of a server, all of it in one request."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ftrack_orm.migrations.history_id import HISTORY_ID
from ftrack_orm.operations import Query
from ftrack_orm.session.session import Session
from ftrack_orm.studio.diff import Applied
from ftrack_orm.studio.model import (
    DEFINITIONS,
    KINDS,
    Definition,
    Key,
    Kind,
    Options,
    Studio,
    folded,
)

SETTINGS: Final[tuple[tuple[str, str], ...]] = (
    ("TIMETRACKING", "enabled"),
    ("GENERAL", "work_day_length"),
    ("GENERAL", "work_week"),
)
"""Group and name of the settings that are read and written; others may be secrets."""

_SCOPES: Final = {
    "show": "Project",
    "assetversion": "AssetVersion",
    "asset_version": "AssetVersion",
    "asset": "Asset",
    "list": "List",
    "listobject": "ListObject",
    "user": "User",
    "group": "Group",
    "component": "Component",
    "context": "Context",
}
"""The name in the files for each `entity_type` of a configuration (protocol 6.7)."""

QUERIES: Final = {
    "ObjectType": "select name, sort, icon, is_time_reportable, is_taskable,"
    " is_typeable, is_statusable, is_schedulable, is_leaf, is_prioritizable"
    " from ObjectType",
    "Status": "select name, sort, color, is_active, state.short from Status",
    "Type": "select name, sort, color, is_billable from Type",
    "Priority": "select name, sort, color, value from Priority",
    "CustomAttributeGroup": "select name from CustomAttributeGroup",
    "CustomAttributeConfiguration": "select key, label, config, default,"
    " is_hierarchical, entity_type, object_type_id, project_id, sort, group_id,"
    " type.name, core, read_security_roles.name, write_security_roles.name"
    " from CustomAttributeConfiguration",
    "CustomAttributeLinkConfiguration": "select key, label, entity_type,"
    " object_type_id, entity_type_to, object_type_id_to, one_to_one, project_id, sort,"
    " group_id, core, read_security_roles.name, write_security_roles.name"
    " from CustomAttributeLinkConfiguration",
    "AssetType": "select name, short, component from AssetType",
    "ListCategory": "select name from ListCategory",
    "NoteLabel": "select name, sort, color from NoteLabel",
    "ProjectSchema": "select name, task_type_schema_id, task_workflow_schema_id,"
    " asset_version_workflow_schema_id from ProjectSchema",
    "ProjectSchemaObjectType": "select project_schema_id, object_type_id"
    " from ProjectSchemaObjectType",
    "WorkflowSchemaStatus": "select workflow_schema_id, status_id"
    " from WorkflowSchemaStatus",
    "TaskTypeSchemaType": "select task_type_schema_id, type_id from TaskTypeSchemaType",
    "ProjectSchemaOverride": "select project_schema_id, workflow_schema_id, type_id"
    " from ProjectSchemaOverride",
    "Schema": "select project_schema_id, type_id, statuses.status_id, statuses.sort,"
    " types.type_id, types.sort from Schema",
    "TaskTemplate": "select name, project_schema_id, items.task_type_id"
    " from TaskTemplate",
    "SecurityRole": "select name from SecurityRole",
    "State": "select name, short from State",
    "CustomAttributeType": "select name from CustomAttributeType",
    "Project": "select name from Project where id in"
    " (select project_id from CustomAttributeConfiguration)",
    "Setting": "select name, group, value from Setting where "
    + " or ".join(
        f'(group is "{group}" and name is "{name}")' for group, name in SETTINGS
    ),
    "Metadata": "select key, value from Metadata where"
    f' parent_id is "{HISTORY_ID}" and key like "studio/%"',
}
"""The queries of one pull, by entity type."""


@dataclass(frozen=True)
class ServerStudio:
    """The configuration of a server, with the ids that writing needs.

    Attributes:
        studio: the configuration; its definitions have every setting.
        rows: the entities of each type, by id, or by key for types of several keys.
        ids: the id of each object, by kind and folded natural key.
        applied: what was applied last.
        problems: objects that cannot be told apart, such as two of one name.
    """

    studio: Studio
    rows: Mapping[str, Mapping[str, Any]]
    ids: Mapping[tuple[Kind, Key], str]
    applied: Mapping[tuple[Kind, Key], Applied]
    problems: tuple[str, ...] = ()


def pull_studio(session: Session, *, only: Sequence[Kind] = ()) -> Studio:
    """Return the configuration of the server; one request, nothing is changed.

    Args:
        session: a session on the server.
        only: the kinds to return; all by default.

    Raises:
        TransportError, ServerError: the request failed.
    """
    studio = pull_server(session).studio
    return studio.only(only) if only else studio


def pull_server(session: Session) -> ServerStudio:
    """Return the configuration of the server with its ids; one request.

    Raises:
        TransportError, ServerError: the request failed.
    """
    responses = session.call([Query(expression) for expression in QUERIES.values()])
    rows = {
        entity_type: _by_key(response.data)
        for entity_type, response in zip(QUERIES, responses, strict=True)
    }
    return _Reader(rows).read()


def _by_key(entities: Iterable[Any]) -> dict[str, Any]:
    return {"/".join(map(str, each.reference.key)): each for each in entities}


@dataclass
class _Reader:
    """Builds definitions from the rows of a server.

    Attributes:
        rows: the entities of each type, by id.
    """

    rows: Mapping[str, Mapping[str, Any]]
    ids: dict[tuple[Kind, Key], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def read(self) -> ServerStudio:
        """Return the whole configuration."""
        values = {kind: self._definitions(kind) for kind in KINDS}
        studio = Studio.model_validate({"studio": Options(), **values})
        return ServerStudio(
            studio, self.rows, self.ids, self._applied(), tuple(self.problems)
        )

    def _definitions(self, kind: Kind) -> list[Definition]:
        entity_type, values_of = _READERS[kind]
        groups: dict[Key, list[tuple[str, Definition]]] = defaultdict(list)
        for key, entity in self.rows[entity_type].items():
            values = values_of(self, entity)
            if values is not None:
                definition = DEFINITIONS[kind].model_validate(
                    {name: value for name, value in values.items() if value is not None}
                )
                groups[folded(definition.natural_key)].append((key, definition))
        definitions = []
        for natural_key, group in groups.items():
            key, definition = min(group, key=_position)
            if len(group) > 1:
                ids = ", ".join(sorted(each for each, _ in group))
                self.problems.append(
                    f"The server has {len(group)} objects {definition.title}: {ids}. "
                    "Rename or remove all but one; the first by sort is used."
                )
            self.ids[kind, natural_key] = key
            definitions.append(definition)
        return sorted(definitions, key=lambda each: folded(each.natural_key))

    def _applied(self) -> dict[tuple[Kind, Key], Applied]:
        applied: dict[tuple[Kind, Key], Applied] = {}
        for row in self.rows["Metadata"].values():
            kind: Any = row.key.split("/")[1]
            for *key, file, server in json.loads(row.value or "[]"):
                applied[kind, tuple(key)] = Applied(file, server)
        return applied

    # -- simple kinds --------------------------------------------------------------

    def object_type(self, row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "taskable": row.is_taskable,
            "typeable": row.is_typeable,
            "statusable": row.is_statusable,
            "prioritizable": row.is_prioritizable,
            "schedulable": row.is_schedulable,
            "time_reportable": row.is_time_reportable,
            "leaf": row.is_leaf,
            "icon": row.icon,
            "sort": row.sort,
        }

    def status(self, row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "state": row.state.short,
            "color": row.color,
            "sort": row.sort,
            "active": row.is_active,
        }

    def task_type(self, row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "color": row.color,
            "sort": row.sort,
            "billable": row.is_billable,
        }

    def priority(self, row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "value": row.value,
            "color": row.color,
            "sort": row.sort,
        }

    def named(self, row: Any) -> dict[str, Any] | None:
        return {"name": row.name} if row.name else None

    def asset_type(self, row: Any) -> dict[str, Any]:
        return {"short": row.short, "name": row.name, "component": row.component}

    def note_label(self, row: Any) -> dict[str, Any] | None:
        if not row.name:
            return None
        return {"name": row.name, "color": row.color, "sort": row.sort}

    def setting(self, row: Any) -> dict[str, Any]:
        return {"group": row.group, "name": row.name, "value": row.value}

    # -- custom attributes ---------------------------------------------------------

    def attribute(self, row: Any) -> dict[str, Any] | None:
        if row.core:
            return None
        config = _config(row.config)
        return {
            **self._common(row),
            "hierarchical": bool(row.is_hierarchical),
            "on": None
            if row.is_hierarchical
            else self._scope(row.entity_type_, row.object_type_id),
            "type": row.type.name,
            "default": _default(row.type.name, row.default),
            **_type_settings(row.type.name, config),
        }

    def link_attribute(self, row: Any) -> dict[str, Any] | None:
        if row.core:
            return None
        return {
            **self._common(row),
            "on": self._scope(row.entity_type_, row.object_type_id),
            "to": self._scope(row.entity_type_to, row.object_type_id_to),
            "one_to_one": row.one_to_one,
        }

    def _common(self, row: Any) -> dict[str, Any]:
        return {
            "key": row.key,
            "label": row.label,
            "sort": row.sort,
            "group": self._name("CustomAttributeGroup", row.group_id),
            "project": self._name("Project", row.project_id),
            "read": self._roles(row.read_security_roles),
            "write": self._roles(row.write_security_roles),
        }

    def _scope(self, entity_type: str, object_type_id: str | None) -> str:
        object_type = self._name("ObjectType", object_type_id)
        return object_type or _SCOPES.get(entity_type, entity_type)

    def _roles(self, roles: Iterable[Any]) -> tuple[str, ...]:
        names = sorted(role.name for role in roles)
        every = self.rows["SecurityRole"]
        return ("*",) if names and len(names) == len(every) else tuple(names)

    def _name(self, entity_type: str, key: str | None) -> str | None:
        row = None if key is None else self.rows[entity_type].get(key)
        return None if row is None else row.name

    # -- project schemas -----------------------------------------------------------

    def project_schema(self, row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "object_types": self._members(
                "ProjectSchemaObjectType", "project_schema_id", row.id, "ObjectType"
            ),
            "task_types": self._members(
                "TaskTypeSchemaType",
                "task_type_schema_id",
                row.task_type_schema_id,
                "Type",
            ),
            "task_statuses": self.workflow(row.task_workflow_schema_id),
            "version_statuses": self.workflow(row.asset_version_workflow_schema_id),
            "of": self._rules(row.id),
            "override": self._overrides(row.id),
            "template": self._templates(row.id),
            "shared_with": self._sharing(row) or None,
        }

    def workflow(self, key: str | None) -> tuple[str, ...]:
        """Return the names of the statuses of a workflow schema."""
        return self._members(
            "WorkflowSchemaStatus", "workflow_schema_id", key, "Status"
        )

    def _members(
        self, row_type: str, owner: str, key: str | None, member_type: str
    ) -> tuple[str, ...]:
        member_id = {"ObjectType": "object_type_id", "Type": "type_id"}.get(
            member_type, "status_id"
        )
        names = {
            self._name(member_type, getattr(row, member_id))
            for row in self.rows[row_type].values()
            if getattr(row, owner) == key
        }
        return tuple(sorted(name for name in names if name))

    def _rules(self, key: str) -> dict[str, Any]:
        rules = {}
        for row in self.rows["Schema"].values():
            name = self._name("ObjectType", row.type_id)
            if row.project_schema_id == key and name:
                rules[name] = {
                    "statuses": self._sorted("Status", row.statuses, "status_id"),
                    "types": self._sorted("Type", row.types, "type_id"),
                }
        return dict(sorted(rules.items()))

    def _sorted(self, entity_type: str, rows: Iterable[Any], member: str) -> list[str]:
        named = [
            (row.sort or 0, self._name(entity_type, getattr(row, member)) or "")
            for row in rows
        ]
        return [name for _, name in sorted(named) if name]

    def _overrides(self, key: str) -> dict[str, Any]:
        overrides = {
            self._name("Type", row.type_id) or "": {
                "task_statuses": self.workflow(row.workflow_schema_id)
            }
            for row in self.rows["ProjectSchemaOverride"].values()
            if row.project_schema_id == key
        }
        return dict(sorted(overrides.items()))

    def _templates(self, key: str) -> dict[str, Any]:
        templates = {}
        for row in self.rows["TaskTemplate"].values():
            if row.project_schema_id == key:
                names = (self._name("Type", item.task_type_id) for item in row.items)
                templates[row.name] = {"task_types": sorted(filter(None, names))}
        return dict(sorted(templates.items()))

    def _sharing(self, row: Any) -> dict[str, tuple[str, ...]]:
        """Return the other schemas that use the same rows, by the place of the rows."""
        places = {
            "task_types": "task_type_schema_id",
            "task_statuses": "task_workflow_schema_id",
            "version_statuses": "asset_version_workflow_schema_id",
        }
        sharing = {}
        for place, name in places.items():
            others = [
                other.name
                for other in self.rows["ProjectSchema"].values()
                if other.id != row.id and getattr(other, name) == getattr(row, name)
            ]
            if others:
                sharing[place] = tuple(sorted(others))
        return sharing


def _position(entry: tuple[str, Definition]) -> tuple[float, str]:
    key, definition = entry
    sort = getattr(definition, "sort", None)
    return (0 if sort is None else sort, key)


def _config(text: str | None) -> dict[str, Any]:
    try:
        config = json.loads(text or "{}")
    except ValueError:
        return {}
    return config if isinstance(config, dict) else {}


def _type_settings(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that the JSON text of a configuration holds."""
    match name:
        case "number":
            return {"decimal": bool(config.get("isdecimal"))}
        case "text":
            return {"markdown": bool(config.get("markdown"))}
        case "enumerator":
            data = config.get("data", "[]")
            options = json.loads(data) if isinstance(data, str) else data
            return {
                "multiple": bool(config.get("multiSelect")),
                "options": {str(each["value"]): str(each["menu"]) for each in options},
            }
        case "dynamic enumerator":
            return {"multiple": bool(config.get("multiSelect"))}
    return {}


def _default(name: str, value: Any) -> Any:
    if name == "number" and isinstance(value, int):
        return float(value)
    if isinstance(value, list):
        return tuple(value)
    return value


_READERS: Final[
    Mapping[Kind, tuple[str, Callable[[_Reader, Any], dict[str, Any] | None]]]
] = {
    "object_type": ("ObjectType", _Reader.object_type),
    "status": ("Status", _Reader.status),
    "type": ("Type", _Reader.task_type),
    "priority": ("Priority", _Reader.priority),
    "attribute_group": ("CustomAttributeGroup", _Reader.named),
    "attribute": ("CustomAttributeConfiguration", _Reader.attribute),
    "link_attribute": ("CustomAttributeLinkConfiguration", _Reader.link_attribute),
    "asset_type": ("AssetType", _Reader.asset_type),
    "list_category": ("ListCategory", _Reader.named),
    "note_label": ("NoteLabel", _Reader.note_label),
    "project_schema": ("ProjectSchema", _Reader.project_schema),
    "setting": ("Setting", _Reader.setting),
}
