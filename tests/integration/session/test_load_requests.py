"""`Session.load`: all paths of one level in one request."""

from __future__ import annotations

import pytest

from ftrack_models import Shot, Status, Task
from ftrack_orm import NotLoadedError, Session
from ftrack_orm.emulator import Emulator


def test_collections_and_mappings_of_one_level_are_one_request(
    emulator: Emulator, session: Session
) -> None:
    tasks = session.select(Task).all()
    emulator.call_log.clear()
    session.load(
        tasks,
        Task.metadata,
        Task.custom_attributes,
        Task.assignments,
        Task.outgoing_links,
        Task.incoming_links,
        Task.timelogs,
    )
    assert len(emulator.call_log.calls) == 1
    for task in tasks:
        _ = task.metadata, task.custom_attributes, task.outgoing_links
        _ = task.incoming_links, task.timelogs, len(task.assignments)
    assert len(emulator.call_log.calls) == 1


def test_links_of_one_level_are_one_request(
    emulator: Emulator, session: Session, other: Session
) -> None:
    tasks = session.select(Task).all()
    emulator.call_log.clear()
    session.load(
        tasks,
        Task.status,
        Task.priority,
        Task.type,
        Task.parent,
        Task.project,
        Task.created_by,
    )
    assert len(emulator.call_log.calls) == 1
    names = [
        (task.status.name, task.type.name, task.parent and task.parent.name)
        for task in tasks
    ]
    assert len(emulator.call_log.calls) == 1
    rows = other.select(Task).values(
        Task.id, Task.status.name, Task.type.name, Task.parent.name.or_none
    )
    expected = {row[0]: row[1:] for row in rows}
    assert names == [expected[task.id] for task in tasks]


def test_every_level_is_one_request(emulator: Emulator, session: Session) -> None:
    tasks = session.select(Task).all()
    emulator.call_log.clear()
    session.load(
        tasks, Task.assignments.each.resource, Task.status.state, Task.parent.parent
    )
    assert len(emulator.call_log.calls) <= 2
    for task in tasks:
        assert task.status.state.name
        for appointment in task.assignments:
            assert appointment.resource is not None
    assert len(emulator.call_log.calls) <= 2


def test_what_is_loaded_is_not_asked_for_again(
    emulator: Emulator, session: Session
) -> None:
    tasks = session.select(Task).load(Task.status, Task.metadata).all()
    emulator.call_log.clear()
    session.load(tasks, Task.status, Task.metadata, Task.name)
    assert len(emulator.call_log.calls) == 0
    session.load([], Task.assignments)
    assert len(emulator.call_log.calls) == 0


def test_local_edits_stay(session: Session) -> None:
    shots = session.select(Shot).all()
    shots[0].metadata["camera"] = "A"
    session.load(shots, Shot.metadata, Shot.children, Shot.custom_attributes)
    assert shots[0].metadata["camera"] == "A"
    assert session.plan()


def test_a_strict_session_reads_what_load_has_loaded(emulator: Emulator) -> None:
    with Session(
        transport=emulator.transport(), check_schema="ignore", load="strict"
    ) as session:
        shots = session.select(Shot).limit(3).all()
        with pytest.raises(NotLoadedError):
            _ = shots[0].children
        session.load(shots, Shot.children, Shot.metadata)
        assert [len(shot.children) > 0 for shot in shots] == [True] * 3


def test_entities_in_memory_load_together_when_a_query_returns_only_their_keys(
    emulator: Emulator, session: Session
) -> None:
    for key, _ in session.select(Status).values(Status.id, Status.name):
        session.get(Status, key)
    emulator.call_log.clear()

    statuses = session.select(Status).only(Status.id).all()
    counts = [len(status.tasks) for status in statuses]

    assert sum(counts) > 0
    assert len(emulator.call_log.calls) == 2
