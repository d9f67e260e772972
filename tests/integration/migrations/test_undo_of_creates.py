"""An entity that a run created stays if somebody has worked on it since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from ftrack_models import Component, Note, Sequence as ShotSequence, Shot, Status, User
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.entity.type_info import TypeInfo
from ftrack_orm.errors.migration_runs import StalePlanError
from ftrack_orm.migrations import Planner, filled_values
from ftrack_orm.migrations.options import Outcome
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import (
    connect,
    content,
    create,
    fast_options,
    make_file,
    ready,
    update,
)


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


def edited(emulator: Emulator, edit: Callable[[Session, Shot], object]) -> None:
    """Edit the new shot as another person."""
    with connect(emulator) as other:
        edit(other, other.select(Shot).where(Shot.name == "made").one())
        other.commit()


def is_there(emulator: Emulator) -> bool:
    with connect(emulator) as other:
        return other.select(Shot).where(Shot.name == "made").exists()


def set_value(session: Session, shot: Shot) -> None:
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
    edited(emulator, lambda _, shot: shot.custom_attributes.update(handles=0.0))
    with plan_undo(session, run, folder=tmp_path) as undo:
        assert list(undo.skipped()) == []
        assert apply(session, undo, options=fast_options()).conflicts == 0
    assert content(emulator) == before


def describe(session: Session, shot: Shot) -> None:
    shot.description = "edited"


def sort(session: Session, shot: Shot) -> None:
    shot.sort = 7.0


def approve(session: Session, shot: Shot) -> None:
    shot.status = session.select(Status).where(Status.name == "Completed").one()


def illustrate(session: Session, shot: Shot) -> None:
    shot.thumbnail = session.select(Component).first()


@pytest.mark.parametrize("single_request", [False, True])
@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (describe, "description"),
        (sort, "sort"),
        (approve, "status_id"),
        (illustrate, "thumbnail_id"),
    ],
)
def test_an_edit_of_what_the_server_filled_in_is_a_conflict(
    emulator: Emulator,
    session: Session,
    tmp_path: Path,
    edit: Callable[[Session, Shot], None],
    name: str,
    *,
    single_request: bool,
) -> None:
    options = fast_options(single_request=single_request)
    with plan_function(session, bare, path=tmp_path / "a.plan") as plan:
        run = apply(session, plan, options=options).run
    edited(emulator, edit)
    with plan_undo(session, run, folder=tmp_path) as undo:
        outcome = apply(session, undo, options=fast_options(conflict_limit=1.0))
    assert outcome.conflicts == 1
    assert outcome.details[0].endswith(f"was changed since: {name}")
    assert is_there(emulator)


@pytest.mark.parametrize("chunk", [1, 9])
def test_later_changes_of_the_run_are_no_edits(
    emulator: Emulator, session: Session, tmp_path: Path, chunk: int
) -> None:
    """A plan may write a new entity again in a later unit."""
    before = content(emulator)
    shot, sequence = str(uuid4()), session.select(ShotSequence).first()
    assert sequence is not None
    groups = [
        [create("Shot", (shot,), name="made", parent_id=sequence.id)],
        [update("Shot", shot, "sort", 0.0, 4.0)],
        [update("Shot", shot, "sort", 4.0, 5.0)],
    ]
    options = fast_options(chunk=1, conflict_limit=1.0)
    with make_file(groups, tmp_path / "a.plan") as plan:
        outcome = apply(session, plan, options=options)
    assert outcome.applied == 3
    with plan_undo(session, outcome.run, folder=tmp_path) as undo:
        undone = apply(session, undo, options=fast_options(chunk=chunk))
    assert undone.applied == 3
    assert content(emulator) == before


def test_another_computer_knows_what_the_run_sent_only(
    emulator: Emulator, session: Session, tmp_path: Path
) -> None:
    with plan_function(session, bare, path=tmp_path / "a.plan") as plan:
        run = apply(session, plan, options=fast_options(upload=True)).run
    edited(emulator, describe)
    with plan_undo(session, run, folder=tmp_path / "other") as undo:
        assert apply(session, undo, options=fast_options()).applied == 1
    assert not is_there(emulator)


def test_a_server_that_refuses_the_query_gets_the_changes(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model may have attributes that an older server lacks."""

    def names_of(type_info: TypeInfo) -> list[str]:
        return ["name", "of_a_newer_server"]

    def up(plan: Planner) -> None:
        sequence = plan.find(ShotSequence, ShotSequence.name == "sq010")
        for number in range(3):
            plan.add(Shot(name=f"made {number}", parent=sequence))

    with plan_function(session, up, path=tmp_path / "a.plan") as plan:
        monkeypatch.setattr(filled_values, "creatable_names", names_of)
        outcome = apply(session, plan, options=fast_options(chunk=1))
    assert (outcome.applied, outcome.refused) == (3, 0)


@pytest.mark.parametrize("single_request", [False, True])
def test_a_note_of_another_author_goes_with_the_recipient_that_the_server_made(
    emulator: Emulator, session: Session, tmp_path: Path, *, single_request: bool
) -> None:
    """The user of the run is a recipient of each new note (protocol 6.1)."""

    def up(plan: Planner) -> None:
        author = plan.find(User, User.username == "kaya")
        shot = plan.select(Shot).order_by(Shot.id).first()
        assert shot is not None
        plan.add(
            Note(content="x", author=author, parent_id=shot.id, parent_type="Shot")
        )

    before = content(emulator)
    run = applied(session, tmp_path, up).run
    with plan_undo(session, run, folder=tmp_path) as undo:
        assert list(undo.skipped()) == []
        options = fast_options(single_request=single_request)
        assert apply(session, undo, options=options).applied == 1
    assert content(emulator) == before
