"""An entity that a run created stays if somebody has worked on it since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ftrack_models import Sequence as ShotSequence, Shot
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import StalePlanError
from ftrack_orm.migrations import Planner
from ftrack_orm.migrations.options import Outcome
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import connect, content, fast_options, ready


@pytest.fixture
def session(emulator: Emulator) -> Session:
    return ready(emulator)


def with_value(plan: Planner) -> None:
    """Create a shot, with one of its custom attributes and an item of metadata."""
    sequence = plan.select(ShotSequence).order_by(ShotSequence.id).first()
    assert sequence is not None
    shot = plan.add(Shot(name="made", parent=sequence))
    shot.custom_attributes["fstart"] = 1001.0
    shot.metadata["source"] = "list"


def bare(plan: Planner) -> None:
    sequence = plan.select(ShotSequence).order_by(ShotSequence.id).first()
    assert sequence is not None
    plan.add(Shot(name="made", parent=sequence))


def applied(session: Session, folder: Path, up: Callable[[Planner], None]) -> Outcome:
    with plan_function(session, up, path=folder / "a.plan") as plan:
        return apply(session, plan, options=fast_options())


def edited(emulator: Emulator, edit: Callable[[Shot], object]) -> None:
    """Edit the new shot as another person."""
    with connect(emulator) as other:
        edit(other.select(Shot).where(Shot.name == "made").one())
        other.commit()


def is_there(emulator: Emulator) -> bool:
    with connect(emulator) as other:
        return other.select(Shot).where(Shot.name == "made").exists()


def set_value(shot: Shot) -> None:
    shot.custom_attributes["fend"] = 1099.0


@pytest.mark.parametrize("up", [with_value, bare])
def test_a_custom_value_set_since_keeps_the_entity(
    emulator: Emulator, session: Session, tmp_path: Path, up: Callable[[Planner], None]
) -> None:
    run = applied(session, tmp_path, up).run
    edited(emulator, set_value)
    with plan_undo(session, run, folder=tmp_path) as undo:
        [(_, _, title, reason)] = undo.skipped()
        assert title.endswith("made")
        assert "belongs to" in reason
        apply(session, undo, options=fast_options(conflict_limit=1.0))
    assert is_there(emulator)


@pytest.mark.parametrize("single_request", [False, True])
def test_a_custom_value_set_after_the_plan_is_a_conflict(
    emulator: Emulator, session: Session, tmp_path: Path, *, single_request: bool
) -> None:
    run = applied(session, tmp_path, with_value).run
    with plan_undo(session, run, folder=tmp_path) as undo:
        edited(emulator, set_value)
        options = fast_options(conflict_limit=1.0, single_request=single_request)
        if single_request:
            with pytest.raises(StalePlanError):
                apply(session, undo, options=options)
        else:
            assert apply(session, undo, options=options).conflicts == 1
    assert is_there(emulator)


@pytest.mark.parametrize("up", [with_value, bare])
def test_values_of_the_run_and_defaults_go_with_the_entity(
    emulator: Emulator, session: Session, tmp_path: Path, up: Callable[[Planner], None]
) -> None:
    before = content(emulator)
    run = applied(session, tmp_path, up).run
    # As some servers do for a new entity.
    edited(emulator, lambda shot: shot.custom_attributes.update(handles=0.0))
    with plan_undo(session, run, folder=tmp_path) as undo:
        assert list(undo.skipped()) == []
        assert apply(session, undo, options=fast_options()).conflicts == 0
    assert content(emulator) == before
