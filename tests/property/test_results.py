"""Results are whole, and long lists find what single values find, whatever is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ftrack_models import Shot, Status, Task
from ftrack_orm import NO_RETRIES, ServerUnavailableError, Session, TransportError
from ftrack_orm.emulator import Emulator
from ftrack_orm.query import splitting
from ftrack_orm.select import query_pages

SETTINGS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Seeded:
    """An emulator that can be put back to its beginning."""

    def __init__(self) -> None:
        self.emulator = Emulator(seed="demo")
        self._snapshot = self.emulator.snapshot()

    def restored(self) -> Emulator:
        self.emulator.restore(self._snapshot)
        self.emulator.faults.clear()
        return self.emulator


@pytest.fixture(scope="module")
def seeded() -> Iterator[Seeded]:
    seeded = Seeded()
    yield seeded
    seeded.emulator.close()


STEPS = st.lists(
    st.sampled_from(["read", "read", "edit", "commit", "update", "delete", "fault"]),
    min_size=1,
    max_size=40,
)


@SETTINGS
@given(steps=STEPS, page_size=st.integers(2, 40), of_status=st.booleans())
def test_a_result_is_whole_whatever_is_written_while_it_is_read(
    seeded: Seeded, steps: list[str], page_size: int, of_status: bool
) -> None:
    emulator = seeded.restored()
    condition = Task.status.name == "Not started" if of_status else Task.bid >= 0
    with Session(transport=emulator.transport(), check_schema="ignore") as other:
        expected = [task.id for task in other.select(Task).where(condition)]
    session = Session(
        transport=emulator.transport(),
        check_schema="ignore",
        retry=NO_RETRIES,
        page_size=page_size,
    )
    approved = session.select(Status).where(Status.name == "Approved").one()
    rows = iter(session.select(Task).where(condition))
    read: list[Task] = []
    gone: set[str] = set()

    def take(step: str) -> None:
        match step:
            case "read":
                read.extend(task for task in [next(rows, None)] if task is not None)
            case "edit" if read and read[-1].id not in gone:
                read[-1].status = approved
            case "commit":
                session.commit()
            case "update" if read and read[-1].id not in gone:
                session.update(Task, read[-1].id, {"bid": -1.0})
            case "delete" if read and read[-1].id not in gone:
                session.delete(Task, read[-1].id)
                gone.add(read[-1].id)
            case "fault":
                emulator.faults.status(503)

    for step in steps:
        try:
            take(step)
        except TransportError:
            emulator.faults.clear()
    emulator.faults.clear()
    # A page that was fetched ahead may have met the fault.
    with suppress(ServerUnavailableError):
        read.extend(rows)
    read.extend(rows)
    session.close()
    assert [task.id for task in read] == expected


@SETTINGS
@given(
    data=st.data(),
    per_query=st.integers(1, 30),
    ordered_keys=st.integers(1, 200),
    page_size=st.integers(2, 50),
)
def test_a_long_list_finds_the_rows_of_one_query(
    seeded: Seeded,
    data: st.DataObject,
    per_query: int,
    ordered_keys: int,
    page_size: int,
) -> None:
    emulator = seeded.restored()
    with Session(
        transport=emulator.transport(), check_schema="ignore", page_size=page_size
    ) as session:
        names = sorted(name for (name,) in session.select(Shot).values(Shot.name))
        spelled = st.sampled_from([*names, *map(str.upper, names), "", "100%", 'a"b'])
        values = data.draw(st.lists(spelled, max_size=80))
        select = session.select(Task).where(Task.parent.name.in_(values))
        ordered = select.order_by(Task.parent.name.desc(), Task.name, Task.id)
        offset = data.draw(st.integers(0, 40))
        part = ordered.offset(offset).limit(data.draw(st.integers(0, 60)))
        expected = [
            [task.id for task in each.all()] for each in (select, ordered, part)
        ]
        with (
            mock.patch.object(splitting, "MOST_CHARACTERS", per_query * 50),
            mock.patch.object(query_pages, "MOST_VALUES", ordered_keys),
        ):
            found = [
                [task.id for task in each.all()] for each in (select, ordered, part)
            ]
            counts = [each.count() for each in (select, ordered, part)]
            rows = [key for (key,) in part.values(Task.id)]
    assert sorted(found[0]) == sorted(expected[0])
    assert found[1:] == expected[1:]
    assert counts == list(map(len, expected))
    assert rows == expected[2]
