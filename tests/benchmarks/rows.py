"""Entities made of rows in memory, where no server is asked for anything."""

from __future__ import annotations

import uuid
from typing import Any

from ftrack_models import Shot, Task
from ftrack_orm import Session
from ftrack_orm.entity.state import LoadGroup
from tests.support.transports import UnusedTransport

STATUS_ID = "44dd9fb2-4164-11df-9218-0019bb4983d8"


def session() -> Session:
    """Return a session that sends nothing."""
    return Session(transport=UnusedTransport(), check_schema="ignore")


def task_row(number: int, **values: Any) -> dict[str, Any]:
    """Return the row of a task with a status."""
    return {
        "__entity_type__": "Task",
        "id": str(uuid.uuid4()),
        "context_type": "task",
        "name": f"task {number}",
        "bid": 3600.0 * (number % 9),
        "start_date": {"__type__": "datetime", "value": "2026-01-05T09:00:00"},
        "status_id": STATUS_ID,
        "status": {"__entity_type__": "Status", "id": STATUS_ID},
        **values,
    }


def loaded_task(session: Session) -> Task:
    """Return a loaded task with a loaded status."""
    [task] = session._space.take([task_row(1)], LoadGroup())
    assert isinstance(task, Task)
    return task


def shot_of(session: Session, count: int) -> Shot:
    """Return a loaded shot with `count` loaded tasks as its children."""
    key = str(uuid.uuid4())
    tasks = [task_row(number, parent_id=key) for number in range(count)]
    row = {"__entity_type__": "Shot", "id": key, "name": "shot", "children": tasks}
    [shot] = session._space.take([row], LoadGroup())
    assert isinstance(shot, Shot)
    assert len(shot.children) == count
    return shot
