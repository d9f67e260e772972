"""Selects by long lists of values, against the same rows picked in Python.

The bounds are lowered to a few values, so that the demo production is split.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from ftrack_models import Appointment, Metadata, Shot, Task
from ftrack_orm import MultipleResultsError, NoResultError, QueryError, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.query import splitting
from ftrack_orm.select import query_pages

PER_QUERY = 8


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of eight values to a query and twenty keys that a server orders."""
    monkeypatch.setattr(splitting, "MOST_CHARACTERS", PER_QUERY * 50)
    monkeypatch.setattr(splitting, "MOST_FIXED_CHARACTERS", 2 * PER_QUERY * 50)
    monkeypatch.setattr(query_pages, "MOST_VALUES", 20)


@pytest.fixture
def tasks(other: Session) -> list[Task]:
    """Every task, read by another session in one query."""
    return other.select(Task).load(Task.parent).all()


def expressions(emulator: Emulator) -> list[list[str]]:
    """Return the expressions of each request."""
    return [
        [operation["expression"] for operation in call.operations]
        for call in emulator.call_log.calls
    ]


def ids(rows: Any) -> list[str]:
    return [row.id for row in rows]


def test_20000_values_become_queries_of_bounded_length(
    emulator: Emulator, session: Session, tasks: list[Task]
) -> None:
    values = [str(uuid.uuid4()) for _ in range(20_000)]
    wanted = tasks[5::20]
    for place, task in enumerate(wanted):
        values[place * 3_000] = task.id
    emulator.call_log.clear()
    rows = session.select(Task).where(Task.id.in_(values)).all()
    assert ids(rows) == ids(wanted)
    requests = expressions(emulator)
    assert len(requests) == 5
    assert sum(map(len, requests)) == 20
    assert max(len(text) for texts in requests for text in texts) < 55_000
    assert max(len("".join(texts)) for texts in requests) < 250_000


def test_rows_come_once_and_in_pages(
    emulator: Emulator, tasks: list[Task], short: None
) -> None:
    wanted = tasks[10:90]
    with Session(
        transport=emulator.transport(), check_schema="ignore", page_size=5
    ) as session:
        emulator.call_log.clear()
        select = session.select(Task).where(Task.id.in_(ids(wanted)))
        rows = iter(select)
        first = next(rows)
        assert len(emulator.call_log.calls) == 1
        assert sorted(ids([first, *rows])) == sorted(ids(wanted))
        assert all(
            text.endswith(" limit 5")
            for texts in expressions(emulator)
            for text in texts
        )


def test_a_row_that_several_values_match_comes_once(
    session: Session, tasks: list[Task], short: None
) -> None:
    names = sorted({task.name for task in tasks})
    spelled = [*names, *(name.upper() for name in names), *(n.title() for n in names)]
    assert len(spelled) > 2 * PER_QUERY
    select = session.select(Task).where(Task.name.in_(spelled))
    assert sorted(ids(select)) == sorted(ids(tasks))
    assert select.count() == len(tasks)
    assert len(select.values(Task.id)) == len(tasks)


def test_a_row_that_matches_through_a_collection_comes_once(
    session: Session, other: Session, short: None
) -> None:
    rows = other.select(Appointment).all()
    wanted = {row.context_id for row in rows}
    select = session.select(Task).where(Task.assignments.each.id.in_(ids(rows)))
    found = ids(select)
    assert len(found) == len(set(found))
    assert set(found) == wanted & set(ids(other.select(Task)))


@pytest.mark.parametrize("count", [15, 100])
@pytest.mark.parametrize(("offset", "limit"), [(0, None), (0, 4), (7, 5), (3, 90)])
def test_order_offset_and_limit_are_those_of_one_query(
    session: Session,
    tasks: list[Task],
    short: None,
    count: int,
    offset: int,
    limit: int | None,
) -> None:
    wanted = sorted(tasks[:count], key=lambda task: task.id)
    expected = sorted(wanted, key=lambda task: task.name)
    expected.sort(
        key=lambda task: task.parent.name if task.parent else "", reverse=True
    )
    stop = None if limit is None else offset + limit
    select = (
        session.select(Task)
        .where(Task.id.in_(ids(tasks[:count])))
        .order_by(Task.parent.name.desc(), Task.name, Task.id)
        .offset(offset)
    )
    if limit is not None:
        select = select.limit(limit)
    assert ids(select.all()) == ids(expected[offset:stop])
    assert [key for (key,) in select.values(Task.id)] == ids(expected[offset:stop])
    assert select.count() == len(expected[offset:stop])
    first = select.first()
    assert first is not None
    assert first.id == expected[offset].id


@pytest.mark.parametrize("descending", [False, True])
def test_null_is_ordered_as_the_server_orders_it(
    emulator: Emulator, session: Session, other: Session, short: None, descending: bool
) -> None:
    for task in other.select(Task).limit(30).all()[::3]:
        task.end_date = None
    other.commit()
    key = Task.end_date.desc() if descending else Task.end_date.asc()
    whole = other.select(Task).order_by(key, Task.id)
    expected = ids(whole)
    parts = session.select(Task).where(Task.id.in_(sorted(expected))).order_by(key)
    assert ids(parts.order_by(Task.id)) == expected


def test_an_order_that_cannot_be_merged_is_refused(
    emulator: Emulator, session: Session, tasks: list[Task], short: None
) -> None:
    # A server with another collation: the first two rows of a part change places.
    transport = emulator.transport()
    call = transport.call

    def swapped(body: bytes, **options: Any) -> Any:
        reply = call(body, **options)
        return reply._replace(body=swap_rows(reply.body))

    transport.call = swapped  # type: ignore[method-assign] # the stand-in
    with Session(transport=transport, check_schema="ignore") as strange:
        select = strange.select(Task).where(Task.id.in_(ids(tasks))).order_by(Task.id)
        with pytest.raises(QueryError, match="server's order by id"):
            select.all()


def swap_rows(body: Any) -> bytes:
    results = json.loads(body)
    for result in results:
        rows = result["data"]
        rows[:2] = rows[1::-1]
    return json.dumps(results).encode()


def test_offset_and_limit_without_an_order_cut_distinct_rows(
    session: Session, tasks: list[Task], short: None
) -> None:
    names = sorted({task.name for task in tasks})
    spelled = [*names, *(name.upper() for name in names)]
    select = session.select(Task).where(Task.name.in_(spelled))
    whole = ids(select.all())
    assert ids(select.offset(20).limit(30).all()) == whole[20:50]
    assert ids(select.offset(len(whole) - 3)) == whole[-3:]
    assert select.limit(0).all() == []
    assert select.offset(20).limit(30).count() == 30
    assert select.offset(len(whole)).exists() is False


def test_first_one_and_exists(session: Session, tasks: list[Task], short: None) -> None:
    nowhere = [str(uuid.uuid4()) for _ in range(40)]
    select = session.select(Task)
    none = select.where(Task.id.in_(nowhere))
    assert none.first() is None
    assert none.one_or_none() is None
    assert none.exists() is False
    assert none.count() == 0
    assert none.order_by(Task.name).all() == []
    with pytest.raises(NoResultError):
        none.one()
    one = select.where(Task.id.in_([*nowhere, tasks[3].id]))
    assert one.one().id == tasks[3].id
    assert one.exists() is True
    assert one.order_by(Task.name).one().id == tasks[3].id
    two = select.where(Task.id.in_([tasks[4].id, *nowhere, tasks[3].id]))
    with pytest.raises(MultipleResultsError):
        two.one()


def test_two_long_lists(session: Session, tasks: list[Task], short: None) -> None:
    shots = {task.parent.name for task in tasks if task.parent}
    wanted = [task for task in tasks[:60] if task.parent]
    select = session.select(Task).where(
        Task.id.in_(ids(tasks[:60])), Task.parent.name.in_(sorted(shots))
    )
    assert sorted(ids(select)) == sorted(ids(wanted))


def test_keys_of_several_attributes(
    session: Session, other: Session, short: None
) -> None:
    rows = other.select(Metadata).all()
    assert len(rows) > PER_QUERY
    parents = sorted({row.parent_id for row in rows})
    select = session.select(Metadata).where(
        Metadata.parent_id.in_([*parents, *(str(uuid.uuid4()) for _ in range(30))])
    )
    expected = sorted((row.parent_id, row.key) for row in rows)
    assert sorted(select.values(Metadata.parent_id, Metadata.key)) == expected
    ordered = select.order_by(Metadata.key, Metadata.parent_id)
    assert [(row.key, row.parent_id) for row in ordered] == sorted(
        (row.key, row.parent_id) for row in rows
    )


def test_values_are_complete_where_queries_share_a_response(
    session: Session, other: Session, tasks: list[Task], short: None
) -> None:
    # A response holds each shot in full at its first occurrence alone, which is in
    # another query than later ones (protocol 3.6).
    wanted = [task for task in tasks if task.parent]
    rows = (
        session.select(Task)
        .where(Task.id.in_(ids(wanted)))
        .values(Task.id, Task.parent.name.or_none, Task.parent.as_(Shot).sort.or_none)
    )
    assert {key: name for key, name, _ in rows} == {
        task.id: task.parent.name for task in wanted if task.parent
    }


def test_a_list_that_cannot_be_split_is_refused_before_a_request(
    emulator: Emulator, session: Session, tasks: list[Task], short: None
) -> None:
    emulator.call_log.clear()
    select = session.select(Task).where(Task.id.not_in(ids(tasks)))
    for read in (select.all, select.first, select.count, select.exists):
        with pytest.raises(QueryError, match=r"not_in\(\) on id has 139 values"):
            read()
    with pytest.raises(QueryError, match="139 values"):
        select.values(Task.name)
    assert len(emulator.call_log) == 0


def test_messages_do_not_repeat_a_long_list(session: Session) -> None:
    select = session.select(Task).where(
        Task.id.in_([str(uuid.uuid4()) for _ in range(3_000)])
    )
    with pytest.raises(NoResultError) as caught:
        select.one()
    assert len(str(caught.value)) < 3_000
    assert len(repr(select)) < 3_000
    assert len(select.expression) > 100_000
