"""Apply a plan of 200,000 values: requests, memory, and time against bare batches.

::

    python -m tests.benchmarks.migrations [TASKS]

Each task has ten values, in one unit. Between the chunks of the run, bare batches of as
many values are sent to the same server: the least that the work can cost.
"""

from __future__ import annotations

import itertools
import resource
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ftrack_orm import Session
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.options import RunOptions
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedUnit,
)
from ftrack_orm.migrations.probes import initialize
from ftrack_orm.migrations.runs import apply
from ftrack_orm.operations import Update
from tests.benchmarks.server import serving

TASKS: Final = 20_000
VALUES: Final = 10
CHUNK: Final = 500
_EVERY: Final = 4
"""Chunks of the run for each bare batch."""

_VALUE_TYPE: Final = "ContextCustomAttributeValue"
_STATM: Final = Path("/proc/self/statm")


def megabytes() -> float:
    """Return the resident memory of this process; its peak where that is unknown."""
    if _STATM.exists():
        pages = int(_STATM.read_text().split()[1])
        return pages * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass
class Figures:
    """The figures of a run.

    Attributes:
        memory: resident megabytes after each chunk.
        chunks: operations of each chunk.
        intervals: seconds from each chunk of full size to the next.
        bare: seconds of each bare batch.
        seconds: the time of the run without them.
        requests: requests of the run.
    """

    memory: list[float] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)
    intervals: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    seconds: float = 0.0
    requests: int = 0

    @property
    def ratio(self) -> float:
        """Return the median time of a chunk in that of a bare batch.

        Both alternate, and medians leave out what else the machine did.
        """
        return statistics.median(self.intervals) / statistics.median(self.bare)

    @property
    def growth(self) -> float:
        """Return the memory at the end in that after a tenth of the run."""
        return self.memory[-1] / self.memory[len(self.memory) // 10]


def add_attributes(session: Session) -> list[str]:
    """Create number attributes of tasks; return the ids of their configurations."""
    client = RunClient(session)
    kinds = client.rows("select id, name from CustomAttributeType")
    (number,) = (row["id"] for row in kinds if row["name"] == "number")
    types = client.rows("select id, name from ObjectType")
    (task,) = (row["id"] for row in types if row["name"] == "Task")
    ids = [str(uuid.uuid4()) for _ in range(VALUES + 1)]
    for index, identifier in enumerate(ids):
        session.call(
            [
                {
                    "action": "create",
                    "entity_type": "CustomAttributeConfiguration",
                    "entity_data": {
                        "id": identifier,
                        "key": f"bench_{index}",
                        "label": f"bench {index}",
                        "type_id": number,
                        "entity_type": "task",
                        "object_type_id": task,
                        "default": 0,
                        "config": "{}",
                    },
                }
            ]
        )
    return ids


def units(tasks: list[str], configurations: list[str]) -> Iterator[PlannedUnit]:
    """Yield a unit with ten values for each task."""
    for number, task in enumerate(tasks, 1):
        changes = tuple(
            PlannedChange(
                "update",
                _VALUE_TYPE,
                (configuration, task),
                "value",
                Missing.UNSET,
                float(number),
            )
            for configuration in configurations
        )
        yield PlannedUnit(number, task, changes)


class BareBatches:
    """Sends the values of one more attribute, between the chunks of a run."""

    def __init__(
        self, client: RunClient, figures: Figures, tasks: list[str], attribute: str
    ) -> None:
        self._client = client
        self._figures = figures
        self._former: float | None = None
        self._updates = (
            Update(_VALUE_TYPE, (attribute, task), {"value": value})
            for value in (1.0, 2.0, 3.0)
            for task in tasks
        )

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Record a chunk of the run; after some, send and time a bare batch."""
        if event["event"] != "chunk":
            return
        figures = self._figures
        figures.chunks.append(event["operations"])
        figures.memory.append(megabytes())
        now = time.perf_counter()
        if event["operations"] == CHUNK and self._former is not None:
            figures.intervals.append(now - self._former)
        self._former = now
        if len(figures.chunks) % _EVERY:
            return
        batch = list(itertools.islice(self._updates, CHUNK))
        if len(batch) < CHUNK:
            return
        started = time.perf_counter()
        self._client.send(batch)
        figures.bare.append(time.perf_counter() - started)
        self._former = time.perf_counter()


def measure(tasks: int) -> Figures:
    """Return the figures of a run over `tasks` tasks."""
    figures = Figures()
    with serving(tasks) as served, tempfile.TemporaryDirectory() as folder:
        session = served.session(check_schema="ignore", models="ftrack_models")
        client = RunClient(session)
        initialize(client)
        configurations = add_attributes(session)
        ids = [row["id"] for row in client.rows("select id from Task order by id")]
        ids = ids[:tasks]
        with PlanFile.create(Path(folder, "a.plan")) as plan:
            plan.add(units(ids, configurations[:VALUES]))
            plan.finish()
            bare = BareBatches(client, figures, ids, configurations[VALUES])
            options = RunOptions(load=1.0, on_event=bare.on_event, upload=False)
            started = time.perf_counter()
            outcome = apply(session, plan, options=options)
            figures.seconds = time.perf_counter() - started - sum(figures.bare)
        figures.requests = outcome.requests - len(figures.bare)
        assert outcome.applied == len(ids)
        session.close()
    return figures


def main(tasks: int) -> None:
    """Print the figures."""
    figures = measure(tasks)
    values = sum(figures.chunks)
    print(f"{values:,} values of {tasks:,} tasks")
    print(f"  requests        {figures.requests} ({len(figures.chunks)} chunks)")
    print(f"  resident        {figures.memory[0]:.0f} MiB at the first chunk,")
    print(f"                  {figures.memory[-1]:.0f} MiB at the last")
    print(f"  from a tenth on x {figures.growth:.2f}")
    print(f"  a value         {1000 * figures.seconds / values:.3f} ms")
    print(f"  bare batches    x {figures.ratio:.2f} ({len(figures.bare)} batches)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TASKS)
