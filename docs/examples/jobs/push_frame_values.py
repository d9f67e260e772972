"""Give tasks the frame range of their shot.

A run that was interrupted is repeated: only values that differ are sent.
"""

from __future__ import annotations

from ftrack_orm import FlushPlan
from studio_models import (
    CustomAttributeConfiguration,
    Project,
    Shot,
    StudioSession,
    Task,
)
from studio_models.reference import object_types

KEYS = ("fstart", "fend", "handles")


def ensure_task_attributes(session: StudioSession) -> None:
    """Configure the keys for tasks as they are configured for shots."""
    rows: list[dict[str, object]] = []
    for key in KEYS:
        like = session.find(
            CustomAttributeConfiguration,
            key=key,
            object_type_id=object_types.shot.id,
            project_id=None,
        )
        rows.append(
            {
                "key": key,
                "entity_type": "task",
                "object_type_id": object_types.task.id,
                "project_id": None,
                "label": like.label,
                "type_id": like.type_id,
                "config": like.config,
                "default": like.default,
            }
        )
    by = ("key", "entity_type", "object_type_id", "project_id")
    session.find_or_add(CustomAttributeConfiguration, rows, by=by)
    session.commit()


def push_frame_values(session: StudioSession, project: Project) -> FlushPlan:
    """Copy the values of every shot to its tasks; return the changes that were sent."""
    ensure_task_attributes(session)
    tasks = (
        session.select(Task)
        .where(Task.project.is_(project))
        .load(Task.custom_attributes, Task.parent.as_(Shot).custom_attributes)
    )
    for task in tasks:
        if isinstance(task.parent, Shot):
            frames = task.parent.custom_attributes
            task.custom_attributes.fstart = frames.fstart
            task.custom_attributes.fend = frames.fend
            task.custom_attributes.handles = frames.handles
    return session.commit()
