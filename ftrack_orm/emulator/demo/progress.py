"""The status changes of each task of the demo up to its present time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.calendar import NOW, TODAY, moment
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import PlannedTask

NOT_STARTED: Final = "Not started"
DONE: Final = ("Approved", "Client approved", "Completed")
_OUTCOMES: Final = (("Approved", 45), ("Completed", 35), ("Client approved", 20))
_READY_DAYS: Final = 5
"""Working days before its start at which a task becomes ready."""

_RECENT_DAYS: Final = 4
"""Working days since its end for which a task may still be undecided."""

_DAILIES_HOUR: Final = 17
"""Hour of the dailies, in which the supervisor decides about submitted work."""

_SUBMIT_HOUR: Final = 16


class Change(NamedTuple):
    """A status change.

    Attributes:
        moment: time of the change.
        status: name of the new status.
        user: username of the user who made the change.
    """

    moment: int
    status: str
    user: str


@dataclass(slots=True)
class Progress:
    """The progress of a task, a shot or an asset build.

    Attributes:
        changes: its status changes since "Not started".
    """

    changes: list[Change] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Return the name of its present status."""
        return self.changes[-1].status if self.changes else NOT_STARTED

    @property
    def is_done(self) -> bool:
        """Return whether the tasks that wait for it can begin."""
        return self.status in DONE

    @property
    def has_begun(self) -> bool:
        """Return whether work on it has begun."""
        return any(change.status == "In progress" for change in self.changes)

    @property
    def done_at(self) -> int:
        """Return the time at which it became done.

        Raises:
            StopIteration: it is not done.
        """
        return next(change.moment for change in self.changes if change.status in DONE)

    @property
    def last_change(self) -> Change:
        """Return the last status change.

        Raises:
            IndexError: the status has not changed since "Not started".
        """
        return self.changes[-1]

    def add(self, at: int, status: str, user: str) -> None:
        """Add a status change."""
        self.changes.append(Change(at, status, user))


def progress_of(rows: Rows, task: PlannedTask, previous: Progress | None) -> Progress:
    """Return the progress of a task.

    Args:
        rows: source of randomness.
        task: the planned task.
        previous: progress of the task that it waits for.
    """
    progress = Progress()
    if task.start > TODAY or (previous is not None and not previous.is_done):
        _add_waiting(rows, progress, task, previous)
        return progress
    progress.add(moment(task.start, 9), "Ready to start", names.COORDINATOR)
    progress.add(_random_moment(rows, task.start, 9), "In progress", task.worker)
    if task.end >= TODAY and rows.chance(0.7):
        return progress
    _add_reviews(rows, progress, task)
    return progress


def _add_waiting(
    rows: Rows, progress: Progress, task: PlannedTask, previous: Progress | None
) -> None:
    """Make a waiting task ready if it can begin soon; put a few others on hold."""
    is_free = previous is None or previous.is_done
    if is_free and task.start - _READY_DAYS <= TODAY:
        ready = moment(min(task.start - _READY_DAYS, TODAY), 10)
        if previous is not None:
            ready = max(ready, previous.done_at)
        progress.add(ready, "Ready to start", names.COORDINATOR)
    elif previous is not None and previous.has_begun and rows.chance(0.1):
        progress.add(moment(TODAY, 11), "On Hold", names.SUPERVISOR)


def _add_reviews(rows: Rows, progress: Progress, task: PlannedTask) -> None:
    """Submit the work once or twice, and add the supervisor's decisions."""
    last = min(task.end, TODAY)
    if last - task.start >= 2 and rows.chance(0.35):
        middle = (task.start + last) // 2
        submitted = _random_moment(rows, middle, _SUBMIT_HOUR)
        progress.add(submitted, "Pending Review", task.worker)
        decided = _random_moment(rows, middle, _DAILIES_HOUR)
        progress.add(decided, "Revise", names.SUPERVISOR)
        resumed = _random_moment(rows, middle + 1, 9)
        progress.add(resumed, "In progress", task.worker)
    submitted = _random_moment(rows, last, _SUBMIT_HOUR)
    progress.add(submitted, "Pending Review", task.worker)
    # Recent work may be undecided or sent back; older work is always approved, so that
    # the tasks after it could begin.
    is_recent = task.end >= TODAY - _RECENT_DAYS
    if is_recent and (task.end > TODAY or rows.chance(0.3)):
        if rows.chance(0.4):
            decided = _random_moment(rows, last, _DAILIES_HOUR)
            progress.add(decided, "Revise", names.SUPERVISOR)
        return
    decided = _random_moment(rows, last, _DAILIES_HOUR)
    progress.add(decided, "Approved", names.SUPERVISOR)
    outcome, at = rows.choose(_OUTCOMES), _random_moment(rows, last + 1, 10)
    if outcome != "Approved" and at <= NOW:
        progress.add(at, outcome, names.COORDINATOR)


def _random_moment(rows: Rows, day: int, hour: int) -> int:
    """Return a random moment within the hour."""
    return moment(day, hour) + rows.random.randrange(5, 50)


def progress_of_all(tasks: Sequence[Progress]) -> Progress:
    """Return the progress of a shot or asset build from that of its tasks."""
    progress = Progress()
    started = [task for task in tasks if task.has_begun]
    if not started:
        return progress
    first = min(
        change.moment
        for task in started
        for change in task.changes
        if change.status == "In progress"
    )
    progress.add(first, "In progress", names.COORDINATOR)
    if all(task.is_done for task in tasks):
        done = max(task.last_change.moment for task in tasks)
        progress.add(min(done + 5, NOW), "Completed", names.COORDINATOR)
    return progress
