"""What is measured of both clients, each on the same work."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from ftrack_codegen.package import generate_package, write_package
from ftrack_models import Task
from tests.benchmarks.clients import OFFICIAL, OURS, plain_tasks, tasks_with_relations
from tests.benchmarks.rows import session_with_pages
from tests.benchmarks.server import Served
from tests.benchmarks.timing import nanoseconds, seconds
from tests.benchmarks.wire import Recording, receive, recording, replaying
from tests.support.large_studio import large_source


class LoadFigures:
    """Loading `count` tasks with relations from recorded replies, without a server.

    Attributes:
        limits: seconds to receive and decode the replies of each of our ways.
        ours: seconds of our ways, ``"select"`` in pages and ``"query"`` in one reply.
        official: seconds of the official client.
        ours_bytes, official_bytes: memory of one loaded entity.
    """

    def __init__(self) -> None:
        self.limits: dict[str, float] = {}
        self.ours: dict[str, float] = {}
        self.official = 0.0
        self.ours_bytes = 0.0
        self.official_bytes = 0.0


def measure_load(served: Served, count: int, repeats: int) -> LoadFigures:
    """Load through both clients what one run of each recorded."""
    figures = LoadFigures()
    expression = tasks_with_relations(served.session(), count).expression
    ways: dict[str, Callable[[Any], Any]] = {
        "select": lambda session: OURS.load(session, expression, count),
        "query": lambda session: session.query(f"{expression} limit {count}").data,
    }
    for name, load in ways.items():
        recorded = _recorded(OURS, served, load)
        figures.limits[name], figures.ours[name] = _by_turns(
            served, recorded, load, repeats
        )
        if name == "select":
            figures.ours_bytes = _bytes_each(OURS, served, recorded, load)

    def official(session: Any) -> Any:
        return OFFICIAL.load(session, expression, count)

    recorded = _recorded(OFFICIAL, served, official)
    # A hundred times slower than ours: one run of it is enough.
    figures.official = _seconds(OFFICIAL, served, recorded, official)
    figures.official_bytes = _bytes_each(OFFICIAL, served, recorded, official)
    return figures


def _decode(body: bytes) -> Any:
    return from_json(body, cache_strings="all")


def _recorded(client: Any, served: Served, load: Callable[[Any], Any]) -> Recording:
    session = _ready(client, served)
    with recording() as recorded:
        load(session)
    return recorded


def _by_turns(
    served: Served, recorded: Recording, load: Callable[[Any], Any], repeats: int
) -> tuple[float, float]:
    """Return median seconds of receiving and decoding, and of loading."""
    floor, loading = [], []
    for _ in range(repeats):
        floor.append(seconds(lambda: receive(recorded, _decode))[0])
        loading.append(_seconds(OURS, served, recorded, load))
    return statistics.median(floor), statistics.median(loading)


def _seconds(
    client: Any, served: Served, recorded: Recording, load: Callable[[Any], Any]
) -> float:
    session = _ready(client, served)
    with replaying(recorded):
        return seconds(lambda: load(session))[0]


def _bytes_each(
    client: Any, served: Served, recorded: Recording, load: Callable[[Any], Any]
) -> float:
    """Return the bytes of one loaded entity."""
    session = _ready(client, served)
    gc.collect()
    tracemalloc.start()
    with replaying(recorded):
        kept = load(session)
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    held: int = client.count(session)
    del kept
    return used / held


def _ready(client: Any, served: Served) -> Any:
    session = client.open(served)
    if client is OURS:
        session.query("select id from State limit 1")  # the schema hash is asked here
    return session


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


def measure_generation(package: Path) -> float:
    """Write the package of the large studio; return seconds of this process.

    The formatter's process is included.
    """
    source = large_source()
    before = os.times()
    files = generate_package(source.parsed.schema, package.name, studio=source.studio)
    after = os.times()
    write_package(files, package)
    return sum(after[:4]) - sum(before[:4])


_IMPORTS = """
import gc, time
import pydantic, requests
class Warm(pydantic.BaseModel):
    a: int
{before}
gc.collect()
started = time.perf_counter()
{statement}
print((time.perf_counter() - started) * 1e3)
"""


def measure_import(statement: str, repeats: int, before: str = "") -> float:
    """Return median milliseconds of a statement, above pydantic and requests.

    Bytecode is cached, in a folder of the measurement.

    Args:
        statement: the code that is timed.
        repeats: processes that run it.
        before: code that runs untimed.
    """
    code = _IMPORTS.format(statement=statement, before=before)
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        times = [
            float(
                subprocess.run(
                    [sys.executable, "-W", "ignore", "-c", code],
                    capture_output=True,
                    text=True,
                    check=True,
                    env=environment,
                ).stdout
            )
            for _ in range(repeats + 1)
        ]
    # The first process has compiled the modules.
    return statistics.median(times[1:])


def measure_requests(served: Served, client: Any, work: Callable[[Any], Any]) -> int:
    """Return how many requests `work` makes in a session that is open already."""
    session = _ready(client, served)
    with recording() as recorded:
        work(session)
    return len(recorded)


def requests_before_a_query(served: Served, client: Any) -> int:
    """Return how many requests opening a session makes."""
    with recording() as recorded:
        client.open(served)
    return len(recorded)


def requests_of_load(served: Served) -> int:
    """Return the requests of `session.load` for four paths of one level."""
    session = _ready(OURS, served)
    tasks = plain_tasks(session, 100).all()
    with recording() as recorded:
        session.load(tasks, Task.status, Task.type, Task.priority, Task.parent)
    assert all(task.status.name and task.type.name for task in tasks)
    return len(recorded)


def measure_flatness(counts: tuple[int, ...]) -> dict[int, float]:
    """Return microseconds for each entity, loading that many in pages of 500.

    Medians: few entities are loaded often, and the most three times.
    """
    largest = max(counts)
    return {
        count: statistics.median(
            _microseconds_each(count) for _ in range(min(3 * largest // count, 31))
        )
        for count in counts
    }


def _microseconds_each(count: int) -> float:
    opened = session_with_pages(count)
    took, tasks = seconds(opened.select(Task).all)
    assert len(tasks) == count
    return took / count * 1e6
