"""Queries against plain SQL on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from ftrack_models import (
    Appointment,
    AssetVersion,
    Context,
    Metadata,
    Project,
    Shot,
    Status,
    Task,
    Timelog,
    TypedContext,
    User,
)
from ftrack_orm import (
    Criterion,
    CriterionError,
    MultipleResultsError,
    NoResultError,
    QueryError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot
from tests.support.emulator_records import sql

Condition: TypeAlias = Callable[[Session], Criterion]

MIDDLE = datetime(2024, 3, 1, 12, tzinfo=UTC)

TASKS: dict[str, tuple[Condition, str]] = {
    "equal": (lambda _: Task.name == "animation", "t.name = 'animation'"),
    "not equal": (lambda _: Task.name != "animation", "t.name != 'animation'"),
    "less": (lambda _: Task.bid < 4 * 28800, "t.bid < 4 * 28800"),
    "at most": (lambda _: Task.bid <= 4 * 28800, "t.bid <= 4 * 28800"),
    "greater": (lambda _: Task.sort > 1, "t.sort > 1"),
    "at least": (lambda _: Task.sort >= 1, "t.sort >= 1"),
    "like": (lambda _: Task.name.like("%ing"), "t.name like '%ing'"),
    "not like": (lambda _: Task.name.not_like("l%"), "t.name not like 'l%'"),
    "in values": (
        lambda _: Task.name.in_(["layout", "rigging", "none such"]),
        "t.name in ('layout', 'rigging')",
    ),
    "not in values": (
        lambda _: Task.name.not_in(["layout", "rigging"]),
        "t.name not in ('layout', 'rigging')",
    ),
    "in nothing": (lambda _: Task.name.in_([]), "0"),
    "in a select": (
        lambda session: Task.status_id.in_(
            session.select(Status).where(Status.name.like("%p%"))
        ),
        "s.name like '%p%'",
    ),
    "in a select of another attribute": (
        lambda session: Task.id.in_(
            session.select(Timelog)
            .where(Timelog.duration > 20000)
            .only(Timelog.context_id)
        ),
        "t.id in (select context_id from Timelog where duration > 20000)",
    ),
    "not in a select": (
        lambda session: Task.id.not_in(
            session.select(Timelog).only(Timelog.context_id)
        ),
        "t.id not in (select context_id from Timelog)",
    ),
    "a link's attribute": (
        lambda _: Task.status.name == "In progress",
        "s.name = 'In progress'",
    ),
    "two links away": (
        lambda _: Task.status.state.short == "DONE",
        "s.state_id in (select id from State where short = 'DONE')",
    ),
    "has": (lambda _: Task.parent.has(Context.name == "bunny"), "p.name = 'bunny'"),
    "is": (lambda session: Task.parent.is_(a_shot(session)), "p.name = 'sq010_sh010'"),
    "is not": (
        lambda session: Task.parent.is_not(a_shot(session)),
        "p.name != 'sq010_sh010'",
    ),
    "is nothing": (lambda _: Task.thumbnail.is_(None), "t.thumbnail_id is null"),
    "any": (
        lambda _: Task.assignments.any(),
        "t.id in (select context_id from Appointment)",
    ),
    "any with a condition": (
        lambda _: Task.assignments.any(
            Appointment.type == "assignment",
            Appointment.resource.as_(User).username == "anna",
        ),
        """t.id in (select context_id from Appointment join Resource on
        Resource.id = resource_id where username = 'anna')""",
    ),
    "and": (
        lambda _: (Task.name == "animation") & (Task.status.name == "In progress"),
        "t.name = 'animation' and s.name = 'In progress'",
    ),
    "or": (
        lambda _: (Task.name == "animation") | (Task.name == "layout"),
        "t.name in ('animation', 'layout')",
    ),
    "not": (
        lambda _: ~((Task.name == "animation") | Task.assignments.any()),
        """t.name != 'animation'
        and t.id not in (select context_id from Appointment)""",
    ),
    "and within or": (
        lambda _: (
            ((Task.name == "animation") | (Task.name == "fx"))
            & ~(Task.status.name == "In progress")
        ),
        "t.name in ('animation', 'fx') and s.name != 'In progress'",
    ),
    "ancestors": (
        lambda _: Task.ancestors.any(TypedContext.name == "sq020"),
        "p.parent_id in (select id from Context where name = 'sq020')",
    ),
    "a moment": (
        lambda _: Task.start_date >= MIDDLE,
        "t.start_date >= '2024-03-01T12:00:00'",
    ),
    "a number equal": (lambda _: Task.sort == 2, "t.sort = 2"),
    "null": (lambda _: Task.thumbnail_id == None, "t.thumbnail_id is null"),  # noqa: E711 - a query
    "not null": (lambda _: Task.parent_id != None, "t.parent_id is not null"),  # noqa: E711 - a query
}


@pytest.mark.parametrize(("condition", "where"), TASKS.values(), ids=TASKS)
def test_conditions_find_what_sql_finds(
    emulator: Emulator, session: Session, condition: Condition, where: str
) -> None:
    found = session.select(Task).where(condition(session)).order_by(Task.id).all()

    expected = sql(
        emulator,
        f"""select t.id from Context t
        left join Context p on p.id = t.parent_id
        left join Status s on s.id = t.status_id
        where t.__type__ = 'Task' and ({where}) order by t.id""",  # noqa: S608 - ours
    )
    assert [task.id for task in found] == [row[0] for row in expected]


@pytest.mark.parametrize("condition", ["equal", "less", "in a select", "a moment"])
def test_the_conditions_tell_tasks_apart(session: Session, condition: str) -> None:
    total = len(session.select(Task).all())
    found = len(session.select(Task).where(TASKS[condition][0](session)).all())

    assert 0 < found < total


def test_several_conditions_must_all_hold(session: Session) -> None:
    [task] = session.select(Task).where(
        Task.name == "animation", Task.parent.name == "sq020_sh030"
    )
    assert task.name == "animation"


def test_text_is_compared_whatever_its_case(session: Session) -> None:
    assert session.select(Project).where(Project.name == "BUNNY").one().name == "bunny"


def test_metadata_and_custom_attributes_are_conditions(
    emulator: Emulator, session: Session
) -> None:
    by_metadata = session.select(Project).where(
        Project.metadata["delivery"] == "DCP 2K flat"
    )
    assert by_metadata.one().name == "bunny"
    assert (
        session.select(Project).where(Project.metadata["delivery"] == "x").all() == []
    )
    by_row = session.select(Project).where(
        Project.metadata.any(Metadata.key == "delivery", Metadata.value.like("DCP%"))
    )
    assert by_row.one().name == "bunny"

    long = session.select(Shot).where(Shot.custom_attributes["fend"] > 1100).all()
    assert sorted(shot.id for shot in long) == sorted(
        row[0]
        for row in sql(
            emulator,
            """select entity_id from CustomAttributeValue
            join CustomConfigurationBase c on c.id = configuration_id
            where c.key = 'fend' and cast(value as real) > 1100""",
        )
    )
    assert 0 < len(long) < 20


def test_order_offset_and_limit(emulator: Emulator, session: Session) -> None:
    found = (
        session.select(Task)
        .order_by(Task.status.name, Task.name.desc(), Task.id)
        .offset(7)
        .limit(20)
        .all()
    )

    expected = sql(
        emulator,
        """select t.id from Context t join Status s on s.id = t.status_id
        where t.__type__ = 'Task' order by s.name, t.name desc, t.id
        limit 20 offset 7""",
    )
    assert [task.id for task in found] == [row[0] for row in expected]


@pytest.mark.parametrize("page_size", [1, 7, 112, 500])
@pytest.mark.parametrize(("offset", "limit"), [(0, None), (5, 23), (110, 10), (0, 0)])
def test_pages_join_to_the_whole(
    emulator: Emulator, page_size: int, offset: int, limit: int | None
) -> None:
    rows = [
        row[0]
        for row in sql(
            emulator, "select id from Context where __type__ = 'Task' order by id"
        )
    ]
    expected = rows[offset:] if limit is None else rows[offset : offset + limit]
    with Session(
        transport=emulator.transport(), check_schema="ignore", page_size=page_size
    ) as session:
        query = session.select(Task).order_by(Task.id).offset(offset)
        query = query if limit is None else query.limit(limit)

        assert [task.id for task in query] == expected
        spent = session.requests
        assert spent == -(-len(expected) // page_size)
        assert [task.id for task in query] == expected
        assert session.requests == spent
        assert [task.id for task in query.all()] == expected
        assert query.values(Task.id) == [(one,) for one in expected]


def test_pages_are_fetched_as_they_are_reached(emulator: Emulator) -> None:
    with Session(
        transport=emulator.transport(), check_schema="ignore", page_size=10
    ) as session:
        query = session.select(Task).order_by(Task.id)
        rows = iter(query)
        next(rows)
        assert session.requests == 1
        for _ in range(9):
            next(rows)
        # The next page is on its way while this one is worked on; no more than that.
        assert session.requests == 2
        assert query[3].id < query[4].id
        assert [task.id for task in query[8:12]] == [
            task.id for task in query.all()[8:12]
        ]
        assert query[-1].id == max(task.id for task in query)


def test_values_are_tuples_of_what_is_typed(
    emulator: Emulator, session: Session
) -> None:
    query = session.select(Task).where(Task.name == "animation").order_by(Task.id)
    rows = query.values(Task.name, Task.bid, Task.status.name, Task.start_date)

    expected = sql(
        emulator,
        """select t.name, t.bid, s.name, t.start_date from Context t
        join Status s on s.id = t.status_id
        where t.__type__ = 'Task' and t.name = 'animation' order by t.id""",
    )
    assert rows == [
        (name, bid, status, datetime.fromisoformat(start).replace(tzinfo=UTC))
        for name, bid, status, start in expected
    ]
    assert isinstance(rows[0][1], float)


def test_values_make_no_entities(session: Session) -> None:
    session.select(AssetVersion).values(AssetVersion.id, AssetVersion.asset.name)

    assert "0 entities" in repr(session)


def test_first_one_and_one_or_none(session: Session) -> None:
    tasks = session.select(Task).order_by(Task.id)
    nothing = tasks.where(Task.name == "no such task")

    first = tasks.first()
    assert first is not None
    assert first is tasks[0]
    assert nothing.first() is None
    assert nothing.one_or_none() is None
    with pytest.raises(NoResultError, match="no such task"):
        nothing.one()
    with pytest.raises(MultipleResultsError) as raised:
        tasks.one()
    assert len(raised.value.keys) == 2
    with pytest.raises(MultipleResultsError):
        tasks.one_or_none()
    assert tasks.limit(1).one() is first


def test_a_select_is_not_changed_by_its_methods(
    emulator: Emulator, session: Session
) -> None:
    tasks = session.select(Task)
    tasks.where(Task.name == "animation").limit(1).order_by(Task.name)

    [(every,)] = sql(emulator, "select count(*) from Context where __type__ = 'Task'")
    assert len(tasks.all()) == every


def test_what_cannot_be_a_condition_is_refused_at_once(
    emulator: Emulator, session: Session
) -> None:
    wrong: list[Callable[[], Any]] = [
        lambda: session.select(Task).where(Shot.name == "a"),
        lambda: session.select(Task).where(True),  # type: ignore[arg-type]
        lambda: session.select(Task).where((Task.name == "a") and (Task.name == "b")),
        lambda: session.select(Task).order_by(Shot.name),
        lambda: session.select(Task).load(Shot.children),
    ]
    with emulator.expect_calls(0):
        for build in wrong:
            with pytest.raises(CriterionError):
                build()
        with pytest.raises(QueryError):
            session.select(Task).limit(-1)
