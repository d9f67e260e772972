"""Batches whose answer is lost, while another session edits the same rows."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import pytest

import ftrack_models
from ftrack_orm import (
    NO_RETRIES,
    ConnectionLostError,
    OutcomeUnknownError,
    ServerError,
    Session,
)
from ftrack_orm.types import Reply, Transport
from tests.support.session_programs.invariants import check_memory
from tests.support.session_programs.production import TYPE, Production, Row, Rows
from tests.support.transports import PassingTransport

PRODUCTION = Production()
BATCHES = 20
LENGTH = 4


class LosingTransport(PassingTransport):
    """Loses one answer; `meanwhile` runs before the client learns of it."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.is_applied = True
        self.meanwhile: Callable[[], None] | None = None
        self.creates = 0

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply of the inner transport, or lose it."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is None:
            return send()
        if self.is_applied:
            send()
        meanwhile()
        raise ConnectionLostError(self.server_url, "the answer is lost")


class Rival(NamedTuple):
    """One operation of a batch, and a rival's write to the same row.

    Attributes:
        edit: makes the change in the session.
        rival: writes to the same row at once, from another session.
        holds: whether the rival's write is on the server.
    """

    edit: Callable[[Session], None]
    rival: Callable[[Session], None]
    holds: Callable[[Rows], bool]


def ids(entity_type: str) -> list[str]:
    """Return the ids of a type in the production that each program starts with."""
    return PRODUCTION.read().of(entity_type)


def get(session: Session, entity_type: str, key: str) -> Any:
    entity = session.get(getattr(ftrack_models, entity_type), key)
    assert entity is not None
    return entity


def text_of(entity_type: str, name: str, number: int) -> Rival:
    key = ids(entity_type)[number]
    return Rival(
        lambda session: setattr(get(session, entity_type, key), name, "mine"),
        lambda other: _update(other, entity_type, key, {name: "newer"}),
        lambda rows: rows.rows[key][name] == "newer",
    )


def link_of_task(number: int) -> Rival:
    key, statuses = ids("Task")[number], PRODUCTION.constants["Status"]
    return Rival(
        lambda session: setattr(get(session, "Task", key), "status_id", statuses[1]),
        lambda other: _update(other, "Task", key, {"status_id": statuses[2]}),
        lambda rows: rows.rows[key]["status_id"] == statuses[2],
    )


def deleted_by_rival() -> Rival:
    key = ids("Note")[1]
    return Rival(
        lambda session: setattr(get(session, "Note", key), "content", "mine"),
        lambda other: _delete(other, "Note", key),
        lambda rows: key not in rows.rows,
    )


def deleted_by_both() -> Rival:
    key = ids("Timelog")[0]
    return Rival(
        lambda session: session.remove(get(session, "Timelog", key)),
        lambda other: _delete_if_there(other, "Timelog", key),
        lambda rows: key not in rows.rows,
    )


def row_of_metadata() -> Rival:
    key = ids("Task")[0]
    return Rival(
        lambda session: get(session, "Task", key).metadata.update(source="mine"),
        lambda other: _set_metadata(other, key, "source", "newer"),
        lambda rows: rows.metadata[key, "source"] == "newer",
    )


def new_note() -> Rival:
    """Return a create, which no rival can have made."""
    task, user = ids("Task")[2], PRODUCTION.constants["User"][0]

    def edit(session: Session) -> None:
        note = ftrack_models.Note(content="created", author=get(session, "User", user))
        session.add(note)
        get(session, "Task", task).notes.append(note)

    return Rival(edit, lambda other: None, lambda rows: True)


KINDS: tuple[Callable[[], Rival], ...] = (
    lambda: text_of("Task", "description", 0),
    lambda: text_of("Task", "description", 1),
    lambda: text_of("Shot", "description", 0),
    lambda: text_of("AssetVersion", "comment", 0),
    lambda: text_of("Note", "content", 0),
    lambda: link_of_task(1),
    lambda: link_of_task(2),
    deleted_by_rival,
    deleted_by_both,
    row_of_metadata,
    new_note,
)


def _update(other: Session, kind: str, key: str, data: dict[str, Any]) -> None:
    other.update(kind, key, data)


def _delete(other: Session, kind: str, key: str) -> None:
    other.delete(kind, key)


def _delete_if_there(other: Session, kind: str, key: str) -> None:
    if other.get(getattr(ftrack_models, kind), key) is not None:
        other.delete(kind, key)


def _set_metadata(other: Session, owner: str, key: str, value: str) -> None:
    get(other, "Task", owner).metadata[key] = value
    other.commit()


def batch_of(seed: int) -> list[Rival]:
    """Return the operations of one batch; every second one has a create."""
    random = Random(seed)
    kinds = random.sample(KINDS[:-1], LENGTH)
    if seed % 2:
        kinds[random.randrange(LENGTH)] = KINDS[-1]
    return [kind() for kind in kinds]


@pytest.mark.parametrize("is_applied", [True, False], ids=["applied", "not applied"])
@pytest.mark.parametrize("seed", range(BATCHES))
def test_no_create_is_doubled_and_no_newer_value_is_overwritten(
    seed: int, is_applied: bool
) -> None:
    for index in range(LENGTH):
        with PRODUCTION.repeatable(seed):
            lose(seed, index, is_applied=is_applied)


@pytest.mark.parametrize("is_applied", [True, False], ids=["applied", "not applied"])
@pytest.mark.parametrize("seed", range(BATCHES))
def test_without_a_rival_a_lost_answer_is_settled(seed: int, is_applied: bool) -> None:
    with PRODUCTION.repeatable(seed):
        lose(seed, None, is_applied=is_applied)


def lose(seed: int, index: int | None, *, is_applied: bool) -> None:
    """Lose the answer to a batch while a rival writes to the row of one operation."""
    PRODUCTION.restore()
    batch = batch_of(seed)
    other, _ = PRODUCTION.session()
    wire = LosingTransport(PRODUCTION.emulator.transport())
    session = Session(transport=wire, check_schema="ignore", retry=NO_RETRIES)
    for operation in batch:
        operation.edit(session)
    plan = session.plan()
    wire.is_applied = is_applied
    wire.meanwhile = lambda: None if index is None else batch[index].rival(other)
    try:
        session.commit()
    except OutcomeUnknownError as error:
        assert index is not None
        check_listed(error, len(plan))
        check_settling(session)
    except ServerError:
        # It was sent again, and refused: the rival has deleted a row of it.
        assert not is_applied
        assert index is not None
        assert session.plan() == plan
        assert not created(PRODUCTION.read())
    else:
        check_applied(session)
    rows = PRODUCTION.read()
    assert index is None or batch[index].holds(rows), "a newer value was overwritten"
    assert len(created(rows)) <= 1
    check_memory(session)


def created(rows: Rows) -> list[Row]:
    """Return the notes that a batch has created."""
    return [row for row in rows.rows.values() if row.get("content") == "created"]


def check_listed(error: OutcomeUnknownError, count: int) -> None:
    """Assert that the error lists the operations, each with a verdict."""
    assert len(error.operations) == count
    assert all(outcome.verdict for outcome in error.operations)


def check_settling(session: Session) -> None:
    """Assert that reads are answered, and that giving up works."""
    assert session.select(ftrack_models.Task).first() is not None
    session.rollback()
    assert not session.plan()
    session.update("Shot", ids("Shot")[2], {"description": "later"})


def check_applied(session: Session) -> None:
    """Assert that nothing is left to send, and that a repeat sends nothing."""
    assert not session.plan()
    before = PRODUCTION.read()
    session.commit()
    assert PRODUCTION.read() == before
    assert all(TYPE in row for row in before.rows.values())
