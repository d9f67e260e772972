"""Entities made of rows in memory, where no server is asked for anything."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json, to_json

from ftrack_models import Shot, Task
from ftrack_orm import Session
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.gc_pause import gc_paused
from ftrack_orm.types import Reply
from tests.support.transports import UnusedTransport

STATUS_ID = "44dd9fb2-4164-11df-9218-0019bb4983d8"


class PagesTransport(UnusedTransport):
    """A transport that answers each query with the next of its pages."""

    def __init__(self, bodies: Iterable[bytes]) -> None:
        self._bodies = iter(bodies)

    def call(self, body: bytes, **options: Any) -> Reply:
        return Reply(self.server_url, 200, "application/json", next(self._bodies))


class EchoTransport(UnusedTransport):
    """A transport that answers updates with the values that were sent.

    Attributes:
        was_collecting: whether the garbage collector was on during the last call.
    """

    was_collecting = False

    def call(self, body: bytes, **options: Any) -> Reply:
        self.was_collecting = gc.isenabled()
        with gc_paused():  # what an answer costs is not the client's
            results = [
                {
                    "action": "update",
                    "data": {**update["entity_data"], "id": update["entity_key"][0]},
                }
                for update in from_json(body)
            ]
            answer = to_json(results)
        return Reply(self.server_url, 200, "application/json", answer)


def session_with_pages(count: int) -> Session:
    """Return a session whose first query finds `count` tasks, in pages of 500."""
    bodies = [
        to_json(
            [
                {
                    "action": "query",
                    "data": [task_row(first + number) for number in range(500)],
                    "metadata": {
                        "next": {"offset": first + 500 if first + 500 < count else None}
                    },
                }
            ]
        )
        for first in range(0, count, 500)
    ]
    return Session(transport=PagesTransport(bodies), check_schema="ignore")


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
    [task] = session._core.build([task_row(1)], LoadGroup())
    assert isinstance(task, Task)
    return task


def shot_of(session: Session, count: int) -> Shot:
    """Return a loaded shot with `count` loaded tasks as its children."""
    key = str(uuid.uuid4())
    tasks = [task_row(number, parent_id=key) for number in range(count)]
    row = {"__entity_type__": "Shot", "id": key, "name": "shot", "children": tasks}
    [shot] = session._core.build([row], LoadGroup())
    assert isinstance(shot, Shot)
    assert len(shot.children) == count
    return shot
