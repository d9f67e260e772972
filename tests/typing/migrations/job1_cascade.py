"""Shots follow their tasks; called by a listener with the tasks of one event."""

from collections.abc import Sequence

from ftrack_models import Shot, Status, Task
from ftrack_orm import Session
from ftrack_orm.migrations import Plan, Planner, make_plan

OURS = "studio-cascade"


def up(plan: Planner, task_ids: Sequence[str]) -> None:
    done = plan.find(Status, Status.name == "Completed")
    going = plan.find(Status, Status.name == "In progress")
    changed = plan.select(Task).where(Task.id.in_(task_ids))
    shot_ids = {parent for (parent,) in changed.values(Task.parent_id) if parent}
    shots = (
        plan.select(Shot)
        .where(Shot.id.in_(shot_ids))
        .load(Shot.children.each.as_(Task).status.state)
    )
    for shot in plan.each(shots):
        states = {
            task.status.state.short for task in shot.children if isinstance(task, Task)
        }
        if states == {"DONE"}:
            shot.status = done
        elif "IN_PROGRESS" in states:
            shot.status = going


def on_update(
    session: Session, task_ids: Sequence[str], push_token: str | None
) -> Plan | None:
    if push_token == OURS:  # our own change came back
        return None
    return make_plan(session, up, task_ids)
