"""The number of entities that a plan walks through needs no memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ftrack_models import Project, Status, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Planner, make_plan
from ftrack_orm.migrations.selection import freeze_selection
from tests.support.incomplete import incomplete
from tests.support.planning import session_on

TASKS = 20_000
PAGE = 500


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    emulator = Emulator(seed="demo")
    with session_on(emulator) as session:
        project = session.select(Project).where(Project.name == "bunny").one()
        template = session.select(Task).first()
        assert template is not None
        values = {
            "object_type_id": template.object_type_id,
            "project_id": project.id,
            "parent_id": project.id,
            "context_type": "task",
            "type_id": template.type_id,
            "status_id": template.status_id,
            "priority_id": template.priority_id,
        }
    emulator.load(
        {
            "__entity_type__": "Task",
            "id": f"00000000-0000-4000-8000-{number:012}",
            "name": f"t{number}",
            "description": "",
            "bid": 0.0,
            **values,
        }
        for number in range(TASKS)
    )
    yield emulator
    emulator.close()


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    emulator.call_log.clear()
    with session_on(emulator) as session:
        yield session


def live_tasks() -> int:
    gc.collect()
    return sum(type(thing) is Task for thing in gc.get_objects())


@pytest.mark.slow
def test_no_more_than_two_pages_are_in_memory(
    session: Session, emulator: Emulator
) -> None:
    most_in_memory = most_alive = count = 0

    def up(plan: Planner) -> None:
        nonlocal most_in_memory, most_alive, count
        tasks = plan.select(Task).where(Task.name.like("t%"))
        core = plan.session._core
        status = plan.find(Status, Status.name == "Revise")
        for task in plan.each(tasks, page=PAGE):
            task.description = "x"
            task.status = status
            count += 1
            if count % 4_000 == 0:
                most_alive = max(most_alive, live_tasks())
                most_in_memory = max(most_in_memory, len(core.identity_map))
                assert len(core.work) <= PAGE
                assert sum(map(len, core.relations._moves.values())) <= PAGE

    plan = make_plan(session, up)

    assert count >= TASKS
    assert plan.unit_count == count
    assert most_in_memory <= 2 * PAGE
    assert most_alive <= 2 * PAGE
    # Keys by the page, rows by the page, and the facts of the plan with their names.
    assert len(emulator.call_log) <= 5 + TASKS // PAGE + 5


@pytest.mark.slow
def test_values_stream_as_well(session: Session) -> None:
    most = 0

    def up(plan: Planner) -> None:
        nonlocal most
        for index, task in enumerate(plan.each(plan.select(Task).limit(6 * PAGE))):
            with plan.unit():
                task.metadata["a"] = "b"
                plan.add(
                    incomplete(
                        Task, name=f"copy of {task.id}", parent_id=task.parent_id or ""
                    )
                )
            if index % PAGE == PAGE - 1:
                most = max(most, live_tasks())

    plan = make_plan(session, up)

    assert plan.unit_count == 6 * PAGE
    assert most <= 4 * PAGE


def test_rows_that_are_deleted_while_keys_are_read_hide_none(
    emulator: Emulator, session: Session
) -> None:
    select = session.select(Task).where(Task.name.like("t19%"))
    expected = {(task.id,) for task in select.only(Task.id).all()}
    core = session._core
    fetch = core.fetch
    deleted: list[tuple[str]] = []

    def fetch_and_delete(expressions: list[str]) -> object:
        pages = fetch(expressions)
        if len(deleted) < 40:
            keys = sorted(expected - set(deleted))[:10]
            with session_on(emulator) as other:
                for (key,) in keys:
                    other.delete(Task, key)
            deleted.extend(keys)
        return pages

    core.fetch = fetch_and_delete  # type: ignore[method-assign,assignment] # a slow server
    selection = freeze_selection(core, select, Task.__ftrack__, page=50)

    found = {key for page in selection.pages(1_000) for key in page}
    selection.close()
    assert expected - set(deleted) <= found
    assert len(deleted) == 40
