"""Set the status of shots by the states of their tasks.

A listener calls `cascade` with the tasks that an event names. It sends two requests
for any number of tasks, and one when all statuses are right.
"""

from __future__ import annotations

from collections.abc import Iterable

from ftrack_orm import FlushPlan
from studio_models import Shot, StudioSession, Task
from studio_models.names import StateShort
from studio_models.reference import statuses


def cascade(session: StudioSession, task_ids: Iterable[str]) -> FlushPlan:
    """Update the shots of these tasks; return the changes that were sent."""
    shots = (
        session.select(Shot)
        .where(Shot.children.each.id.in_(task_ids))
        .load(Shot.children.each.as_(Task).status.state)
    )
    for shot in shots:
        tasks = [child for child in shot.children if isinstance(child, Task)]
        states: list[StateShort] = [task.status.state.short for task in tasks]
        if tasks and all(state == "DONE" for state in states):
            shot.status = statuses.completed
        elif any(state == "IN_PROGRESS" for state in states):
            shot.status = statuses.in_progress
    return session.commit()
