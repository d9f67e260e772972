"""Rows of the standard seed, those of a fresh server (protocol 9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from ftrack_orm.emulator.seed.custom_attributes import (
    CONFIGURATIONS,
    CUSTOM_ATTRIBUTE_TYPES,
)
from ftrack_orm.emulator.seed.planter import Planter
from ftrack_orm.emulator.stock import studio, workflow
from ftrack_orm.emulator.stock.project_schemas import (
    PROJECT_SCHEMAS,
    SCHEMAS,
    TASK_WORKFLOW,
    VERSION_WORKFLOW,
)
from ftrack_orm.emulator.storage.object_types import flags_of, types_by_object_type
from ftrack_orm.types import JSONObject

_STATES: Final = {state.short: state.id for state in workflow.STATES}
STATUS_IDS: Final = {status.name: status.id for status in workflow.STATUSES}
TYPE_IDS: Final = {task_type.name: task_type.id for task_type in workflow.TYPES}
_SORTED_OBJECT_TYPES: Final = tuple(enumerate(workflow.OBJECT_TYPES))
OBJECT_TYPE_IDS: Final = {row.name: row.id for row in workflow.OBJECT_TYPES}
PROJECT_SCHEMA_IDS: Final = {schema.name: schema.id for schema in PROJECT_SCHEMAS}


def plant_administrator(planter: Planter) -> None:
    """Add the administrator, the user of `Emulator.credentials`, with its roles."""
    planter.add("UserType", (row._asdict() for row in studio.USER_TYPES))
    planter.add(
        "SecurityRole",
        (role._asdict() for role in studio.SECURITY_ROLES),
    )
    administrator = {
        "id": studio.ADMIN_ID,
        "username": studio.ADMIN_USERNAME,
        "first_name": "Ada",
        "last_name": "Admin",
        "email": "admin@example.com",
        "resource_type": "user",
        "is_active": True,
        "user_type_id": studio.DEFAULT_USER_TYPE,
        "api_key": studio.ADMIN_API_KEY,
    }
    role = {
        "id": studio.ADMIN_ROLE_LINK,
        "user_id": studio.ADMIN_ID,
        "security_role_id": studio.ADMINISTRATOR_ROLE,
        "is_all_projects": True,
        "is_all_open_projects": True,
    }
    planter.add("User", [administrator])
    planter.add("UserSecurityRole", [role])


def plant_standard(planter: Planter) -> None:
    """Add all rows of the standard seed."""
    plant_administrator(planter)
    _plant_workflow(planter)
    _plant_project_schemas(planter)
    _plant_custom_attributes(planter)
    _plant_studio(planter)


def _plant_workflow(planter: Planter) -> None:
    planter.add("State", (state._asdict() for state in workflow.STATES))
    planter.add("Status", map(_status, workflow.STATUSES))
    planter.add(
        "Type",
        ({**row._asdict(), "sort": sort} for sort, row in enumerate(workflow.TYPES)),
    )
    planter.add(
        "Priority", ({**row._asdict(), "value": 0} for row in workflow.PRIORITIES)
    )
    _plant_object_types(planter)


def _plant_object_types(planter: Planter) -> None:
    """Add a row for each object type in the schema.

    Rows of stock object types were recorded from a server. For a studio's custom object
    types the schema provides the name and some flags; the rest is assumed.
    """
    stock = {row.id: _object_type(sort, row) for sort, row in _SORTED_OBJECT_TYPES}
    in_schema = types_by_object_type(planter.storage.schema)
    custom = [
        {
            "id": key,
            "name": name,
            "sort": sort,
            "icon": "default",
            "is_taskable": True,
            "is_time_reportable": False,
            "is_leaf": False,
            **flags_of(planter.storage.schema[name]),
        }
        for sort, (key, name) in enumerate(in_schema.items(), len(stock))
        if key not in stock
    ]
    planter.add("ObjectType", (row for key, row in stock.items() if key in in_schema))
    # A second call: rows of one call must all have the same attributes.
    planter.add("ObjectType", custom)


def _status(status: workflow.Status) -> JSONObject:
    row = status._asdict()
    state = row.pop("state")
    return {**row, "is_active": True, "state_id": _STATES[state]}


def _object_type(sort: int, row: workflow.ObjectType) -> JSONObject:
    flags = {
        name: letter in row.flags for letter, name in workflow.OBJECT_TYPE_FLAGS.items()
    }
    return {"id": row.id, "name": row.name, "sort": sort, "icon": "default", **flags}


# -- project schemas ---------------------------------------------------------


def _plant_project_schemas(planter: Planter) -> None:
    in_schema = types_by_object_type(planter.storage.schema)
    for project_schema in PROJECT_SCHEMAS:
        name = project_schema.name
        types = project_schema.task_type_schema_id
        tasks = project_schema.task_workflow_id
        versions = project_schema.version_workflow_id
        planter.add("TaskTypeSchema", [{"id": types, "name": name}])
        planter.add(
            "WorkflowSchema",
            [
                {"id": tasks, "name": f"{name} tasks"},
                {"id": versions, "name": f"{name} versions"},
            ],
        )
        planter.add(
            "ProjectSchema",
            [
                {
                    "id": project_schema.id,
                    "name": name,
                    "task_type_schema_id": types,
                    "task_workflow_schema_id": tasks,
                    "asset_version_workflow_schema_id": versions,
                }
            ],
        )
        planter.add(
            "ProjectSchemaObjectType",
            (
                {
                    "project_schema_id": project_schema.id,
                    "object_type_id": OBJECT_TYPE_IDS[object_type],
                }
                for object_type in project_schema.object_types
                if OBJECT_TYPE_IDS[object_type] in in_schema
            ),
        )
        planter.add(
            "TaskTypeSchemaType",
            (
                {"task_type_schema_id": types, "type_id": TYPE_IDS[task_type]}
                for task_type in project_schema.types
            ),
        )
        planter.add("WorkflowSchemaStatus", _statuses(tasks, TASK_WORKFLOW))
        planter.add("WorkflowSchemaStatus", _statuses(versions, VERSION_WORKFLOW))
    _plant_schemas(planter)


def _statuses(workflow_id: str, names: tuple[str, ...]) -> Iterator[JSONObject]:
    for name in names:
        yield {"workflow_schema_id": workflow_id, "status_id": STATUS_IDS[name]}


def _plant_schemas(planter: Planter) -> None:
    in_schema = types_by_object_type(planter.storage.schema)
    for schema in SCHEMAS:
        object_type_id = OBJECT_TYPE_IDS[schema.object_type]
        if object_type_id not in in_schema:
            continue
        row = {
            "id": schema.id,
            "project_schema_id": PROJECT_SCHEMA_IDS[schema.project_schema],
            "type_id": object_type_id,
            "object_type_id": object_type_id,
        }
        planter.add("Schema", [row])
        planter.add(
            "SchemaStatus",
            (
                {"schema_id": schema.id, "status_id": STATUS_IDS[name], "sort": sort}
                for sort, name in enumerate(schema.statuses)
            ),
        )
        planter.add(
            "SchemaType",
            (
                {"schema_id": schema.id, "type_id": TYPE_IDS[name], "sort": sort}
                for sort, name in enumerate(schema.types)
            ),
        )


# -- custom attributes and the rest ------------------------------------------


def _plant_custom_attributes(planter: Planter) -> None:
    planter.add(
        "CustomAttributeType",
        (
            {**row._asdict(), "core": True, "form_config": "{}"}
            for row in CUSTOM_ATTRIBUTE_TYPES
        ),
    )
    type_ids = {row.name: row.id for row in CUSTOM_ATTRIBUTE_TYPES}
    in_schema = types_by_object_type(planter.storage.schema)
    planter.add(
        "CustomAttributeConfiguration",
        (
            {
                "id": row.id,
                "key": row.key,
                "label": row.label,
                "entity_type": row.entity_type,
                "object_type_id": OBJECT_TYPE_IDS.get(row.object_type or ""),
                "type_id": type_ids[row.type],
                "default": json.dumps(row.default),
                "config": row.config,
                "core": False,
                "is_hierarchical": False,
                "sort": sort,
            }
            for sort, row in enumerate(CONFIGURATIONS)
            if row.object_type is None or OBJECT_TYPE_IDS[row.object_type] in in_schema
        ),
    )


def _plant_studio(planter: Planter) -> None:
    planter.add("Location", (row._asdict() for row in studio.LOCATIONS))
    planter.add(
        "AssetType",
        ({**row._asdict(), "component": "main"} for row in studio.ASSET_TYPES),
    )
    planter.add(
        "NoteLabel",
        (
            {**row._asdict(), "sort": sort}
            for sort, row in enumerate(studio.NOTE_LABELS)
        ),
    )
    planter.add(
        "NoteCategory",
        (
            {**row._asdict(), "sort": sort}
            for sort, row in enumerate(studio.NOTE_CATEGORIES, len(studio.NOTE_LABELS))
        ),
    )
    planter.add("ListCategory", (row._asdict() for row in studio.LIST_CATEGORIES))
    planter.add("ManagerType", (row._asdict() for row in studio.MANAGER_TYPES))
    setting = {
        "name": "storage_scenario",
        "group": "STORAGE",
        "value": studio.STORAGE_SCENARIO,
    }
    planter.add("Setting", [setting])
