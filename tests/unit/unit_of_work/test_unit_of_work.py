"""The tracked entities, in the order of their first change."""

from __future__ import annotations

from ftrack_models import Task
from ftrack_orm import EntityState
from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete


def three() -> tuple[UnitOfWork, list[Task]]:
    tasks = [
        incomplete(Task, name="new"),
        persistent(Task, id="t1"),
        persistent(Task, id="t2"),
    ]
    work = UnitOfWork()
    for task in tasks:
        work.track(task)
    return work, tasks


def test_entities_keep_the_place_of_their_first_change() -> None:
    work, tasks = three()

    work.track(tasks[0])

    assert list(work) == tasks
    assert len(work) == 3


def test_the_latest_change_can_be_made_the_last() -> None:
    work, [first, second, third] = three()

    work.track_last(first)

    assert list(work) == [second, third, first]


def test_entities_are_told_apart_as_objects() -> None:
    work, [_, second, _] = three()
    twin = persistent(Task, id="t1")

    assert second in work
    assert twin not in work
    work.track(twin)

    assert len(work) == 4


def test_an_entity_is_forgotten_once_or_more() -> None:
    work, [first, second, third] = three()

    work.forget(second)
    work.forget(second)

    assert list(work) == [first, third]


def test_entities_are_found_by_their_state() -> None:
    work, [first, second, third] = three()

    assert work.in_state(EntityState.PERSISTENT) == [second, third]
    assert work.in_state(EntityState.TRANSIENT) == [first]
    assert work.in_state(EntityState.DELETED) == []


def test_forgetting_while_looking_is_harmless() -> None:
    work, _ = three()

    for task in work:
        work.forget(task)

    assert not list(work)


def test_clearing_forgets_everything() -> None:
    work, tasks = three()

    work.clear()

    assert len(work) == 0
    assert tasks[0] not in work
