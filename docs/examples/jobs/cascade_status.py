"""Set the status of shots by the states of their tasks.

A listener calls `cascade` with the tasks that an event names. It sends at most three
requests for any number of tasks, and none to write when all statuses are right.
"""

from __future__ import annotations

from collections.abc import Iterable

from ftrack_models import Shot, Status, Task
from ftrack_orm import FlushPlan, Session


def cascade(session: Session, task_ids: Iterable[str]) -> FlushPlan:
    """Update the shots of these tasks; return the changes that were sent."""
    done = session.find(Status, name="Completed")
    going = session.find(Status, name="In progress")
    shots = (
        session.select(Shot)
        .where(Shot.children.each.id.in_(task_ids))
        .load(Shot.children.each.as_(Task).status.state)
    )
    for shot in shots:
        tasks = [child for child in shot.children if isinstance(child, Task)]
        states = {task.status.state.short for task in tasks}
        if states == {"DONE"}:
            shot.status = done
        elif "IN_PROGRESS" in states:
            shot.status = going
    return session.commit()
