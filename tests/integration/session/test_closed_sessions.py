"""A closed session refuses what would do nothing, and a session is never copied."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from ftrack_models import (
    CustomAttributeConfiguration,
    CustomAttributeType,
    Shot,
    Task,
)
from ftrack_orm import Session, SessionClosedError
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task

CALLS: list[Callable[[Session, Task], object]] = [
    lambda session, _: session.plan(),
    lambda session, _: session.commit(),
    lambda session, task: session.add(task),
    lambda session, task: session.add_all([task]),
    lambda session, _: session.__enter__(),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_closed_session_plans_and_commits_nothing_in_silence(
    emulator: Emulator, call: Callable[[Session, Task], object]
) -> None:
    session = Session(transport=emulator.transport())
    task = a_task(session)
    new = Task(name="cleanup", parent=a_shot(session))
    session.close()
    task.description = "Edited after the end of the with block."
    sent = len(emulator.call_log)

    with pytest.raises(SessionClosedError, match="Open a new Session"):
        call(session, new)

    assert len(emulator.call_log) == sent


def test_a_closed_session_offers_no_keys_to_consoles(emulator: Emulator) -> None:
    with Session(transport=emulator.transport()) as session:
        kind = session.find(CustomAttributeType, name="number")
        data = {"key": "closed", "label": "x", "type": kind, "entity_type": "show"}
        session.create(
            CustomAttributeConfiguration,
            {**data, "is_hierarchical": True, "config": "{}"},
        )
        assert a_shot(session).effective("closed").is_default
        assert "closed" in offered()

    assert session.requests > 0  # it is still referred to
    assert "closed" not in offered()


def offered() -> list[str]:
    """Return the keys that a console completes on the class."""
    keys: list[str] = Shot.custom_attributes._ipython_key_completions_()
    return keys


def test_a_session_can_be_closed_and_rolled_back_twice(emulator: Emulator) -> None:
    session = Session(transport=emulator.transport())
    session.close()
    session.rollback()
    session.close()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_session_is_neither_copied_nor_pickled(
    session: Session, copied: Callable[[object], object]
) -> None:
    with pytest.raises(TypeError, match="Open a Session in each process or thread"):
        copied(session)


def test_a_select_is_not_pickled_with_its_session(session: Session) -> None:
    with pytest.raises(TypeError, match="Open a Session in each process or thread"):
        pickle.dumps(session.select(Task))
