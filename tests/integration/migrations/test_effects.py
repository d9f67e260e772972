"""The functions that a run calls before it sends a unit."""

from __future__ import annotations

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations.planned_change import PlannedEffect
from ftrack_orm.migrations.runs import apply
from tests.support.migration_plans import (
    fast_options,
    make_file,
    ready,
    renames,
    tasks_of,
)

CALLED: list[str] = []
SESSIONS: list[Session] = []


def rename(task: str, name: str) -> None:
    """Rename a task, as another person while the effects run."""
    CALLED.append("rename")
    SESSIONS[0].update("Task", task, {"name": name})


def note(text: str) -> None:
    CALLED.append(text)


@pytest.fixture
def session(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Session:
    session = ready(emulator)
    monkeypatch.setattr(f"{__name__}.SESSIONS", [session])
    CALLED.clear()
    return session


def call(name: str, *arguments: str) -> PlannedEffect:
    return PlannedEffect(f"{__name__}:{name}", arguments)


def test_no_unit_is_sent_without_its_effects(session: Session) -> None:
    """A unit that was a conflict can be written after the effects of the others."""
    groups = renames(session, 3)
    task, name = str(groups[1][0].key[0]), str(groups[1][0].before)
    effects = {1: [call("rename", task, name)], 2: [call("note", "two")]}
    with make_file(groups, effects=effects) as plan:
        session.update("Task", task, {"name": "edited"})
        outcome = apply(session, plan, options=fast_options(conflict_limit=1.0))
    assert (outcome.applied, outcome.conflicts) == (3, 0)
    assert CALLED == ["rename", "two"]


def test_no_unit_is_sent_without_its_effects_where_conflicts_stop(
    session: Session,
) -> None:
    groups = renames(session, 3)
    task, name = str(groups[1][0].key[0]), str(groups[1][0].before)
    effects = {1: [call("rename", task, name)], 3: [call("note", "three")]}
    with make_file(groups, effects=effects) as plan:
        session.update("Task", task, {"name": "edited"})
        options = fast_options(conflict_limit=1.0, on_conflict="stop")
        assert apply(session, plan, options=options).applied == 3
    assert CALLED == ["rename", "three"]
    names = [task["name"] for task in tasks_of(session)[:3]]
    assert all(name.endswith("!") for name in names)
