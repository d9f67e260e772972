"""Results in progress are completed before a write of the same session leaves."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_models import Note, Project, Shot, Status, Task
from ftrack_orm import Session, TransportError, operations
from ftrack_orm.emulator import Emulator
from tests.support.emulator_records import written

READS = ("query", "query_schemas", "query_server_information", "search")


def kinds(emulator: Emulator) -> list[str]:
    """Return ``read`` or ``write`` for each request."""
    return [
        "write"
        if any(operation["action"] not in READS for operation in call.operations)
        else "read"
        for call in emulator.call_log.calls
    ]


def test_a_loop_that_commits_what_it_selects_by_reaches_every_row(
    paging: Session, other: Session
) -> None:
    waiting = paging.select(Task).where(Task.status.name == "Not started")
    expected = waiting.count()
    assert expected > 10
    approved = paging.select(Status).where(Status.name == "Approved").one()
    changed = []
    for task in waiting:
        task.status = approved
        paging.commit()
        changed.append(task.id)
    assert len(set(changed)) == len(changed) == expected
    left = other.select(Task).where(Task.status.name == "Not started")
    assert left.count() == 0


def create(session: Session, task: Task) -> object:
    return session.create(Note, {"content": "x", "parent_id": task.id})


def update(session: Session, task: Task) -> object:
    return session.update(Task, task.id, {"description": "seen"})


def delete(session: Session, task: Task) -> object:
    return session.delete(Task, task.id)


def call(session: Session, task: Task) -> object:
    return session.call([operations.Update("Task", (task.id,), {"description": "x"})])


def plain_call(session: Session, task: Task) -> object:
    return session.call(
        [
            {
                "action": "update",
                "entity_type": "Task",
                "entity_key": [task.id],
                "entity_data": {"__entity_type__": "Task", "description": "x"},
            }
        ]
    )


def ensure(session: Session, task: Task) -> object:
    return session.ensure(Task, {"id": task.id, "description": "seen"}, ["id"])


def component(session: Session, task: Task) -> object:
    return session.create_component(io.BytesIO(b"1"), name=f"{task.name}.txt")


def removal(session: Session, task: Task) -> object:
    session.remove(task)
    return session.commit()


@pytest.mark.parametrize(
    "write", [create, update, delete, call, plain_call, ensure, component, removal]
)
def test_every_write_completes_what_is_being_read(
    emulator: Emulator,
    paging: Session,
    other: Session,
    write: Callable[[Session, Task], object],
) -> None:
    select = paging.select(Task).where(
        Task.description != "seen", Task.project.name == "bunny"
    )
    expected = other.select(Task).where(
        Task.description != "seen", Task.project.name == "bunny"
    )
    keys = [task.id for task in expected.limit(23)]
    seen = []
    emulator.call_log.clear()
    for task in select.limit(23):
        seen.append(task.id)
        write(paging, task)
    assert seen == keys
    requests = kinds(emulator)
    first = requests.index("write")
    assert requests[:first].count("read") >= 5
    if write is not ensure:
        assert "read" not in requests[first:]


def test_several_results_are_completed(emulator: Emulator, paging: Session) -> None:
    tasks, shots = iter(paging.select(Task)), iter(paging.select(Shot))
    first = next(tasks)
    next(shots)
    first.description = "edited"
    paging.commit()
    emulator.call_log.clear()
    rest = len([*tasks]), len([*shots])
    assert rest == (138, 23)
    assert len(emulator.call_log) == 0


def test_an_iterator_that_was_left_is_completed_while_it_is_held(
    emulator: Emulator, paging: Session
) -> None:
    shots = paging.select(Shot)
    for shot in shots:
        shot.description = "edited"
        break
    emulator.call_log.clear()
    paging.commit()
    assert kinds(emulator) == ["read"] * 4 + ["write"]
    assert len(list(shots)) == 24
    assert len(emulator.call_log) == 5


def test_a_result_that_is_not_held_is_not_fetched(
    emulator: Emulator, paging: Session
) -> None:
    for shot in paging.select(Shot):
        shot.description = "edited"
        break
    emulator.call_log.clear()
    paging.commit()
    assert kinds(emulator) == ["write"]


def test_reads_and_a_commit_of_nothing_fetch_no_pages(
    emulator: Emulator, paging: Session
) -> None:
    shots = iter(paging.select(Shot))
    next(shots)
    emulator.call_log.clear()
    paging.commit()
    paging.query("select name from Project", Project)
    paging.plan()
    paging.rollback()
    assert len(emulator.call_log) == 1
    next(shots)


def test_deleted_rows_stay_in_the_result_as_objects(paging: Session) -> None:
    select = paging.select(Task).where(Task.parent.name == "sq010_sh010")
    for task in select:
        paging.delete(Task, task.id)
    names = [task.name for task in select]
    assert len(names) > 1
    assert paging.select(Task).where(Task.parent.name == "sq010_sh010").all() == []


@pytest.mark.parametrize("at_once", [False, True])
def test_nothing_is_written_when_a_page_cannot_be_fetched(
    emulator: Emulator, paging: Session, other: Session, at_once: bool
) -> None:
    shots = iter(paging.select(Shot))
    first = next(shots)
    first.description = "edited"

    def write() -> Any:
        if at_once:
            return paging.update(Shot, first.id, {"description": "edited"})
        return paging.commit()

    emulator.call_log.clear()
    emulator.faults.status(503)
    with pytest.raises(TransportError):
        write()
    assert written(emulator) == []
    assert other.get(Shot, first.id).description != "edited"  # type: ignore[union-attr] # it is there
    write()
    assert written(emulator) == [("update", "Shot")]
    assert len([first, *shots]) == 24


def test_a_plan_that_was_seen_is_still_the_plan(paging: Session) -> None:
    shots = iter(paging.select(Shot))
    next(shots).description = "edited"
    plan = paging.plan()
    assert paging.commit(expect=plan) == plan
