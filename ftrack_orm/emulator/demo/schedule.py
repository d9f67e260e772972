"""Who of the demo does what when: every task gets its days and its artist.

Tasks are planned in the order in which they can begin. One begins when the one before
it has ended and someone of its department is free, so nobody is in two places at once
and a department's people are never all idle while work waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.names import Kind
from ftrack_orm.emulator.demo.rows import Rows

_MOST_DAYS: Final = 80
"""Working days of each person that a department's work is planned to fill."""

_BUILD_GAP: Final = 4
"""Working days between the beginnings of two asset builds: characters come first."""

_TURN_OVER: Final = 80
"""Working days over which shots are handed to the first department, in their order."""

Crew: TypeAlias = Mapping[str, Sequence[str]]
"""User names by department."""


@dataclass(slots=True)
class Planned:
    """A task and when it is worked on.

    Attributes:
        id: of the task.
        kind: what is done.
        name: the kind's, with a number for the second of a kind.
        days: of work.
        before: the task that it waits for.
        worker: user name of who does it.
        start: its first working day, known once it is planned.
    """

    id: str
    kind: Kind
    name: str
    days: int
    before: Planned | None = None
    worker: str = ""
    start: int = 0

    @property
    def end(self) -> int:
        """Return the last working day."""
        return self.start + self.days - 1


@dataclass(slots=True)
class Piece:
    """A shot or an asset build, with its tasks in their order.

    Attributes:
        id: of the context.
        name: of the context.
        type: of an asset build.
        frames: of a shot.
        tasks: each waits for the one before.
        cast: the asset builds seen in a shot.
    """

    id: str
    name: str
    type: str = ""
    frames: int = 0
    tasks: list[Planned] = field(default_factory=list)
    cast: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """All that is made in a production.

    Attributes:
        first_day: of the production.
        builds: its asset builds.
        sequences: its shots by the name of their sequence.
    """

    first_day: int
    builds: list[Piece]
    sequences: dict[str, list[Piece]]

    @property
    def shots(self) -> list[Piece]:
        """Return the shots of all sequences."""
        return [shot for shots in self.sequences.values() for shot in shots]

    @property
    def tasks(self) -> Iterable[Planned]:
        """Return every task."""
        return (task for piece in (*self.builds, *self.shots) for task in piece.tasks)

    @property
    def last_day(self) -> int:
        """Return the day on which the last task ends."""
        return max((task.end for task in self.tasks), default=self.first_day)


def shot_kinds(count: int) -> list[Kind]:
    """Return kind of each of a shot's `count` tasks in the order of the pipeline.

    A shot with more tasks than there are kinds has some of them twice.
    """
    rounds, rest = divmod(count, len(names.SHOT_TASKS))
    return [
        kind
        for kind in names.SHOT_TASKS
        for _ in range(rounds + (1 if kind.rank <= rest else 0))
    ]


def make_tasks(rows: Rows, parent: str, kinds: Iterable[Kind]) -> list[Planned]:
    """Return the tasks of a shot or build, with their bids and not planned yet."""
    tasks: list[Planned] = []
    taken: dict[str, int] = {}
    for kind in kinds:
        taken[kind.name] = taken.get(kind.name, 0) + 1
        name = f"{kind.name}{taken[kind.name]}" if taken[kind.name] > 1 else kind.name
        tasks.append(
            Planned(
                id=rows.id("Task", parent, name),
                kind=kind,
                name=name,
                days=max(1, kind.days + rows.random.choice((-1, 0, 0, 1))),
                before=tasks[-1] if tasks else None,
            )
        )
    return tasks


def crew_needed(plan: Plan) -> dict[str, int]:
    """Return how many people of each department the work asks for."""
    days: dict[str, int] = {}
    for task in plan.tasks:
        days[task.kind.department] = days.get(task.kind.department, 0) + task.days
    return {department: -(-total // _MOST_DAYS) for department, total in days.items()}


def schedule(plan: Plan, crew: Crew) -> None:
    """Give every task of a plan its start and its artist."""
    free = {
        department: [(plan.first_day, user) for user in users]
        for department, users in crew.items()
    }
    for lane in free.values():
        heapify(lane)
    builds, shots = plan.builds, plan.shots
    gaps = [_BUILD_GAP * index for index in range(len(builds))]
    _schedule(builds, free, [plan.first_day + gap for gap in gaps])
    turns = [_TURN_OVER * index // len(shots) for index in range(len(shots))]
    _schedule(shots, free, [plan.first_day + turn for turn in turns])


def _schedule(
    pieces: Sequence[Piece],
    free: Mapping[str, list[tuple[int, str]]],
    starts: Sequence[int],
) -> None:
    """Plan the tasks of shots or builds; work on each begins at its start or later."""
    waiting = [
        (starts[index], index, 0) for index, piece in enumerate(pieces) if piece.tasks
    ]
    heapify(waiting)
    while waiting:
        ready, index, place = heappop(waiting)
        piece = pieces[index]
        task = piece.tasks[place]
        possible = max([ready, *_rigs_done(piece, task)])
        if possible > ready:
            heappush(waiting, (possible, index, place))
            continue
        free_from, task.worker = heappop(free[task.kind.department])
        task.start = max(ready, free_from)
        heappush(free[task.kind.department], (task.end + 1, task.worker))
        if place + 1 < len(piece.tasks):
            heappush(waiting, (task.end + 1, index, place + 1))


def _rigs_done(piece: Piece, task: Planned) -> list[int]:
    """Return the days from which the characters of a shot can be moved."""
    if task.kind.department != names.NEEDS_RIGS:
        return []
    return [
        each.end + 1
        for build in piece.cast
        for each in build.tasks
        if each.kind.asset_type == "rig"
    ]
