"""Read a studio's configuration from the replies of a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ftrack_codegen.studio.model import VOCABULARY, Studio
from ftrack_orm.schema.model import Schema

_SCOPE: Final = "id, key, label, entity_type, object_type_id, project_id"

_ROWS: Final = {
    "Status": "id, name, sort, color, is_active, state.id",
    "Type": "id, name, sort, color, is_billable",
    "Priority": "id, name, sort, color, value",
    "ObjectType": "id, name, is_typeable, is_statusable, is_prioritizable",
    "AssetType": "id, name, short",
    "State": "id, name, short",
    "ListCategory": "id, name",
}

_PROJECTIONS: Final = {
    "CustomAttributeConfiguration": (
        f"{_SCOPE}, is_hierarchical, default, config, type.name"
    ),
    "CustomAttributeLinkConfiguration": (
        f"{_SCOPE}, entity_type_to, object_type_id_to, one_to_one"
    ),
    **_ROWS,
    "ProjectSchema": (
        "id, name, object_types.id, _schemas.object_type_id, "
        "_schemas.statuses.status_id, _schemas.types.type_id, "
        "_task_workflow.statuses.id, _version_workflow.statuses.id, "
        "_task_type_schema.types.id, _overrides.type_id, "
        "_overrides.workflow_schema.statuses.id"
    ),
}

_OF_PROJECTS: Final = (
    "CustomAttributeConfiguration",
    "CustomAttributeLinkConfiguration",
)
"""The types whose rows may be for one project."""


def expressions(schema: Schema | None = None) -> dict[str, str]:
    """Return the query of each part of the configuration, by the type of its rows.

    Args:
        schema: the types and attributes to query; without one those of a new server.
    """
    queries: dict[str, str] = {}
    for entity_type, names in _PROJECTIONS.items():
        known = [name for name in names.split(", ") if _has(schema, entity_type, name)]
        if known:
            queries[entity_type] = f"select {', '.join(known)} from {entity_type}"  # noqa: S608 # no SQL
    owned = " or ".join(
        f"id in (select project_id from {entity_type})"  # noqa: S608 # no SQL
        for entity_type in _OF_PROJECTS
        if _has(schema, entity_type, "project_id")
    )
    if owned:
        queries["Project"] = f"select id, name from Project where {owned}"  # noqa: S608 # no SQL
    return queries


def _has(schema: Schema | None, entity_type: str, path: str) -> bool:
    """Return whether a schema has the attribute at the end of a path."""
    name: str | None = entity_type
    for step in path.split("."):
        entity = None if schema is None else schema.types.get(name or "")
        attribute = None if entity is None else entity.attributes.get(step)
        if attribute is None:
            return schema is None
        name = attribute.target
    return True


def operations(schema: Schema | None = None) -> list[dict[str, str]]:
    """Return the operations that read the configuration, in order of `expressions`."""
    return [
        {"action": "query", "expression": expression}
        for expression in expressions(schema).values()
    ]


def read_studio(
    results: Sequence[Mapping[str, Any]], schema: Schema | None = None
) -> Studio:
    """Return the configuration in the results of `operations`, in their order."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in expressions()}
    for name, result in zip(expressions(schema), results, strict=True):
        rows[name] = _completed(result["data"])
    return Studio.from_json(
        {
            "custom_attributes": [
                _custom_attribute(row) for row in rows["CustomAttributeConfiguration"]
            ],
            "links": [_link(row) for row in rows["CustomAttributeLinkConfiguration"]],
            "projects": {row["id"]: row["name"] for row in rows["Project"]},
            "reference": {
                name: [_reference_row(row) for row in rows[name] if _is_named(row)]
                for name in VOCABULARY
            },
            "workflows": [
                _workflow(row, rows) for row in rows["ProjectSchema"] if _is_named(row)
            ],
        }
    )


def _is_named(row: Mapping[str, Any]) -> bool:
    # The empty name is one too.
    return isinstance(row.get("name"), str)


def _completed(data: list[Any]) -> list[dict[str, Any]]:
    """Return rows in which each occurrence of an entity has all its values.

    A response may state the values of an entity once (protocol 3.6).
    """
    entities: dict[tuple[str, str], dict[str, Any]] = {}
    for value in _walk(data):
        key = str(value.get("__entity_type__")), str(value.get("id"))
        entities.setdefault(key, {}).update(value)
    for value in _walk(data):
        if value.get("id"):
            value.update(entities[str(value["__entity_type__"]), str(value["id"])])
    return data


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the entities inside a value, outer ones first."""
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, dict) and "__entity_type__" in value:
        yield value
        for item in list(value.values()):
            yield from _walk(item)


def _scope(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "key": row["key"],
        "label": row.get("label") or "",
        "entity_type": row.get("entity_type") or "",
        "object_type_id": row.get("object_type_id"),
        "project_id": row.get("project_id"),
    }


def _custom_attribute(row: Mapping[str, Any]) -> dict[str, Any]:
    default = row.get("default")
    return {
        **_scope(row),
        "type": (row.get("type") or {}).get("name") or "",
        "is_hierarchical": bool(row.get("is_hierarchical")),
        # A date is an object on the wire (protocol 3.4).
        "default": default.get("value") if isinstance(default, dict) else default,
        "choices": _choices(row.get("config")),
    }


def _choices(config: str | None) -> list[str]:
    """Return the values of an enumerator: JSON text inside JSON text."""
    try:
        data = json.loads(config or "{}").get("data")
        options = json.loads(data) if isinstance(data, str) else data
        values = [str(option["value"]) for option in options or ()]
    # Servers check no configuration, so it may be any text.
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
    return list(dict.fromkeys(values))


def _link(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_scope(row),
        "entity_type_to": row.get("entity_type_to") or "",
        "object_type_id_to": row.get("object_type_id_to"),
        "one_to_one": bool(row.get("one_to_one")),
    }


def _reference_row(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {
        name: value.get("id") if isinstance(value, dict) else value
        for name, value in row.items()
        if not isinstance(value, list)
        and not name.startswith("_")
        and name not in ("id", "name")
    }
    return {
        "id": row["id"],
        "name": row["name"],
        "values": dict(sorted(values.items())),
    }


def _workflow(
    row: Mapping[str, Any], rows: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """Return the statuses and types that a project schema allows (protocol 6.6)."""
    names = {
        name: {each["id"]: each["name"] for each in rows[name]}
        for name in ("ObjectType", "Status", "Type")
    }
    statuses: dict[str, list[str]] = {}
    types: dict[str, list[str]] = {}
    for schema in row.get("_schemas") or ():
        object_type = names["ObjectType"].get(schema.get("object_type_id"))
        if object_type is not None:
            statuses[object_type] = _names(
                names["Status"], schema.get("statuses"), "status_id"
            )
            types[object_type] = _names(names["Type"], schema.get("types"), "type_id")
    for object_type, workflow in (
        ("Task", row.get("_task_workflow")),
        ("Asset Version", row.get("_version_workflow")),
    ):
        statuses[object_type] = _names(
            names["Status"], (workflow or {}).get("statuses"), "id"
        )
    task_types = (row.get("_task_type_schema") or {}).get("types")
    types["Task"] = _names(names["Type"], task_types, "id")
    for override in row.get("_overrides") or ():
        task_type = names["Type"].get(override.get("type_id"))
        workflow = override.get("workflow_schema") or {}
        statuses[f"Task of type {task_type}"] = _names(
            names["Status"], workflow.get("statuses"), "id"
        )
    return {"id": row["id"], "name": row["name"], "statuses": statuses, "types": types}


def _names(
    names: Mapping[str, str], rows: Iterable[Mapping[str, Any]] | None, key: str
) -> list[str]:
    return [names[row[key]] for row in rows or () if row.get(key) in names]
