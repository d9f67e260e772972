"""What edits of large collections cost, and reading a link."""

from __future__ import annotations

import statistics
from typing import Any

from ftrack_models import Task
from tests.benchmarks.rows import loaded_task, session, shot_of
from tests.benchmarks.timing import nanoseconds, seconds
from tests.support.incomplete import incomplete

APPENDED = 200


def measure_link() -> float:
    """Return nanoseconds of reading a loaded link."""
    opened = session()
    task = loaded_task(opened)
    assert task.status is task.status
    return nanoseconds("task.status", task=task)


def measure_append(members: int, *, is_new: bool, repeats: int = 9) -> float:
    """Return microseconds of appending one entity to a collection of `members`.

    Args:
        members: members that are loaded.
        is_new: whether the entity is in no session; otherwise it moves from another
            loaded collection.
        repeats: collections that are measured; the median counts.
    """
    return statistics.median(_append(members, is_new) for _ in range(repeats))


def _append(members: int, is_new: bool) -> float:
    opened = session()
    children = shot_of(opened, members).children
    appended: list[Any] = (
        [incomplete(Task, name=f"new {number}") for number in range(APPENDED + 1)]
        if is_new
        else list(shot_of(opened, APPENDED + 1).children)
    )
    children.append(appended.pop())  # the first edit copies the members

    def append() -> None:
        for task in appended:
            children.append(task)

    took, _ = seconds(append)
    assert len(children) == members + APPENDED + 1
    return took / APPENDED * 1e6


def measure_add(count: int, repeats: int = 5) -> float:
    """Return microseconds of adding one of `count` entities under a loaded parent."""
    return statistics.median(_add(count) for _ in range(repeats))


def _add(count: int) -> float:
    opened = session()
    shot = shot_of(opened, 10)

    def add() -> None:
        for number in range(count):
            opened.add(Task(name=f"new {number}", parent=shot))

    took, _ = seconds(add)
    assert len(shot.children) == 10 + count
    return took / count * 1e6
