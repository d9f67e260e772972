"""Build definitions from the rows of a server."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ftrack_orm.migrations.history import RUNS
from ftrack_orm.migrations.history_id import SETTING_GROUP, STUDIO
from ftrack_orm.migrations.history_store import METADATA, SETTINGS, HistoryStore
from ftrack_orm.studio.attribute_config import settings_of
from ftrack_orm.studio.diff import Applied
from ftrack_orm.studio.entity_types import ATTRIBUTES
from ftrack_orm.studio.model import (
    DEFINITIONS,
    KINDS,
    Definition,
    Key,
    Kind,
    Studio,
    folded,
)
from ftrack_orm.studio.renames import Renames, with_current_names
from ftrack_orm.studio.scopes import SCOPES


@dataclass(frozen=True)
class ServerStudio:
    """The configuration of a server, with the ids that writing needs.

    Attributes:
        studio: the configuration; its definitions have every setting.
        rows: the entities of each type, by id, or by key for types of several keys.
        ids: the id of each object, by kind and folded natural key.
        applied: the record of the last apply.
        problems: objects with the same natural key, such as two of one name.
    """

    studio: Studio
    rows: Mapping[str, Mapping[str, Any]]
    ids: Mapping[tuple[Kind, Key], str]
    applied: Mapping[tuple[Kind, Key], Applied]
    problems: tuple[str, ...] = ()

    def with_current_names(self, renames: Renames) -> ServerStudio:
        """Return the configuration whose references have the current names."""
        studio = with_current_names(self.studio, renames)
        ids = dict(self.ids)
        kinds: tuple[Kind, ...] = ("attribute", "link_attribute")
        for kind in kinds:
            former = self.studio.definitions(kind)
            for one, other in zip(former, studio.definitions(kind), strict=True):
                key = kind, folded(one.natural_key)
                ids[kind, folded(other.natural_key)] = self.ids[key]
        return replace(self, studio=studio, ids=ids)

    @property
    def has_history(self) -> bool:
        """Return whether `migrate init` has made the history of this server."""
        return "init" in history_rows(self.rows)

    @property
    def runs(self) -> tuple[str, ...]:
        """Return the runs that applied a configuration to this server."""
        keys = [key for key in history_rows(self.rows) if key.startswith(RUNS)]
        return tuple(sorted(key.removeprefix(RUNS) for key in keys if "#" not in key))

    @property
    def history_store(self) -> HistoryStore:
        """Return the store of the history of this server."""
        has_metadata = any(row.key == "init" for row in self.rows["Metadata"].values())
        is_setting = not has_metadata and "init" in _settings_of(self.rows)
        return SETTINGS if is_setting else METADATA


def history_rows(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the rows of the history by their keys, of the store that has them.

    Args:
        rows: the entities of each type.
    """
    metadata = {row.key: row for row in rows["Metadata"].values()}
    return metadata if "init" in metadata else _settings_of(rows) or metadata


def _settings_of(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        row.name: row for row in rows["Setting"].values() if row.group == SETTING_GROUP
    }


_MEMBERS: Final = {
    "ObjectType": "object_type_id",
    "Status": "status_id",
    "Type": "type_id",
}
"""The attribute of a member row that refers to an entity of a type."""


@dataclass
class Reader:
    """Builds definitions from the rows of a server.

    Attributes:
        rows: the entities of each type, by id.
    """

    rows: Mapping[str, Mapping[str, Any]]
    ids: dict[tuple[Kind, Key], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def read(self) -> ServerStudio:
        """Return the whole configuration."""
        studio = Studio.model_validate(
            {kind: self._definitions(kind) for kind in KINDS}
        )
        return ServerStudio(
            studio, self.rows, self.ids, self._applied(), tuple(self.problems)
        )

    def _definitions(self, kind: Kind) -> list[Definition]:
        entity_type, _ = ATTRIBUTES[kind]
        groups: dict[Key, list[tuple[str, Definition]]] = defaultdict(list)
        for key, entity in self.rows[entity_type].items():
            values = self._values(kind, entity)
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
        for name, row in history_rows(self.rows).items():
            if not name.startswith(STUDIO):
                continue
            kind: Any = name.split("/")[1]
            for *key, digest, paths in json.loads(row.value)["objects"]:
                applied[kind, tuple(key)] = Applied(digest, tuple(paths))
        return applied

    def _values(self, kind: Kind, row: Any) -> dict[str, Any] | None:
        """Return the settings of a row, ``None`` for one that has no definition."""
        match kind:
            case "setting" if row.group == SETTING_GROUP:
                return None
            case "attribute":
                return None if row.core else self._attribute(row)
            case "link_attribute":
                return None if row.core else self._link_attribute(row)
            case "project_schema":
                return self._project_schema(row)
        _, names = ATTRIBUTES[kind]
        values = {
            name: getattr(row, names.get(name, name))
            for name in DEFINITIONS[kind].model_fields
            if name not in ("renamed_from", "state")
        }
        if kind == "status":
            values["state"] = None if row.state is None else row.state.short
        # Groups and labels may lack a name, by which alone files can refer to them.
        return values if values.get("name", "") is not None else None

    # -- custom attributes ---------------------------------------------------------

    def _attribute(self, row: Any) -> dict[str, Any]:
        return {
            **self._common(row),
            "hierarchical": bool(row.is_hierarchical),
            "on": None
            if row.is_hierarchical
            else self._scope(row.entity_type, row.object_type_id),
            "type": row.type.name,
            "default": _default(row.type.name, row.default),
            **settings_of(row.type.name, row.config),
        }

    def _link_attribute(self, row: Any) -> dict[str, Any]:
        return {
            **self._common(row),
            "on": self._scope(row.entity_type, row.object_type_id),
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
        return object_type or SCOPES.get(entity_type, entity_type)

    def _roles(self, roles: Iterable[Any]) -> tuple[str, ...]:
        names = sorted(role.name for role in roles)
        every = self.rows["SecurityRole"]
        return ("*",) if names and len(names) == len(every) else tuple(names)

    def _name(self, entity_type: str, key: str | None) -> str | None:
        row = None if key is None else self.rows[entity_type].get(key)
        return None if row is None else row.name

    # -- project schemas -----------------------------------------------------------

    def _project_schema(self, row: Any) -> dict[str, Any]:
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
            "task_statuses": self._workflow(row.task_workflow_schema_id),
            "version_statuses": self._workflow(row.asset_version_workflow_schema_id),
            "of": self._rules(row.id),
            "override": self._overrides(row.id),
            "template": self._templates(row.id),
            "shared_with": self._sharing(row) or None,
        }

    def _workflow(self, key: str | None) -> tuple[str, ...]:
        """Return the names of the statuses of a workflow schema."""
        return self._members(
            "WorkflowSchemaStatus", "workflow_schema_id", key, "Status"
        )

    def _members(
        self, row_type: str, owner: str, key: str | None, member_type: str
    ) -> tuple[str, ...]:
        member_id = _MEMBERS[member_type]
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
                    "statuses": self._sorted("SchemaStatus", row.id, "Status"),
                    "types": self._sorted("SchemaType", row.id, "Type"),
                }
        return dict(sorted(rules.items()))

    def _sorted(self, row_type: str, key: str, member_type: str) -> list[str]:
        """Return the names of the members of a schema row, in their order."""
        member = _MEMBERS[member_type]
        named = [
            (row.sort or 0, self._name(member_type, getattr(row, member)) or "")
            for row in self.rows[row_type].values()
            if row.schema_id == key
        ]
        return [name for _, name in sorted(named) if name]

    def _overrides(self, key: str) -> dict[str, Any]:
        overrides = {
            self._name("Type", row.type_id) or "": {
                "task_statuses": self._workflow(row.workflow_schema_id)
            }
            for row in self.rows["ProjectSchemaOverride"].values()
            if row.project_schema_id == key
        }
        return dict(sorted(overrides.items()))

    def _templates(self, key: str) -> dict[str, Any]:
        templates = {}
        for row in self.rows["TaskTemplate"].values():
            if row.project_schema_id == key:
                names = (
                    self._name("Type", item.task_type_id)
                    for item in self.rows["TaskTemplateItem"].values()
                    if item.template_id == row.id
                )
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


def _default(name: str, value: Any) -> Any:
    if name == "number" and isinstance(value, int):
        return float(value)
    if isinstance(value, list):
        return tuple(value)
    return value
