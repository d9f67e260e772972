"""A user who does not see all projects applies no plan of one who does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ftrack_models import Timelog
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import PlanRefusedError, RunStoppedError
from ftrack_orm.migrations import Planner, make_plan
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import connect, content, fast_options, ready


def up(plan: Planner) -> None:
    for timelog in plan.each(plan.select(Timelog)):
        plan.remove(timelog)


def as_user(emulator: Emulator, name: str, *projects: str) -> Session:
    """Return the session of a new user who sees these projects, or all."""
    role = "User" if projects else "Administrator"
    made = emulator.add_user(name, role=role, projects=projects or None)
    return connect(emulator, emulator.transport(made["api_user"], made["api_key"]))


@pytest.fixture
def path(emulator: Emulator, tmp_path: Path) -> Path:
    """Return the plan of a user who sees all projects."""
    with make_plan(ready(emulator), up) as plan:
        plan.save(tmp_path / "a.plan")
    return tmp_path / "a.plan"


def test_hidden_rows_are_not_taken_for_deleted(emulator: Emulator, path: Path) -> None:
    bob = as_user(emulator, "bob", "bunny")
    before = content(emulator)
    with PlanFile.open(path) as plan:
        with pytest.raises(PlanRefusedError, match="bob has no role on all projects"):
            apply(bob, plan, options=fast_options())
        assert content(emulator) == before
        other = as_user(emulator, "ana")
        outcome = apply(other, plan, options=fast_options())
    assert outcome.already == 0
    assert connect(emulator).select(Timelog).count() == 0


def test_a_user_applies_a_plan_of_the_same_user(
    emulator: Emulator, tmp_path: Path
) -> None:
    ready(emulator)
    bob = as_user(emulator, "bob", "bunny")
    with make_plan(bob, up) as plan:
        plan.save(tmp_path / "b.plan")
    with PlanFile.open(tmp_path / "b.plan") as file:
        run = apply(bob, file, options=fast_options()).run
    with plan_undo(bob, run, folder=tmp_path) as undo:
        eve = as_user(emulator, "eve", "bunny")
        with pytest.raises(PlanRefusedError, match="Undo it as bob"):
            apply(eve, undo, options=fast_options())
        assert apply(bob, undo, options=fast_options()).already == 0


def test_another_user_does_not_resume(emulator: Emulator, path: Path) -> None:
    cancel = threading.Event()
    options = fast_options(
        chunk=9,
        cancel=cancel,
        on_event=lambda event: cancel.set() if event["event"] == "chunk" else None,
    )
    session = connect(emulator)
    with (
        PlanFile.open(path) as plan,
        pytest.raises(RunStoppedError),
    ):
        apply(session, plan, options=options)
    bob = as_user(emulator, "bob", "bunny")
    with pytest.raises(PlanRefusedError, match="bob has no role"):
        resume(bob, folder=path.parent, options=fast_options())
    assert resume(session, folder=path.parent, options=fast_options()).already == 0
