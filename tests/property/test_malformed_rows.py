"""Replies with one malformed row at a random place: an error, and nothing of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from ftrack_models import Note, Shot, Task, User
from ftrack_orm import NO_RETRIES, FtrackError, Session
from ftrack_orm.types import Reply, Transport
from tests.support.session_programs.invariants import check_memory, entities_of
from tests.support.session_programs.production import FIELDS, Production
from tests.support.transports import PassingTransport

PRODUCTION = Production()
SEEDS = range(300)

Place = tuple[Any, Any]
"""A container in decoded JSON, and the index or key of one value in it."""


class SpoilingTransport(PassingTransport):
    """Spoils one place of one reply after the request was applied.

    Attributes:
        spoil: changes the next reply; ``None`` lets it pass.
        change: the change in words.
    """

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.spoil: Random | None = None
        self.change = ""

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply of the inner transport, spoiled if it is wanted."""
        reply = send()
        random, self.spoil = self.spoil, None
        if random is None:
            return reply
        results = json.loads(reply.body)
        self.change = spoil(results, random)
        return reply._replace(body=json.dumps(results).encode())


def rows_in(value: Any) -> Iterator[Place]:
    """Yield the place of every entity in decoded JSON, at any depth."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in items:
        if isinstance(part, dict) and "__entity_type__" in part:
            yield value, key
        if isinstance(part, dict | list):
            yield from rows_in(part)


def spoil(results: list[Any], random: Random) -> str:
    """Change one row of results, and return how in words."""
    places = list(rows_in(results))
    if not places:
        return "nothing"
    container, key = random.choice(places)
    row = container[key]
    name = random.choice(CHANGES)
    match name:
        case "null row" | "text row" | "list row" | "number row":
            forms: dict[str, Any] = {
                "null row": None,
                "text row": "x",
                "list row": [],
                "number row": 7,
            }
            container[key] = forms[name]
        case "no type":
            del row["__entity_type__"]
        case "unknown type":
            row["__entity_type__"] = "Nonsense"
        case "type of another kind":
            row["__entity_type__"] = 5
        case "no key":
            row.pop("id", None)
        case "key is null" | "key is a list" | "key is an object":
            keys: dict[str, Any] = {
                "key is null": None,
                "key is a list": [1],
                "key is an object": {},
            }
            row["id"] = keys[name]
        case _:
            _spoil_value(row, random)
    return f"{name} of {row}"


def _spoil_value(row: dict[str, Any], random: Random) -> None:
    """Spoil a time, a link or a collection: plain values are taken as they are."""
    names = [name for name, value in row.items() if isinstance(value, dict | list)]
    if not names:
        return
    name = random.choice(names)
    row[name] = random.choice(
        [
            5,
            [None],
            [5],
            {"__type__": "datetime", "value": "soon"},
            {"__type__": "datetime"},
            {"value": None},
        ]
    )


CHANGES = (
    "null row",
    "text row",
    "list row",
    "number row",
    "no type",
    "unknown type",
    "type of another kind",
    "no key",
    "key is null",
    "key is a list",
    "key is an object",
    "value",
    "value",
    "value",
)


def spoiled_session() -> tuple[Session, SpoilingTransport]:
    PRODUCTION.restore()
    wire = SpoilingTransport(PRODUCTION.emulator.transport())
    return Session(transport=wire, check_schema="ignore", retry=NO_RETRIES), wire


def query(session: Session) -> None:
    select = session.select(Task).load(
        Task.notes, Task.parent, Task.metadata, Task.status, Task.lists, Task.timelogs
    )
    select.all()


def lazy_load(session: Session) -> None:
    [task] = session.select(Task).limit(1).all()
    list(task.notes)


@pytest.mark.parametrize("knows", [False, True], ids=["empty", "loaded before"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_malformed_row_leaves_nothing_of_a_query(seed: int, knows: bool) -> None:
    session, wire = spoiled_session()
    if knows:
        session.select(Task).limit(2).load(Task.notes).all()
        session.select(Shot).load(Shot.children).all()
    before = {id(entity) for entity in entities_of(session)}
    wire.spoil = Random(seed)
    try:
        query(session)
        assert not wire.change.startswith(("text row", "number row")), wire.change
    except FtrackError:
        left = [one for one in entities_of(session) if id(one) not in before]
        assert not left, wire.change
    check_memory(session)
    query(session)
    check_memory(session)


def create_at_once(session: Session) -> None:
    [shot] = session.select(Shot).limit(1).all()
    session.create(Task, {"name": "new", "parent": shot})


def update_at_once(session: Session) -> None:
    [task] = session.select(Task).limit(1).all()
    session.update(Task, task.id, {"description": "new"})


def commit(session: Session) -> None:
    tasks = session.select(Task).load(Task.notes).all()
    user = session.select(User).first()
    assert user is not None
    tasks[0].description = "new"
    tasks[0].notes.append(Note(content="new", author=user))
    session.add(tasks[0].notes[-1])
    session.commit()


@pytest.mark.parametrize("write", [create_at_once, update_at_once, commit])
@pytest.mark.parametrize("seed", SEEDS[:150])
def test_a_malformed_result_of_a_write_can_be_settled(
    seed: int, write: Callable[[Session], None]
) -> None:
    session, wire = spoiled_session()
    original = session._core.client.send

    def send(operations: Any, **options: Any) -> Any:
        if any(getattr(one, "action", "") in _WRITES for one in operations):
            wire.spoil = Random(seed)
        return original(operations, **options)

    session._core.client.send = send  # type: ignore[method-assign] # the test's own
    try:
        write(session)
    except FtrackError:
        session.rollback()
    assert not session.plan()
    check_memory(session)
    check_agreement(session, wire.change)


_WRITES = ("create", "update", "delete")


def check_agreement(session: Session, change: str) -> None:
    """Assert that the server has each new row once, and that memory agrees."""
    server = PRODUCTION.read()
    texts = [row.get("name", row.get("content")) for row in server.rows.values()]
    assert texts.count("new") <= 1
    for entity in entities_of(session):
        kind = type(entity).__name__
        if kind not in FIELDS:
            continue
        row = server.rows.get(entity.id)
        assert row is not None, f"{entity!r} is in memory alone: {change}"
        for name in FIELDS[kind]:
            value = vars(entity).get(name, row[name])
            assert value == row[name], f"{entity!r}.{name}: {change}"
