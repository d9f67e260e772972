"""The schedule of the demo: the days and the worker of every task.

Tasks are planned in the order in which they can begin. A task begins when the previous
one has ended and a worker of its department is free. So a worker has one task at a
time, and is idle only while no task of the department can begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.names import Step
from ftrack_orm.emulator.demo.rows import Rows

_DAYS_PER_WORKER: Final = 80
"""Working days of work for each worker, which determine the size of a department."""

_BUILD_GAP: Final = 4
"""Working days between the starts of two asset builds, characters first."""

_SHOT_DAYS: Final = 80
"""Working days over which the starts of the shots are distributed."""

Crew: TypeAlias = Mapping[str, Sequence[str]]
"""Usernames by department."""


@dataclass(slots=True)
class PlannedTask:
    """A task with its worker and days.

    Attributes:
        id: id of the task.
        step: step of the pipeline.
        name: name of the step, with a number if a shot has the step more than once.
        days: number of working days.
        previous: the task that it waits for.
        worker: username of the worker; empty until it is scheduled.
        start: its first working day; 0 until it is scheduled.
    """

    id: str
    step: Step
    name: str
    days: int
    previous: PlannedTask | None = None
    worker: str = ""
    start: int = 0

    @property
    def end(self) -> int:
        """Return the last working day."""
        return self.start + self.days - 1


@dataclass(slots=True)
class PlannedContext:
    """A shot or an asset build with its tasks.

    Attributes:
        id: id of the context.
        name: name of the context.
        type: name of the type of an asset build.
        frames: number of frames of a shot.
        tasks: the tasks in order; each waits for the previous one.
        cast: the asset builds used in a shot.
    """

    id: str
    name: str
    type: str = ""
    frames: int = 0
    tasks: list[PlannedTask] = field(default_factory=list)
    cast: list[PlannedContext] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """The asset builds and shots of a production.

    Attributes:
        first_day: first working day of the production.
        builds: its asset builds.
        sequences: its shots by name of the sequence.
    """

    first_day: int
    builds: list[PlannedContext]
    sequences: dict[str, list[PlannedContext]]

    @property
    def shots(self) -> list[PlannedContext]:
        """Return the shots of all sequences."""
        return [shot for shots in self.sequences.values() for shot in shots]

    @property
    def tasks(self) -> Iterable[PlannedTask]:
        """Return every task."""
        return (
            task for context in (*self.builds, *self.shots) for task in context.tasks
        )

    @property
    def last_day(self) -> int:
        """Return the day on which the last task ends."""
        return max((task.end for task in self.tasks), default=self.first_day)


def shot_steps(count: int) -> list[Step]:
    """Return the steps of a shot's `count` tasks in the order of the pipeline.

    A shot with more tasks than there are steps has some steps more than once.
    """
    rounds, rest = divmod(count, len(names.SHOT_TASKS))
    return [
        step
        for step in names.SHOT_TASKS
        for _ in range(rounds + (1 if step.rank <= rest else 0))
    ]


def make_tasks(rows: Rows, parent: str, steps: Iterable[Step]) -> list[PlannedTask]:
    """Return the tasks of a shot or asset build, without worker and start."""
    tasks: list[PlannedTask] = []
    counts: dict[str, int] = {}
    for step in steps:
        number = counts[step.name] = counts.get(step.name, 0) + 1
        name = f"{step.name}{number}" if number > 1 else step.name
        tasks.append(
            PlannedTask(
                id=rows.id("Task", parent, name),
                step=step,
                name=name,
                days=max(1, step.days + rows.random.choice((-1, 0, 0, 1))),
                previous=tasks[-1] if tasks else None,
            )
        )
    return tasks


def required_crew(plan: Plan) -> dict[str, int]:
    """Return the number of workers that the plan requires, by department."""
    days: dict[str, int] = {}
    for task in plan.tasks:
        days[task.step.department] = days.get(task.step.department, 0) + task.days
    # Rounded up.
    return {
        department: -(-total // _DAYS_PER_WORKER) for department, total in days.items()
    }


def schedule(plan: Plan, crew: Crew) -> None:
    """Set the start and the worker of every task of a plan."""
    # For each department a heap of its workers by the day on which they are free.
    free = {
        department: [(plan.first_day, user) for user in users]
        for department, users in crew.items()
    }
    for workers in free.values():
        heapify(workers)
    builds, shots = plan.builds, plan.shots
    # Asset builds first: the shots wait for their rigs.
    gaps = [_BUILD_GAP * index for index in range(len(builds))]
    _schedule(builds, free, [plan.first_day + gap for gap in gaps])
    offsets = [_SHOT_DAYS * index // len(shots) for index in range(len(shots))]
    _schedule(shots, free, [plan.first_day + offset for offset in offsets])


def _schedule(
    contexts: Sequence[PlannedContext],
    free: Mapping[str, list[tuple[int, str]]],
    starts: Sequence[int],
) -> None:
    """Schedule the tasks of shots or asset builds, none before its context's start."""
    # A heap of the next task of each context, by the day on which it can begin.
    queue = [
        (starts[index], index, 0)
        for index, context in enumerate(contexts)
        if context.tasks
    ]
    heapify(queue)
    while queue:
        ready, index, position = heappop(queue)
        context = contexts[index]
        task = context.tasks[position]
        possible = max([ready, *_rig_days(context, task)])
        if possible > ready:
            # Back into the queue: another task can begin earlier.
            heappush(queue, (possible, index, position))
            continue
        free_from, task.worker = heappop(free[task.step.department])
        task.start = max(ready, free_from)
        heappush(free[task.step.department], (task.end + 1, task.worker))
        if position + 1 < len(context.tasks):
            heappush(queue, (task.end + 1, index, position + 1))


def _rig_days(context: PlannedContext, task: PlannedTask) -> list[int]:
    """Return the days on which the rigs that a task waits for become available."""
    if task.step.department != names.NEEDS_RIGS:
        return []
    return [
        rigging.end + 1
        for build in context.cast
        for rigging in build.tasks
        if rigging.step.asset_type == "rig"
    ]
