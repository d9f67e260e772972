"""Build definitions from the rows of a server."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from ftrack_orm.migrations.history_id import SETTING_GROUP, STUDIO
from ftrack_orm.studio.attribute_config import settings_of
from ftrack_orm.studio.diff import Applied
from ftrack_orm.studio.entity_types import ATTRIBUTES
from ftrack_orm.studio.model import (
    DEFINITIONS,
    KINDS,
    NOT_ON_SERVER,
    Definition,
    Key,
    Kind,
    Studio,
    folded,
    key_part,
)
from ftrack_orm.studio.scopes import SCOPES
from ftrack_orm.studio.server_studio import ServerStudio, history_rows

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
    problems: dict[tuple[Kind, Key], str] = field(default_factory=dict)
    ambiguous: set[tuple[Kind, Key]] = field(default_factory=set)
    reserved: dict[tuple[Kind, Key], str] = field(default_factory=dict)

    def read(self) -> ServerStudio:
        """Return the whole configuration."""
        studio = Studio.model_validate(
            {kind: self._definitions(kind) for kind in KINDS}
        )
        return ServerStudio(
            studio,
            self.rows,
            self.ids,
            self._applied(),
            self.problems,
            frozenset(self.ambiguous),
            self.reserved,
        )

    def _definitions(self, kind: Kind) -> list[Definition]:
        entity_type, _ = ATTRIBUTES[kind]
        groups: dict[Key, list[tuple[str, Definition]]] = defaultdict(list)
        for key, entity in self.rows[entity_type].items():
            values = self._values(kind, entity)
            if values is None:
                continue
            if kind in ("attribute", "link_attribute") and entity.core:
                title, place = self._place(kind, values)
                self.reserved[place] = (
                    f"The server's {title} is ftrack's own, which files cannot manage. "
                    "Remove it from the files, or choose another key."
                )
                continue
            try:
                definition = DEFINITIONS[kind].model_validate(
                    {name: value for name, value in values.items() if value is not None}
                )
            except ValidationError as error:
                self._refuse(kind, values, error)
            else:
                groups[folded(definition.natural_key)].append((key, definition))
        definitions = []
        for natural_key, group in groups.items():
            key, definition = min(group, key=_position)
            if len(group) > 1:
                ids = ", ".join(sorted(each for each, _ in group))
                self.problems[kind, natural_key] = (
                    f"The server has {len(group)} objects {definition.title}: {ids}. "
                    'Rename or remove all but one, or write pick = "first by sort".'
                )
                self.ambiguous.add((kind, natural_key))
            self.ids[kind, natural_key] = key
            definitions.append(definition)
        return sorted(definitions, key=lambda each: folded(each.natural_key))

    def _refuse(
        self, kind: Kind, values: Mapping[str, Any], error: ValidationError
    ) -> None:
        """Leave an object out that files cannot describe."""
        title, place = self._place(kind, values)
        reasons = "; ".join(each["msg"] for each in error.errors())
        self.problems[place] = (
            f"The server's {title} cannot be managed by files: {reasons}."
        )

    def _place(
        self, kind: Kind, values: Mapping[str, Any]
    ) -> tuple[str, tuple[Kind, Key]]:
        """Return the title and the key of an object that has no definition."""
        key = tuple(key_part(values.get(name)) for name in DEFINITIONS[kind].identity)
        title = f"{kind} {' '.join(part for part in key if part)!r}"
        return title, (kind, folded(key))

    def _applied(self) -> dict[tuple[Kind, Key], Applied]:
        applied: dict[tuple[Kind, Key], Applied] = {}
        for name, row in history_rows(self.rows).items():
            if not name.startswith(STUDIO):
                continue
            kind: Any = name.split("/")[1]
            record = json.loads(row.value)
            days = {tuple(key): day for *key, day in record.get("renamed", ())}
            for *key, digest, paths in record["objects"]:
                day = days.get(tuple(key), "")
                applied[kind, tuple(key)] = Applied(digest, tuple(paths), day)
        return applied

    def _values(self, kind: Kind, row: Any) -> dict[str, Any] | None:
        """Return the settings of a row, ``None`` for one that has no definition."""
        match kind:
            case "setting" if row.group == SETTING_GROUP:
                return None
            case "attribute":
                return None if self._is_hidden(row) else self._attribute(row)
            case "link_attribute":
                return None if self._is_hidden(row) else self._link_attribute(row)
            case "project_schema":
                return self._project_schema(row)
        _, names = ATTRIBUTES[kind]
        values = {
            name: getattr(row, names.get(name, name))
            for name in DEFINITIONS[kind].model_fields
            if name not in (*NOT_ON_SERVER, "state")
        }
        if kind == "status":
            values["state"] = None if row.state is None else row.state.short
        names_of_key = DEFINITIONS[kind].identity
        # Objects may lack the name by which alone files can refer to them.
        has_key = all(str(values[each] or "").strip() for each in names_of_key)
        return values if has_key else None

    # -- custom attributes ---------------------------------------------------------

    def _is_hidden(self, row: Any) -> bool:
        """Return whether an attribute belongs to a project that one may not see."""
        return row.project_id is not None and row.project_id not in self.rows["Project"]

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
