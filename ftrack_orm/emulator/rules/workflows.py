"""Status and type of a new entity: the first that its project schema permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def first_status(
    request: RequestContext, entity_type: str, values: JSONObject
) -> str | None:
    """Return the status id of a new typed context, ``None`` if it has no status.

    For a task it is the first status of the task workflow of the project schema, or
    of the workflow that overrides it for the task's type. For other object types it is
    the first status of the `Schema` row of the object type (protocol 6.1, 6.6).
    """
    object_type = request.find("ObjectType", values["object_type_id"])
    if object_type is None or not object_type.get("is_statusable"):
        return None
    project_schema = _project_schema(request, values.get("project_id"))
    if project_schema is None:
        return None
    if entity_type == "Task":
        workflow = _override(request, project_schema["id"], values.get("type_id"))
        return _first_of_workflow(
            request, workflow or project_schema["task_workflow_schema_id"]
        )
    status_id = _first_of_schema(
        request, "SchemaStatus", project_schema["id"], object_type["id"]
    )
    # A project schema without a row for the object type uses the task workflow.
    return status_id or _first_of_workflow(
        request, project_schema["task_workflow_schema_id"]
    )


def first_type(
    request: RequestContext, entity_type: str, values: JSONObject
) -> str | None:
    """Return the type id of a new typed context, ``None`` if it has no type.

    For a task it is the first type of the task type schema, for other object types the
    first type of the `Schema` row of the object type (protocol 6.1, 6.6).
    """
    object_type = request.find("ObjectType", values["object_type_id"])
    if object_type is None or not object_type.get("is_typeable"):
        return None
    project_schema = _project_schema(request, values.get("project_id"))
    if project_schema is None:
        return None
    type_id = None
    if entity_type != "Task":
        type_id = _first_of_schema(
            request, "SchemaType", project_schema["id"], object_type["id"]
        )
    return type_id or _first_task_type(request, project_schema["task_type_schema_id"])


def first_version_status(request: RequestContext, project_id: str | None) -> str | None:
    """Return the status id of a new version in a project, ``None`` without one."""
    project_schema = _project_schema(request, project_id)
    if project_schema is None:
        return None
    return _first_of_workflow(
        request, project_schema["asset_version_workflow_schema_id"]
    )


def _project_schema(
    request: RequestContext, project_id: str | None
) -> JSONObject | None:
    project = request.find("Project", project_id) if project_id else None
    if project is None:
        return None
    return request.find("ProjectSchema", project["project_schema_id"] or "")


def _override(
    request: RequestContext, schema_id: str, type_id: str | None
) -> str | None:
    if type_id is None:
        return None
    for row in request.where(
        "ProjectSchemaOverride", project_schema_id=schema_id, type_id=type_id
    ):
        workflow_id: str | None = row["workflow_schema_id"]
        return workflow_id
    return None


def _first_of_workflow(request: RequestContext, workflow_id: str | None) -> str | None:
    answers = request.rows.answers(request.root("WorkflowSchemaStatus"))
    if workflow_id not in answers:
        # These rows have no sort attribute: their order is the order of creation.
        rows = request.where("WorkflowSchemaStatus", workflow_schema_id=workflow_id)
        answers[workflow_id] = str(rows[0]["status_id"]) if rows else None
    status_id: str | None = answers[workflow_id]
    return status_id


def _first_task_type(request: RequestContext, schema_id: str | None) -> str | None:
    answers = request.rows.answers(request.root("TaskTypeSchemaType"))
    if schema_id not in answers:
        # In the order of creation, as those of a workflow.
        rows = request.where("TaskTypeSchemaType", task_type_schema_id=schema_id)
        answers[schema_id] = str(rows[0]["type_id"]) if rows else None
    type_id: str | None = answers[schema_id]
    return type_id


def _first_of_schema(
    request: RequestContext,
    row_type: str,
    project_schema_id: str,
    object_type_id: str,
) -> str | None:
    """Return the first status or type of an object type in a project schema."""
    schemas = request.where(
        "Schema", project_schema_id=project_schema_id, type_id=object_type_id
    )
    if not schemas:
        return None
    rows = request.where(row_type, schema_id=schemas[0]["id"])
    rows.sort(key=lambda row: row["sort"] or 0)
    name = "status_id" if row_type == "SchemaStatus" else "type_id"
    return str(rows[0][name]) if rows else None
