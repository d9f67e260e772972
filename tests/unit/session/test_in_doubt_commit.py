"""A sent batch and its entities, until its outcome is applied to memory."""

from __future__ import annotations

import pytest

from ftrack_models import Task
from ftrack_orm import ConnectionLostError, EntityState
from ftrack_orm.entity.tracking import set_state
from ftrack_orm.operations import AnyOperation, Delete, Query, Update
from ftrack_orm.session.in_doubt import Batch
from ftrack_orm.session.in_doubt_commit import InDoubtCommit
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.changes import collect_changes
from ftrack_orm.unit_of_work.plan import FlushPlan
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete


def set_entity_state(task: Task, state: EntityState) -> None:
    changed = task.__ftrack_state__.unshared()
    changed.state = state
    set_state(task, changed)


def sent() -> tuple[InDoubtCommit, Task, Task, Task]:
    """Return a sent commit with its created, updated and deleted task."""
    created = incomplete(Task, name="new")
    updated = persistent(Task, id="t1", name="dust")
    deleted = persistent(Task, id="t2", name="smoke")
    set_entity_state(created, EntityState.PENDING)
    set_entity_state(deleted, EntityState.DELETED)
    updated.name = "mine"
    tasks = (created, updated, deleted)
    plan = FlushPlan(changes=tuple(collect_changes(tasks)))
    commit = InDoubtCommit(
        Batch(plan.operations),
        plan,
        tasks,
        [task.__ftrack_state__.state for task in tasks],
    )
    return commit, *tasks


def test_the_entities_are_recorded_with_the_values_that_were_sent() -> None:
    commit, created, updated, deleted = sent()

    commit.record_sent_entities()
    updated.name = "edited since"

    records = commit.sent_entities
    assert [record.entity for record in records] == [created, updated, deleted]
    assert records[0].values["name"] == "new"
    assert [record.values for record in records[1:]] == [{"name": "mine"}, {}]


def test_an_entity_that_left_the_session_is_forgotten_with_its_state() -> None:
    commit, created, updated, deleted = sent()

    commit.forget(created)

    assert list(commit.entities) == [updated, deleted]
    assert list(commit.states) == [EntityState.PERSISTENT, EntityState.DELETED]
    assert not commit.has_creates


@pytest.mark.parametrize("state", [EntityState.TRANSIENT, EntityState.PENDING])
def test_a_create_is_found_and_whether_it_was_added_again(state: EntityState) -> None:
    commit, created, _, _ = sent()
    commit.record_sent_entities()

    set_entity_state(created, state)

    assert commit.has_creates
    assert commit.has_readded_entities is (state is EntityState.PENDING)


def test_a_removal_that_was_cancelled_since_is_found() -> None:
    commit, _, _, deleted = sent()
    assert commit.undeleted_entities == []

    set_entity_state(deleted, EntityState.PERSISTENT)

    assert commit.undeleted_entities == [deleted]


def test_immediate_operations_have_no_plan_and_no_entities() -> None:
    writes: list[AnyOperation] = [
        Query("Task"),
        Update("Task", ("t1",), {}),
        Delete("Task", ("t2",)),
    ]

    immediate = InDoubtCommit(Batch(writes))

    assert immediate.is_immediate
    assert immediate.sent_entities == []
    assert immediate.references == [
        Reference("Task", ("t1",)),
        Reference("Task", ("t2",)),
    ]
    assert not sent()[0].is_immediate


def test_an_interruption_is_not_the_error_of_an_exchange() -> None:
    lost = ConnectionLostError("https://studio.example", "closed")
    commit = InDoubtCommit(Batch([]))
    assert commit.transport_error is None

    commit.error = KeyboardInterrupt()
    assert commit.transport_error is None

    commit.error = lost
    assert commit.transport_error is lost
