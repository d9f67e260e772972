"""`load(..., stored=True)` reads which custom attributes are stored with the rows."""

from __future__ import annotations

import math

import pytest

from ftrack_models import Shot, Task
from ftrack_orm import ConnectionLostError, QueryError, RetryPolicy, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.select.select import Select

KEYS = ("fstart", "fend", "handles", "fps")


def shots(session: Session) -> Select[Shot]:
    return session.select(Shot).where(Shot.project.name == "bunny").order_by(Shot.name)


def stored(session: Session, found: Select[Shot]) -> dict[tuple[str, str], bool]:
    """Return whether each value of each shot is stored."""
    return {
        (shot.name, key): shot.custom_attributes.is_set(key)
        for shot in found
        for key in KEYS
    }


@pytest.fixture
def cleared(emulator: Emulator) -> str:
    """Return the name of a shot that has no stored value of ``handles``."""
    with Session(transport=emulator.transport()) as session:
        shot = shots(session).limit(1).one()
        del shot.custom_attributes["handles"]
        session.commit()
        return shot.name


@pytest.mark.parametrize("page_size", [500, 5])
def test_the_stored_values_come_with_the_first_page(
    emulator: Emulator, cleared: str, page_size: int
) -> None:
    with Session(transport=emulator.transport()) as session:
        expected = stored(session, shots(session).load(Shot.custom_attributes))
    with Session(transport=emulator.transport(), page_size=page_size) as session:
        found = shots(session).load(Shot.custom_attributes, stored=True)
        assert stored(session, found) == expected
        count = len(expected) // len(KEYS)
        assert session.requests == math.ceil(count / page_size)
    assert expected[cleared, "handles"] is False
    assert True in expected.values()


def test_a_commit_of_them_needs_no_further_request(
    emulator: Emulator, cleared: str
) -> None:
    with Session(transport=emulator.transport()) as session:
        found = shots(session).load(Shot.custom_attributes, stored=True).all()
        for shot in found:
            shot.custom_attributes["fend"] = 7.0
            del shot.custom_attributes["handles"]
        session.commit()
        assert session.requests == 2
    with Session(transport=emulator.transport()) as other:
        rows = stored(other, shots(other))
    assert {rows[name, "handles"] for name, _ in rows} == {False}
    assert {rows[name, "fend"] for name, _ in rows} == {True}


def test_a_limit_leaves_them_to_the_first_use(emulator: Emulator, cleared: str) -> None:
    with Session(transport=emulator.transport()) as session:
        found = shots(session).load(Shot.custom_attributes, stored=True).limit(3).all()
        assert session.requests == 1
        assert not found[0].custom_attributes.is_set("handles")
        assert found[1].custom_attributes.is_set("handles")
        assert session.requests == 2


def test_a_strict_session_has_them(emulator: Emulator, cleared: str) -> None:
    with Session(transport=emulator.transport(), load="strict") as session:
        found = shots(session).load(Shot.custom_attributes, stored=True)
        assert not found[0].custom_attributes.is_set("handles")


def test_edits_of_loaded_entities_stay(emulator: Emulator, cleared: str) -> None:
    with Session(transport=emulator.transport()) as session:
        first, second = shots(session).load(Shot.custom_attributes).limit(2).all()
        first.custom_attributes["handles"] = 9.0
        del second.custom_attributes["handles"]
        shots(session).load(Shot.custom_attributes, stored=True).all()
        assert first.custom_attributes["handles"] == 9.0
        assert first.custom_attributes.is_set("handles")
        assert not second.custom_attributes.is_set("handles")
        session.commit()
    with Session(transport=emulator.transport()) as other:
        rows = stored(other, shots(other))
        assert rows[first.name, "handles"]
        assert not rows[second.name, "handles"]


def test_a_first_page_that_fails_is_read_again(
    emulator: Emulator, cleared: str
) -> None:
    policy = RetryPolicy(attempts=1)
    with Session(transport=emulator.transport(), retry=policy) as session:
        found = shots(session).load(Shot.custom_attributes, stored=True)
        emulator.faults.drop_before()
        with pytest.raises(ConnectionLostError):
            found[0]
        before = session.requests
        assert not found[0].custom_attributes.is_set("handles")
        assert session.requests == before + 1


@pytest.mark.parametrize("paths", [(), (Shot.metadata,), (Shot.status,)])
def test_it_needs_the_custom_attributes(session: Session, paths: tuple[object]) -> None:
    with pytest.raises(QueryError, match=r"load\(Shot\.custom_attributes, stored=True"):
        session.select(Shot).load(*paths, stored=True)  # type: ignore[arg-type] # refused


def test_those_of_a_link_are_not_those_of_the_type(session: Session) -> None:
    with pytest.raises(QueryError, match="stored=True"):
        session.select(Task).load(Task.project.custom_attributes, stored=True)
