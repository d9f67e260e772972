"""How far each task of the demo is on its day, and by which statuses it came there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.calendar import NOW, TODAY, moment
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import Planned

NOT_STARTED: Final = "Not started"
DONE: Final = ("Approved", "Client approved", "Completed")
_OUTCOMES: Final = (("Approved", 45), ("Completed", 35), ("Client approved", 20))
_SOON: Final = 5
_LATE: Final = 4
_REVIEWED: Final = 17
"""Hour of the dailies in which the supervisor decides; work is shown before."""

_SHOWN: Final = 16


class Change(NamedTuple):
    """A change of status: when, to which, and by whom."""

    moment: int
    status: str
    user: str


@dataclass(slots=True)
class Progress:
    """What has become of a task, a shot or an asset build.

    Attributes:
        changes: of its status, since "Not started".
    """

    changes: list[Change] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Return the name of the status it has now."""
        return self.changes[-1].status if self.changes else NOT_STARTED

    @property
    def is_done(self) -> bool:
        """Return whether what waits for it can begin."""
        return self.status in DONE

    @property
    def has_begun(self) -> bool:
        """Return whether anybody has worked on it."""
        return any(change.status == "In progress" for change in self.changes)

    @property
    def done_at(self) -> int:
        """Return when it became done; only asked of what is."""
        return next(each.moment for each in self.changes if each.status in DONE)

    @property
    def decided(self) -> Change:
        """Return the last change, only asked of what has begun."""
        return self.changes[-1]

    def add(self, at: int, status: str, user: str) -> None:
        """Change the status."""
        self.changes.append(Change(at, status, user))


def progress_of(rows: Rows, task: Planned, before: Progress | None) -> Progress:
    """Return how far a task is, given how far the one is that it waits for."""
    found = Progress()
    if task.start > TODAY or (before is not None and not before.is_done):
        _wait(rows, found, task, before)
        return found
    found.add(moment(task.start, 9), "Ready to start", names.COORDINATOR)
    found.add(_minutes(rows, task.start, 9), "In progress", task.worker)
    if task.end >= TODAY and rows.chance(0.7):
        return found
    _work(rows, found, task)
    return found


def _wait(rows: Rows, found: Progress, task: Planned, before: Progress | None) -> None:
    """Let a task wait: ready when nothing stands before it, a few put on hold."""
    is_free = before is None or before.is_done
    if is_free and task.start - _SOON <= TODAY:
        ready = moment(min(task.start - _SOON, TODAY), 10)
        if before is not None:
            ready = max(ready, before.done_at)
        found.add(ready, "Ready to start", names.COORDINATOR)
    elif before is not None and before.has_begun and rows.chance(0.1):
        found.add(moment(TODAY, 11), "On Hold", names.SUPERVISOR)


def _work(rows: Rows, found: Progress, task: Planned) -> None:
    """Show the work, perhaps twice, and let the supervisor decide."""
    last = min(task.end, TODAY)
    if last - task.start >= 2 and rows.chance(0.35):
        middle = (task.start + last) // 2
        found.add(_minutes(rows, middle, _SHOWN), "Pending Review", task.worker)
        found.add(_minutes(rows, middle, _REVIEWED), "Revise", names.SUPERVISOR)
        found.add(_minutes(rows, middle + 1, 9), "In progress", task.worker)
    found.add(_minutes(rows, last, _SHOWN), "Pending Review", task.worker)
    is_late = task.end >= TODAY - _LATE
    if is_late and (task.end > TODAY or rows.chance(0.3)):
        if rows.chance(0.4):
            found.add(_minutes(rows, last, _REVIEWED), "Revise", names.SUPERVISOR)
        return
    found.add(_minutes(rows, last, _REVIEWED), "Approved", names.SUPERVISOR)
    outcome, at = rows.chosen(_OUTCOMES), _minutes(rows, last + 1, 10)
    if outcome != "Approved" and at <= NOW:
        found.add(at, outcome, names.COORDINATOR)


def _minutes(rows: Rows, day: int, hour: int) -> int:
    """Return some moment within the hour."""
    return moment(day, hour) + rows.random.randrange(5, 50)


def progress_of_all(tasks: Sequence[Progress]) -> Progress:
    """Return how far a shot or asset build is: as far as its tasks."""
    found = Progress()
    begun = [each for each in tasks if each.has_begun]
    if not begun:
        return found
    first = min(
        change.moment
        for each in begun
        for change in each.changes
        if change.status == "In progress"
    )
    found.add(first, "In progress", names.COORDINATOR)
    if all(each.is_done for each in tasks):
        done = max(each.decided.moment for each in tasks)
        found.add(min(done + 5, NOW), "Completed", names.COORDINATOR)
    return found
