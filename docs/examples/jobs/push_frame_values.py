"""Give tasks the frame range of their shot.

A run that was interrupted is repeated: only values that differ are sent.
"""

from __future__ import annotations

from ftrack_models import CustomAttributeConfiguration, ObjectType, Project, Shot, Task
from ftrack_orm import FlushPlan, Session

KEYS = ("fstart", "fend", "handles")


def ensure_task_attributes(session: Session) -> None:
    """Configure the keys for tasks as they are configured for shots."""
    shots, tasks = (session.find(ObjectType, name=name).id for name in ("Shot", "Task"))
    rows: list[dict[str, object]] = []
    for key in KEYS:
        like = session.find(
            CustomAttributeConfiguration, key=key, object_type_id=shots, project_id=None
        )
        rows.append(
            {
                "key": key,
                "entity_type": "task",
                "object_type_id": tasks,
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


def push_frame_values(session: Session, project: Project) -> FlushPlan:
    """Copy the values of every shot to its tasks; return the changes that were sent."""
    ensure_task_attributes(session)
    tasks = (
        session.select(Task)
        .where(Task.project.is_(project))
        .load(Task.custom_attributes, Task.parent.as_(Shot).custom_attributes)
    )
    for task in tasks:
        if isinstance(task.parent, Shot):
            for key in KEYS:
                task.custom_attributes[key] = task.parent.custom_attributes[key]
    return session.commit()
