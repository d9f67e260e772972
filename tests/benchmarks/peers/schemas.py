"""Project schemas are exported to names and created from them, as the recipe does."""

from __future__ import annotations

from typing import Any

import ftrack_api.exception


def export(session: Any) -> list[dict[str, Any]]:
    """Return the project schemas by names; attributes are loaded as they are read."""
    return [_exported(session, each) for each in session.query("ProjectSchema")]


def _names(entities: Any) -> list[str]:
    return [each["name"] for each in entities]


def _exported(session: Any, schema: Any) -> dict[str, Any]:
    return {
        "name": schema["name"],
        "object_types": _names(schema["object_types"]),
        "task_types": _names(schema["task_type_schema"]["types"]),
        "task_statuses": _names(schema["task_workflow_schema"]["statuses"]),
        "version_statuses": _names(schema["asset_version_workflow_schema"]["statuses"]),
        "overrides": {
            session.get("Type", each["type_id"])["name"]: _names(
                each["workflow_schema"]["statuses"]
            )
            for each in schema["task_workflow_schema_overrides"]
        },
        "rules": [
            {
                "object_type": session.get("ObjectType", each["type_id"])["name"],
                "statuses": [row["task_status"]["name"] for row in each["statuses"]],
                "types": [row["task_type"]["name"] for row in each["types"]],
            }
            for each in session.query(
                f'Schema where project_schema_id is "{schema["id"]}"'
            )
        ],
    }


def restore(session: Any, exported: list[dict[str, Any]]) -> None:
    """Create every schema; an error is printed and the next one is tried."""
    for each in exported:
        try:
            _restore(session, each)
        except ftrack_api.exception.ServerError as error:
            print(error)
            session.recorded_operations.clear()


def _find(session: Any, entity_type: str, name: str) -> Any:
    return session.query(f'{entity_type} where name is "{name}"').one()


def _workflow(session: Any, name: str, statuses: list[str]) -> Any:
    workflow = session.create("WorkflowSchema", {"name": name})
    for status in statuses:
        workflow["statuses"].append(_find(session, "Status", status))
    return workflow


def _restore(session: Any, each: dict[str, Any]) -> None:
    task_types = session.create("TaskTypeSchema", {"name": each["name"]})
    for name in each["task_types"]:
        task_types["types"].append(_find(session, "Type", name))
    session.commit()
    schema = session.create(
        "ProjectSchema",
        {
            "name": each["name"],
            "task_type_schema": task_types,
            "task_workflow_schema": _workflow(
                session, each["name"], each["task_statuses"]
            ),
            "asset_version_workflow_schema": _workflow(
                session, each["name"], each["version_statuses"]
            ),
        },
    )
    session.commit()
    for name in each["object_types"]:
        object_type = _find(session, "ObjectType", name)
        # The server adds Task and Milestone to a new schema.
        if object_type not in schema["object_types"]:
            schema["object_types"].append(object_type)
    session.commit()
    for name, statuses in each["overrides"].items():
        session.create(
            "ProjectSchemaOverride",
            {
                "project_schema_id": schema["id"],
                "type_id": _find(session, "Type", name)["id"],
                "workflow_schema": _workflow(session, name, statuses),
            },
        )
        session.commit()
    for rules in each["rules"]:
        _restore_rules(session, schema, rules)


def _restore_rules(session: Any, schema: Any, rules: dict[str, Any]) -> None:
    object_type = _find(session, "ObjectType", rules["object_type"])
    created = session.create(
        "Schema", {"project_schema_id": schema["id"], "type_id": object_type["id"]}
    )
    session.commit()
    for sort, name in enumerate(rules["statuses"]):
        status = _find(session, "Status", name)
        session.create(
            "SchemaStatus",
            {"schema_id": created["id"], "status_id": status["id"], "sort": sort},
        )
    for sort, name in enumerate(rules["types"]):
        task_type = _find(session, "Type", name)
        session.create(
            "SchemaType",
            {"schema_id": created["id"], "type_id": task_type["id"], "sort": sort},
        )
    session.commit()
