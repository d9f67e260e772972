"""While the outcome of a write is unknown: reads work, other writes are refused."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_models import Shot, Status, Task
from ftrack_orm import (
    ConnectionFailedError,
    EntityState,
    OutcomeUnknownError,
    PlanChangedError,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.operations import Delete, Update
from ftrack_orm.types import Reply, Transport
from tests.support.demo_production import a_shot, a_task
from tests.support.emulator_records import existing_row, sql, written
from tests.support.lost_answers import lose_commit
from tests.support.transports import PassingTransport

USER_ID = "3086f538-6bc2-4260-ab3c-614c38228aa4"

IMMEDIATE: dict[str, Callable[[Session, Task], object]] = {
    "create": lambda s, task: s.create(Task, {"name": "x", "parent": task.parent}),
    "update": lambda s, task: s.update(Task, task.id, {"bid": 5.0}),
    "delete": lambda s, task: s.delete(Task, task.id),
    "call": lambda s, task: s.call([Update("Task", (task.id,), {"bid": 5.0})]),
    "ensure": lambda s, task: s.ensure(
        Task, {"name": "x", "parent": task.parent, "bid": 5.0}, ["name", "parent"]
    ),
    "invite": lambda s, task: s.send_user_invite(
        "3086f538-6bc2-4260-ab3c-614c38228aa4"
    ),
}


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("write", IMMEDIATE.values(), ids=IMMEDIATE)
def test_other_writes_are_refused_until_the_outcome_is_settled(
    emulator: Emulator,
    session: Session,
    write: Callable[[Session, Task], object],
    applied: bool,
) -> None:
    task = a_task(session)
    assert task.parent is not None
    task.description = "mine"
    lose_commit(emulator, session, applied=applied)
    emulator.call_log.clear()

    with pytest.raises(OutcomeUnknownError, match="earlier batch"):
        write(session, task)
    assert written(emulator) == []

    session.commit()
    write(session, task)
    assert emulator.call_log.operations


@pytest.mark.parametrize("applied", [True, False])
def test_reads_work_while_an_outcome_is_unknown(
    emulator: Emulator, session: Session, applied: bool
) -> None:
    task = a_task(session)
    task.description = "mine"
    lose_commit(emulator, session, applied=applied)

    assert session.select(Status).first() is not None
    assert session.get(Task, task.id) is task
    assert task.description == "mine"
    assert session.query("select name from Status limit 1").data


def test_a_rollback_settles_too(emulator: Emulator, session: Session) -> None:
    task = a_task(session)
    task.description = "mine"
    lose_commit(emulator, session, applied=True)

    session.rollback()

    assert task.description == "mine"  # loaded again: the server has it
    session.update(Task, task.id, {"description": "next"})
    row = existing_row(emulator, "Task", task.id)
    assert row["description"] == "next"


def test_one_operation_is_no_proof_for_the_others(
    emulator: Emulator, session: Session, other: Session
) -> None:
    kept, gone = a_task(session), a_task(session, "layout")
    kept.description = "important"
    session.remove(gone)
    other.delete(Task, gone.id)
    emulator.faults.drop_before()

    with pytest.raises(OutcomeUnknownError) as raised:
        session.commit()

    verdicts = {one.action: one.verdict for one in raised.value.operations}
    assert verdicts == {"update": "not applied", "delete": "applied"}
    assert "Task(" in str(raised.value)
    row = existing_row(emulator, "Task", kept.id)
    assert row["description"] == ""


def test_a_newer_value_of_another_client_is_not_overwritten_by_a_repeat(
    emulator: Emulator, session: Session, other: Session
) -> None:
    task = a_task(session)
    task.description = "mine"
    lose_commit(emulator, session, applied=True)
    other.update(Task, task.id, {"description": "theirs"})

    with pytest.raises(OutcomeUnknownError) as raised:
        session.commit()

    [outcome] = raised.value.operations
    assert outcome.verdict == "changed"
    assert outcome.sent == {"description": "mine"}
    assert outcome.server == {"description": "theirs"}
    session.rollback()
    assert task.description == "theirs"


def test_a_key_made_here_proves_the_whole_batch(
    emulator: Emulator, session: Session, other: Session
) -> None:
    task, shot = a_task(session), a_shot(session)
    task.description = "mine"
    new = Task(name="dust", parent=shot)
    session.add(new)
    lose_commit(emulator, session, applied=True)
    other.update(Task, task.id, {"description": "theirs"})
    emulator.call_log.clear()

    session.commit()

    assert written(emulator) == []
    assert new.entity_state is EntityState.PERSISTENT
    row = existing_row(emulator, "Task", task.id)
    assert row["description"] == "theirs"


def test_a_key_chosen_by_the_caller_proves_nothing(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    twin: dict[str, Any] = {"id": task.id, "name": "twin"}
    session.add(Task(parent=a_shot(session), **twin))
    emulator.faults.drop_before()

    with pytest.raises(OutcomeUnknownError):
        session.commit()


def test_an_expected_plan_is_compared_after_settling(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    before, task.description = task.description, "b"
    lose_commit(emulator, session, applied=True)
    task.description = before

    with pytest.raises(PlanChangedError):
        session.commit(expect=session.plan())

    plan = session.plan()
    assert session.commit(expect=plan) == plan
    row = existing_row(emulator, "Task", task.id)
    assert row["description"] == before


@pytest.mark.parametrize("applied", [True, False])
def test_an_immediate_write_in_doubt_is_settled_by_a_commit(
    emulator: Emulator, session: Session, applied: bool
) -> None:
    task = a_task(session)
    if applied:
        emulator.faults.drop_after()
        emulator.faults.drop_before()
    else:
        emulator.faults.drop_before(times=2)
    with pytest.raises(OutcomeUnknownError):
        session.update(Task, task.id, {"description": "mine"})
    with pytest.raises(OutcomeUnknownError, match="earlier batch"):
        session.update(Task, task.id, {"description": "again"})

    session.commit()

    assert task.description == ("mine" if applied else "")
    session.update(Task, task.id, {"description": "again"})
    assert task.description == "again"


def test_a_delete_of_an_entity_never_seen_is_not_proved_by_its_absence(
    emulator: Emulator, session: Session
) -> None:
    emulator.faults.drop_before()

    with pytest.raises(OutcomeUnknownError):
        session.call([Delete("Task", ("no-such-id",))])


def test_a_commit_in_doubt_leaves_the_garbage_collector_on(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.description = "mine"
    lose_commit(emulator, session, applied=True)

    assert gc.isenabled()


class AbsentServerTransport(PassingTransport):
    """Refuses connections after some requests."""

    def __init__(self, inner: Transport, requests: int) -> None:
        super().__init__(inner)
        self.left = requests

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        self.left -= 1
        if self.left < 0:
            raise ConnectionFailedError(self.server_url, "refused")
        return send()


def test_a_write_that_comes_first_carries_no_question(emulator: Emulator) -> None:
    [(sequence_id,)] = sql(
        emulator, "select id from Context where __type__ = 'Sequence' limit 1"
    )
    transport = AbsentServerTransport(emulator.transport(), requests=1)
    with Session(transport=transport) as session:
        created = session.create(Shot, {"name": "new", "parent_id": sequence_id})
        assert created.data.name == "new"

    [call] = emulator.calls
    assert [step["action"] for step in call.operations] == ["create"]
