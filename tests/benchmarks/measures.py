"""What is measured of both clients, each on the same work."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import tracemalloc
import uuid
from collections.abc import Callable
from typing import Any

from pydantic_core import from_json, to_json

from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.session.workspace import Workspace
from ftrack_orm.types import Reply
from tests.benchmarks.clients import OFFICIAL, OURS, plain_tasks, tasks_with_relations
from tests.benchmarks.server import Served
from tests.benchmarks.timing import nanoseconds, seconds
from tests.benchmarks.wire import Recording, receive, recording, replaying


class LoadFigures:
    """Loading `count` tasks with relations, the server's part taken out.

    Attributes:
        limit: seconds to receive and decode the same replies and nothing else.
        ours, official: seconds of the clients on recorded replies.
        ours_bytes, official_bytes: memory of one loaded entity.
    """

    limit: float
    ours: float
    official: float
    ours_bytes: float
    official_bytes: float


def measure_load(served: Served, count: int, repeats: int) -> LoadFigures:
    """Load through both clients from what one run of ours or theirs recorded."""
    figures = LoadFigures()
    expression = tasks_with_relations(served.session(), count).expression
    for client in (OURS, OFFICIAL):
        session = client.open(served)
        with recording() as recorded:
            if client is OURS:
                session.query("select id from State limit 1")  # asks the schema hash
                recorded.bodies.clear()
            client.load(session, expression, count)
        if client is OURS:
            figures.limit = min(
                seconds(lambda kept=recorded: receive(kept, _decode))[0]  # type: ignore[misc]
                for _ in range(3)
            )
        times, memory = _replayed(client, served, recorded, expression, count, repeats)
        name = "ours" if client is OURS else "official"
        setattr(figures, name, times)
        setattr(figures, f"{name}_bytes", memory)
    return figures


def _decode(body: bytes) -> Any:
    return from_json(body, cache_strings="all")


def _replayed(
    client: Any,
    served: Served,
    recorded: Recording,
    expression: str,
    count: int,
    repeats: int,
) -> tuple[float, float]:
    """Return the median seconds of loading, and the bytes of an entity."""
    times = []
    # The official client is a hundred times slower: one run of it says enough.
    for _ in range(repeats if client is OURS else 1):
        session = _ready(client, served)
        with replaying(recorded):
            took, _ = seconds(lambda: client.load(session, expression, count))  # noqa: B023 # called at once
        times.append(took)
    session = _ready(client, served)
    gc.collect()
    tracemalloc.start()
    with replaying(recorded):
        kept = client.load(session, expression, count)
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    held = client.count(session)
    del kept
    return statistics.median(times), used / held


def _ready(client: Any, served: Served) -> Any:
    session = client.open(served)
    if client is OURS:
        session.query("select id from State limit 1")  # the schema hash is asked here
    return session


def measure_commit(
    served: Served, client: Any, count: int, text: str
) -> tuple[float, float]:
    """Return seconds of a commit without the server, and of the setting before it."""
    session = _ready(client, served)
    if client is OURS:
        tasks = plain_tasks(session, count).all()
    else:
        expression = plain_tasks(served.session(), count).expression
        tasks = client.load(session, expression, count)
    setting, _ = seconds(lambda: client.change(tasks, text))
    with recording() as recorded:
        took, _ = seconds(session.commit)
    return took - recorded.waited, setting


def measure_attributes(served: Served) -> dict[str, tuple[float, float]]:
    """Return nanoseconds of reading and of setting, ours and the official's."""
    ours = plain_tasks(_ready(OURS, served), 1).all()[0]
    session = OFFICIAL.open(served)
    expression = plain_tasks(served.session(), 1).expression
    official = OFFICIAL.load(session, expression, 1)[0]
    return {
        "read": (
            nanoseconds("task.name", task=ours),
            nanoseconds("task['name']", task=official),
        ),
        "set": (
            nanoseconds("task.description = 'x'", task=ours),
            _official_set(official),
        ),
    }


def _official_set(task: Any) -> float:
    # Each set records an operation, so few loops: memory is not what is measured.
    took, _ = seconds(
        lambda: [task.__setitem__("description", "x") for _ in range(2000)]
    )
    return took / 2000 * 1e9


_IMPORTS = """
import time
import pydantic, requests
class Warm(pydantic.BaseModel):
    a: int
started = time.perf_counter()
{statement}
print((time.perf_counter() - started) * 1e3)
"""


def measure_import(statement: str, repeats: int) -> float:
    """Return median milliseconds of a statement, above pydantic and requests."""
    times = [
        float(
            subprocess.run(
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-c",
                    _IMPORTS.format(statement=statement),
                ],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(repeats)
    ]
    return statistics.median(times)


def measure_requests(served: Served, client: Any, work: Callable[[Any], Any]) -> int:
    """Return how many requests `work` makes in a session that is open already."""
    session = _ready(client, served)
    with recording() as recorded:
        work(session)
    return len(recorded)


class _NoTransport:
    """Stands where a server would be; nothing may be asked of it."""

    server_url = "benchmark://rows"

    def call(self, body: bytes, **options: Any) -> Reply:
        raise AssertionError(f"asked for {body!r} with {options}")

    def close(self) -> None:
        return None


def measure_flatness(counts: tuple[int, ...]) -> dict[int, float]:
    """Return microseconds for each entity, loading that many in pages of 500."""
    return {count: _microseconds_each(count) for count in counts}


def _microseconds_each(count: int) -> float:
    pages = [to_json([_row(i) for i in range(500)]) for _ in range(count // 500)]
    space = Workspace(
        _NoTransport(),
        models=None,
        load="auto",
        check_schema="ignore",
        page_size=500,
    )
    group = LoadGroup()

    def load() -> list[Any]:
        kept = []
        for page in pages:
            kept.extend(space.take(_decode(page), group))
        return kept

    took, kept = seconds(load)
    return took / len(kept) * 1e6


def _row(number: int) -> dict[str, Any]:
    return {
        "__entity_type__": "Task",
        "id": str(uuid.uuid4()),
        "context_type": "task",
        "name": f"task {number}",
        "bid": 3600.0 * (number % 9),
        "start_date": {"__type__": "datetime", "value": "2026-01-05T09:00:00"},
        "status_id": "44dd9fb2-4164-11df-9218-0019bb4983d8",
        "status": {
            "__entity_type__": "Status",
            "id": "44dd9fb2-4164-11df-9218-0019bb4983d8",
        },
    }
