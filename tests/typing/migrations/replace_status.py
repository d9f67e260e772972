"""A status goes: everything that has it gets another, and the workflows lose it."""

from ftrack_models import (
    AssetVersion,
    SchemaStatus,
    Status,
    TypedContext,
    WorkflowSchemaStatus,
)
from ftrack_orm.migrations import Planner, Revision

revision = Revision(
    "20261126_9b10", "Revise becomes In progress", accepts=["status", "delete"]
)


def up(plan: Planner) -> None:
    old = plan.find(Status, Status.name == "Revise")
    new = plan.find(Status, Status.name == "In progress")
    contexts = plan.select(TypedContext).where(TypedContext.status_id == old.id)
    for context in plan.each(contexts):
        context.status = new
    versions = plan.select(AssetVersion).where(AssetVersion.status_id == old.id)
    for version in plan.each(versions):
        version.status = new
    for row in plan.each(
        plan.select(WorkflowSchemaStatus).where(
            WorkflowSchemaStatus.status_id == old.id
        )
    ):
        plan.remove(row)
    for schema_row in plan.each(
        plan.select(SchemaStatus).where(SchemaStatus.status_id == old.id)
    ):
        plan.remove(schema_row)
    old.is_active = False  # statuses are retired, not deleted
