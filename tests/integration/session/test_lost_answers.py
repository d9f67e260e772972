"""Commits whose answers are lost: settled by asking, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Shot, Task
from ftrack_orm import (
    DetachedEntityError,
    EntityState,
    NotJSONError,
    OutcomeUnknownError,
    ServerUnavailableError,
    ServerValidationError,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.errors import Invalid
from tests.support.demo_production import a_shot, a_task, state_of
from tests.support.emulator_records import existing_row, stored, writes, written
from tests.support.lost_answers import AFTER, BEFORE, Fault, lose, lose_commit, new_task


@pytest.mark.parametrize("fault", AFTER.values(), ids=AFTER)
def test_a_create_that_was_applied_succeeds_without_being_sent_again(
    emulator: Emulator, session: Session, fault: Fault
) -> None:
    task = new_task(session)
    fault(emulator.faults)

    plan = session.commit()

    assert len(plan) == 1
    assert written(emulator) == [("create", "Task")]
    assert task.entity_state is EntityState.PERSISTENT
    assert not session.plan()
    assert task.status.name == "Not started"


@pytest.mark.parametrize("fault", BEFORE.values(), ids=BEFORE)
def test_a_create_that_was_not_applied_is_sent_once_more(
    emulator: Emulator, session: Session, fault: Fault
) -> None:
    task = new_task(session)
    fault(emulator.faults)

    session.commit()

    assert written(emulator) == [("create", "Task")] * 2
    assert stored(emulator, "Task", task.id) is not None
    assert not session.plan()


def test_a_delete_that_was_applied_succeeds(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    session.remove(task)
    emulator.faults.drop_after()

    session.commit()

    assert written(emulator) == [("delete", "Task")]
    assert task.entity_state is EntityState.DETACHED


def test_an_update_that_was_applied_is_not_sent_again(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.name = "anim"
    emulator.faults.drop_after()

    session.commit()

    assert written(emulator) == [("update", "Task")]
    assert not session.plan()


def test_the_same_failure_twice_is_raised_as_what_it_is_when_nothing_was_applied(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    emulator.faults.html(status=200)
    # The question passes, and then the second attempt meets the page again.
    emulator.faults.delay(0)
    emulator.faults.html(status=200)

    with pytest.raises(NotJSONError):
        session.commit()

    assert stored(emulator, "Task", task.id) is None
    session.commit()
    assert stored(emulator, "Task", task.id) is not None


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_turns_away_is_not_asked(
    emulator: Emulator, session: Session, status: int
) -> None:
    new_task(session)
    emulator.faults.status(status, retry_after="3")
    before = session.requests

    with pytest.raises(ServerUnavailableError) as raised:
        session.commit()

    assert raised.value.retry_after == 3
    assert session.requests == before + 1
    assert len(session.plan()) == 1


@pytest.mark.parametrize("applied", [True, False])
def test_when_nobody_can_be_asked_the_outcome_is_unknown_and_a_repeat_settles_it(
    emulator: Emulator, session: Session, applied: bool
) -> None:
    task = new_task(session)
    lose(emulator, applied=applied)

    with pytest.raises(OutcomeUnknownError):
        session.commit()

    assert state_of(task) is EntityState.PENDING
    assert len(session.plan()) == 1
    session.commit()
    assert len(written(emulator)) == (1 if applied else 2)
    assert task.entity_state is EntityState.PERSISTENT
    assert not session.plan()
    assert session.get(Task, task.id) is task


def test_a_late_answer_leaves_the_outcome_unknown_until_it_is_seen(
    emulator: Emulator,
) -> None:
    transport = emulator.transport()
    transport._timeout = 0.01
    with Session(transport=transport, check_schema="ignore") as session:
        task = new_task(session)
        emulator.faults.delay(0.05)

        session.commit()

        assert written(emulator) == [("create", "Task")]
        assert task.entity_state is EntityState.PERSISTENT


def test_both_ends_of_a_move_agree_after_it_is_settled(
    emulator: Emulator, session: Session
) -> None:
    first, second = a_shot(session), a_shot(session, "sq010_sh020")
    task = a_task(session)
    assert task in first.children
    assert task not in second.children
    new_task(session)
    task.parent = second
    lose_commit(emulator, session, applied=True)
    emulator.call_log.clear()

    task.parent = first
    session.commit()

    [step] = writes(emulator)
    assert step["entity_data"]["parent_id"] == first.id
    assert task in first.children
    assert task not in second.children


def test_deletes_and_updates_of_one_lost_batch_are_settled_together(
    emulator: Emulator, session: Session
) -> None:
    shot = a_shot(session)
    gone = a_task(session, "layout")
    kept = a_task(session)
    session.remove(gone)
    kept.description = "fur"
    lose_commit(emulator, session, applied=True)
    emulator.call_log.clear()

    shot.description = "more"
    plan = session.commit()

    assert [change.reference.entity_type for change in plan] == ["Shot"]
    assert written(emulator) == [("update", "Shot")]
    assert gone.entity_state is EntityState.DETACHED


def test_wanting_back_what_a_lost_commit_has_deleted_is_an_error_once(
    emulator: Emulator, session: Session
) -> None:
    gone, kept = a_task(session, "layout"), a_task(session)
    session.remove(gone)
    lose_commit(emulator, session, applied=True)

    session.add(gone)
    kept.name = "anim"
    with pytest.raises(DetachedEntityError, match="deleted it after all"):
        session.commit()
    session.commit()

    assert stored(emulator, "Task", gone.id) is None
    row = existing_row(emulator, "Task", kept.id)
    assert row["name"] == "anim"


@pytest.mark.parametrize("applied", [True, False])
def test_after_a_rollback_doubtful_values_load_again(
    emulator: Emulator, session: Session, applied: bool
) -> None:
    task = a_task(session)
    task.name = "anim"
    lose_commit(emulator, session, applied=applied)

    session.rollback()

    assert not session.plan()
    assert task.name == ("anim" if applied else "animation")
    task.name = "animation"
    session.commit()
    row = existing_row(emulator, "Task", task.id)
    assert row["name"] == "animation"


@pytest.mark.parametrize("applied", [True, False])
def test_what_was_rolled_back_and_is_added_again_is_created_once(
    emulator: Emulator, session: Session, applied: bool
) -> None:
    task = new_task(session)
    lose_commit(emulator, session, applied=applied)
    session.rollback()
    assert task.entity_state is EntityState.TRANSIENT
    emulator.call_log.clear()

    task.name = "smoke"
    session.add(task)
    session.commit()

    assert written(emulator) == [("update" if applied else "create", "Task")]
    row = existing_row(emulator, "Task", task.id)
    assert row["name"] == "smoke"


def test_a_rolled_back_create_of_unknown_outcome_is_not_deleted(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    lose_commit(emulator, session, applied=True)

    session.rollback()
    emulator.call_log.clear()
    assert not session.commit()

    assert emulator.calls == ()
    assert stored(emulator, "Task", task.id) is not None


def test_an_expected_plan_is_compared_before_anything_is_asked(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    lose(emulator, applied=True)
    shown = session.plan()
    with pytest.raises(OutcomeUnknownError):
        session.commit(expect=shown)

    assert session.commit(expect=shown) == shown
    assert written(emulator) == [("create", "Task")]
    assert task.entity_state is EntityState.PERSISTENT


def test_a_repeat_that_is_refused_because_the_first_came_through_succeeds(
    emulator: Emulator, session: Session
) -> None:
    task = new_task(session)
    emulator.faults.drop_before()
    emulator.faults.delay(0)
    # The first batch arrives late: the second finds its work done, and is refused.
    emulator.faults.drop_after()

    session.commit()

    assert stored(emulator, "Task", task.id) is not None
    assert task.entity_state is EntityState.PERSISTENT


def test_a_refusal_is_no_lost_answer(emulator: Emulator, session: Session) -> None:
    new_task(session)
    emulator.faults.refuse(Invalid("No dust here."))
    before = session.requests

    with pytest.raises(ServerValidationError, match="No dust here"):
        session.commit()

    assert session.requests == before + 1


def test_an_interrupted_commit_is_settled_by_the_next(
    emulator: Emulator, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = new_task(session)
    transport: Any = session._core.transport
    call = transport.call

    def interrupted(body: bytes, **_: object) -> None:
        call(body)
        raise KeyboardInterrupt

    monkeypatch.setattr(transport, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.commit()
    monkeypatch.undo()
    session.commit()

    assert written(emulator) == [("create", "Task")]
    assert task.entity_state is EntityState.PERSISTENT


def test_a_metadata_row_made_by_somebody_else_does_not_pass_for_ours(
    emulator: Emulator, session: Session, other: Session
) -> None:
    shot = a_shot(session)
    shot.metadata["source"] = "ours"
    lose_commit(emulator, session, applied=False)
    theirs = a_shot(other)
    theirs.metadata["source"] = "theirs"
    other.commit()

    # Applied and overwritten since, or never applied: the server's data shows both.
    with pytest.raises(OutcomeUnknownError) as raised:
        session.commit()
    assert [one.verdict for one in raised.value.operations] == ["changed"]

    session.rollback()
    assert shot.metadata["source"] == "theirs"


def test_a_settled_creation_keeps_its_identity(
    emulator: Emulator, session: Session
) -> None:
    shot = Shot(name="sq010_sh900", parent=a_shot(session).parent)
    session.add(shot)
    emulator.faults.drop_after()

    session.commit()

    assert session.select(Shot).where(Shot.id == shot.id).one() is shot
    assert shot.parent is not None
    assert shot.parent.name == "sq010"
