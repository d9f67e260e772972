"""Export the project schemas of one server and import them into another.

The exchange format holds names and no ids, so that it fits any server. A schema whose
name the other server has is left as it is: a repeated import adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ftrack_orm import FlushPlan
from studio_models import (
    ObjectType,
    ProjectSchema,
    ProjectSchemaOverride,
    Schema,
    SchemaStatus,
    SchemaType,
    Status,
    StudioSession,
    TaskTypeSchema,
    Type,
    WorkflowSchema,
)


@dataclass(frozen=True)
class Rules:
    """The statuses and types of one object type, by name and in order."""

    object_type: str
    statuses: list[str]
    types: list[str]


@dataclass(frozen=True)
class ExportedSchema:
    """A project schema by names; `dataclasses.asdict` makes JSON of it."""

    name: str
    object_types: list[str]
    task_types: list[str]
    task_statuses: list[str]
    version_statuses: list[str]
    overrides: dict[str, list[str]]
    rules: list[Rules]


# -- export ----------------------------------------------------------------------------


def export_schemas(session: StudioSession) -> list[ExportedSchema]:
    """Return every project schema, by name."""
    schemas = (
        session.select(ProjectSchema)
        .order_by(ProjectSchema.name)
        .load(
            ProjectSchema.object_types,
            ProjectSchema.task_type_schema.types,
            ProjectSchema.task_workflow_schema.statuses,
            ProjectSchema.asset_version_workflow_schema.statuses,
            ProjectSchema.task_workflow_schema_overrides,
            ProjectSchema.task_workflow_schema_overrides.each.workflow_schema.statuses,
            ProjectSchema.object_type_schemas,
            ProjectSchema.object_type_schemas.each.statuses,
            ProjectSchema.object_type_schemas.each.statuses.each.task_status,
            ProjectSchema.object_type_schemas.each.types,
            ProjectSchema.object_type_schemas.each.types.each.task_type,
        )
    )
    return [exported(session, schema) for schema in schemas]


def exported(session: StudioSession, schema: ProjectSchema) -> ExportedSchema:
    """Return a loaded schema by names."""
    types = schema.task_type_schema
    return ExportedSchema(
        name=schema.name,
        object_types=sorted(each.name for each in schema.object_types),
        task_types=[each.name for each in types.types] if types else [],
        task_statuses=status_names(schema.task_workflow_schema),
        version_statuses=status_names(schema.asset_version_workflow_schema),
        overrides={
            session.find(Type, id=each.type_id).name: status_names(each.workflow_schema)
            for each in schema.task_workflow_schema_overrides
        },
        rules=[
            Rules(
                object_type=session.find(ObjectType, id=rules.type_id).name,
                statuses=[row.task_status.name for row in by_sort(rules.statuses)],
                types=[row.task_type.name for row in by_sort(rules.types)],
            )
            for rules in schema.object_type_schemas
        ],
    )


def status_names(workflow: WorkflowSchema | None) -> list[str]:
    """Return the names of the statuses of a workflow."""
    return [status.name for status in workflow.statuses] if workflow else []


Row = TypeVar("Row", SchemaStatus, SchemaType)


def by_sort(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order of the web interface."""
    return sorted(rows, key=lambda row: row.sort or 0)


# -- import ----------------------------------------------------------------------------


def import_schemas(
    session: StudioSession, schemas: Iterable[ExportedSchema]
) -> FlushPlan:
    """Create the schemas that the server lacks; return the changes that were sent."""
    for schema in schemas:
        if session.find_or_none(ProjectSchema, name=schema.name) is None:
            add_schema(session, schema)
    return session.commit()


def add_schema(session: StudioSession, schema: ExportedSchema) -> None:
    """Add a project schema with its workflows and rules to the plan."""
    task_types = TaskTypeSchema(
        name=schema.name,
        types=[session.find(Type, name=name) for name in schema.task_types],
    )
    added = ProjectSchema(
        name=schema.name,
        object_types=[session.find(ObjectType, name=n) for n in schema.object_types],
        task_type_schema=task_types,
        task_workflow_schema=workflow(session, schema.name, schema.task_statuses),
        asset_version_workflow_schema=workflow(
            session, schema.name, schema.version_statuses
        ),
    )
    session.add_all([task_types, added])
    for task_type, statuses in schema.overrides.items():
        session.add(
            ProjectSchemaOverride(
                project_schema_id=added.id,
                type_id=session.find(Type, name=task_type).id,
                workflow_schema=workflow(session, task_type, statuses),
            )
        )
    for rules in schema.rules:
        add_rules(session, added, rules)


def workflow(
    session: StudioSession, name: str, statuses: Iterable[str]
) -> WorkflowSchema:
    """Return a new workflow with these statuses, added to the plan."""
    added = WorkflowSchema(
        name=name, statuses=[session.find(Status, name=each) for each in statuses]
    )
    session.add(added)
    return added


def add_rules(session: StudioSession, schema: ProjectSchema, rules: Rules) -> None:
    """Add the statuses and types of one object type to the plan."""
    object_type = session.find(ObjectType, name=rules.object_type)
    added = Schema(project_schema_id=schema.id, type_id=object_type.id)
    session.add(added)
    for sort, name in enumerate(rules.statuses):
        status = session.find(Status, name=name)
        session.add(SchemaStatus(schema_id=added.id, task_status=status, sort=sort))
    for sort, name in enumerate(rules.types):
        task_type = session.find(Type, name=name)
        session.add(SchemaType(schema_id=added.id, task_type=task_type, sort=sort))
