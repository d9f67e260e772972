"""Counting, looking whether there is any, and rows of plain values."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import (
    Appointment,
    Context,
    Metadata,
    Sequence,
    Shot,
    Task,
    TypedContext,
    User,
)
from ftrack_orm import (
    NO_RETRIES,
    Criterion,
    QueryError,
    ResponseFormatError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.transports import AnsweringTransport


def test_count_is_the_number_of_rows(session: Session, other: Session) -> None:
    for entity_class in (Task, Metadata, TypedContext, Appointment):
        assert session.select(entity_class).count() == len(
            other.select(entity_class).all()
        )
    assert "0 entities" in repr(session)


def test_count_and_exists_are_one_request_for_keys(
    emulator: Emulator, other: Session
) -> None:
    with Session(
        transport=emulator.transport(), check_schema="ignore", page_size=5
    ) as session:
        select = session.select(Task).where(Task.bid > 0).order_by(Task.name)
        expected = len(other.select(Task).where(Task.bid > 0).all())
        assert expected > 5
        emulator.call_log.clear()
        assert select.count() == expected
        assert select.exists() is True
        assert session.select(Metadata).exists() is True
    assert [operation["expression"] for operation in emulator.call_log.operations] == [
        "select id from Task where bid > 0 offset 0 limit 50000",
        "select id from Task where bid > 0 offset 0 limit 1",
        "select parent_id, key from Metadata offset 0 limit 1",
    ]


@pytest.mark.parametrize(
    ("offset", "limit", "count"),
    [(0, 0, 0), (0, 7, 7), (20, 7, 4), (24, 7, 0), (5, 100, 19)],
)
def test_offset_and_limit_count(
    session: Session, offset: int, limit: int, count: int
) -> None:
    shots = session.select(Shot).offset(offset).limit(limit)
    assert len(shots.all()) == shots.count() == count
    assert shots.exists() is (count > 0)


def test_a_select_has_no_truth_value_and_no_length(session: Session) -> None:
    nothing = session.select(Task).where(Task.name == "no such task")
    assert nothing.exists() is False
    with pytest.raises(QueryError, match=r"Use exists\(\)"):
        bool(nothing)
    with pytest.raises(QueryError, match=r"Use exists\(\)"):
        assert not nothing  # type: ignore[truthy-bool] # the mistake
    with pytest.raises(TypeError):
        len(nothing)  # type: ignore[arg-type] # the mistake
    assert list(session.select(Shot)) == session.select(Shot).all()


# -- values --------------------------------------------------------------------------


def test_values_of_custom_attributes_are_those_of_the_entities(
    session: Session, other: Session
) -> None:
    shots = other.select(Shot).all()
    shots[0].custom_attributes["fstart"] = 1_234
    other.commit()
    rows = session.select(Shot).values(Shot.id, Shot.custom_attributes["fstart"])
    assert dict(rows) == {shot.id: shot.custom_attributes["fstart"] for shot in shots}
    assert (shots[0].id, 1_234) in rows


def test_values_of_metadata_are_none_where_absent(
    session: Session, other: Session
) -> None:
    shots = other.select(Shot).all()
    shots[3].metadata["camera"] = "A"
    shots[4].metadata["Camera"] = "B"
    other.commit()
    rows = session.select(Shot).values(Shot.id, Shot.metadata["camera"])
    assert dict(rows) == {shot.id: "A" if shot is shots[3] else None for shot in shots}


def test_values_go_through_links_to_mapped_attributes(
    session: Session, other: Session
) -> None:
    tasks = other.select(Task).load(Task.project).all()
    shots = other.select(Shot).all()
    shots[0].custom_attributes["fstart"] = 4_321
    shots[0].metadata["camera"] = "A"
    other.commit()
    start = {shot.id: shot.custom_attributes["fstart"] for shot in shots}
    select = session.select(Task)
    rows = select.values(
        Task.id,
        Task.parent.as_(Shot).custom_attributes["fstart"],
        Task.parent.as_(Shot).metadata["camera"],
        Task.project.name,
    )
    assert {row[0]: row[1:] for row in rows} == {
        task.id: (
            start.get(task.parent_id or ""),
            "A" if task.parent_id == shots[0].id else None,
            task.project.name,
        )
        for task in tasks
    }
    starts = [row[1] for row in rows]
    assert 4_321 in starts
    assert None in starts
    item = Task.parent.as_(Shot).custom_attributes["fstart"].or_none
    assert repr(item) == 'Task.parent.as_(Shot).custom_attributes["fstart"].or_none'
    assert select.values(Task.id, item) == [row[:2] for row in rows]
    assert select.where(item == 4_321).count() == starts.count(4_321)


def test_several_keys_of_one_mapping_are_asked_for_once(
    emulator: Emulator, session: Session
) -> None:
    emulator.call_log.clear()
    session.select(Shot).values(
        Shot.custom_attributes["fstart"], Shot.custom_attributes["fend"]
    )
    (operation,) = emulator.call_log.operations
    assert operation["expression"].startswith(
        "select custom_attributes.key, custom_attributes.value from Shot"
    )


def test_values_after_a_write_in_the_same_loop(session: Session) -> None:
    shots = session.select(Shot).order_by(Shot.name)
    before = shots.values(Shot.name)
    for shot in shots:
        shot.metadata["seen"] = "yes"
        session.commit()
    assert shots.values(Shot.name, Shot.metadata["seen"]) == [
        (name, "yes") for (name,) in before
    ]


# -- casts ---------------------------------------------------------------------------

CAST = Task.parent.as_(Shot)


@pytest.mark.parametrize(
    ("quantified", "compared"),
    [
        (CAST.has(Shot.name.like("%")), CAST.name.like("%")),
        (CAST.has(), CAST.name.like("%")),
        (CAST.has(Shot.sort >= 0), CAST.sort >= 0),
        (
            CAST.parent.as_(Sequence).has(Sequence.name == "sq010"),
            CAST.parent.as_(Sequence).name == "sq010",
        ),
        (
            Task.parent.as_(TypedContext).as_(Shot).has(Shot.name.like("sq0%")),
            CAST.name.like("sq0%"),
        ),
        (
            Task.parent.as_(Shot).as_(Context).has(Context.name.like("%")),
            CAST.name.like("%"),
        ),
        (CAST.children.any(Context.name.like("%")), CAST.children.each.name.like("%")),
        (
            CAST.has(Shot.custom_attributes["fstart"] > 0),
            CAST.custom_attributes["fstart"] > 0,
        ),
    ],
)
def test_a_cast_holds_in_every_kind_of_condition(
    session: Session, other: Session, quantified: Criterion, compared: Criterion
) -> None:
    shots = {shot.id for shot in other.select(Shot)}
    for condition in (quantified, compared):
        rows = session.select(Task).where(condition).all()
        assert rows
        assert {task.parent_id for task in rows} <= shots
    first = {task.id for task in session.select(Task).where(quantified)}
    second = {task.id for task in session.select(Task).where(compared)}
    assert first == second


def test_an_attribute_that_several_subtypes_have_is_compared_on_one(
    session: Session, other: Session
) -> None:
    expected = {
        task.id
        for task in other.select(Task).load(Task.parent)
        if type(task.parent) is Shot
    }
    rows = session.select(Task).where(CAST.status_id != None)  # noqa: E711
    assert {task.id for task in rows} == expected


def test_links_behind_a_cast(session: Session, other: Session) -> None:
    shot = other.select(Shot).where(Shot.name == "sq010_sh010").one()
    expected = {task.id for task in other.select(Task) if task.parent_id == shot.id}
    assert {task.id for task in session.select(Task).where(CAST.is_(shot))} == expected
    assert shot.parent is not None
    siblings = session.select(Task).where(CAST.parent.is_(shot.parent))
    assert expected < {task.id for task in siblings}
    user = session.select(User).where(User.username == "anna").one()
    assigned = session.select(Task).where(
        Task.assignments.any(Appointment.resource.as_(User).is_(user))
    )
    assert {task.id for task in assigned} == {
        row.context_id
        for row in other.select(Appointment).where(
            Appointment.resource_id == user.id, Appointment.type == "assignment"
        )
    } & {task.id for task in other.select(Task)}


# -- responses that are not the protocol ---------------------------------------------


TASK = {"__entity_type__": "Task", "id": "1", "name": "x", "end_date": None}
WRONG_TIME = {"__type__": "datetime", "value": "soon"}


@pytest.mark.parametrize(
    "result",
    [
        [],
        {"action": "query"},
        {"action": "query", "data": None},
        {"action": "query", "data": {"id": "1"}},
        {"action": "query", "data": ["row"]},
        {"action": "query", "data": [{"id": "1", "name": "x"}]},
        {"action": "query", "data": [{"__entity_type__": "Task", "name": "x"}]},
        {"action": "query", "data": [{**TASK, "end_date": WRONG_TIME}]},
        {"action": "query", "data": [{**TASK, "status": "x"}]},
        {"action": "query", "data": [TASK], "metadata": {"next": {"offset": 0}}},
    ],
)
def test_a_response_that_is_not_the_protocol_is_an_error_of_its_own(
    result: Any,
) -> None:
    with Session(
        transport=AnsweringTransport([result]),
        check_schema="ignore",
        retry=NO_RETRIES,
        models="ftrack_models",
    ) as session:
        with pytest.raises(ResponseFormatError):
            session.select(Task).values(Task.name, Task.end_date, Task.status.name)
        assert "0 entities" in repr(session)
