"""A shot follows its tasks: a listener that commits for each task of the event."""

from __future__ import annotations

from typing import Any


def run(session: Any, task_ids: list[str]) -> None:
    """Set the status of the parents of the tasks."""
    done = session.query('Status where name is "Completed"').one()
    going = session.query('Status where name is "In progress"').one()
    for task_id in task_ids:
        task = session.get("Task", task_id)
        parent = task["parent"]
        if parent.entity_type != "Shot":
            continue
        states = {
            child["status"]["state"]["short"]
            for child in parent["children"]
            if child.entity_type == "Task"
        }
        if states == {"DONE"}:
            parent["status"] = done
        elif "IN_PROGRESS" in states:
            parent["status"] = going
        session.commit()
