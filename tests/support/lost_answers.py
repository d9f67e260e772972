"""Commits whose answer is lost, with the batch applied or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ftrack_models import Task
from ftrack_orm import OutcomeUnknownError, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.faults import Faults
from tests.support.demo_production import a_shot

Fault = Callable[[Faults], None]

AFTER: dict[str, Fault] = {
    "dropped": lambda faults: faults.drop_after(),
    "truncated": lambda faults: faults.truncate(),
    "too short": lambda faults: faults.wrong_length(-1),
    "too long": lambda faults: faults.wrong_length(1),
}

BEFORE: dict[str, Fault] = {
    "dropped": lambda faults: faults.drop_before(),
    "a page": lambda faults: faults.html(status=200),
    "a gateway": lambda faults: faults.status(502),
}


def lose(emulator: Emulator, *, applied: bool) -> None:
    """Lose the next answer, and every answer to the questions about it."""
    if applied:
        emulator.faults.drop_after()
        emulator.faults.drop_before()
    else:
        emulator.faults.drop_before(times=2)


def lose_commit(emulator: Emulator, session: Session, *, applied: bool) -> None:
    """Commit, and lose the answer and the answer to the query for evidence."""
    lose(emulator, applied=applied)
    with pytest.raises(OutcomeUnknownError):
        session.commit()


def new_task(session: Session, name: str = "dust") -> Task:
    task = Task(name=name, parent=a_shot(session))
    session.add(task)
    return task
