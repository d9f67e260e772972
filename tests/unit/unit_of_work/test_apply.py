"""The entities after a commit, a rollback, and after they left their session."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Task, registry
from ftrack_orm import Entity, EntityState
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.session.row_loader import RowLoader
from ftrack_orm.unit_of_work.apply import (
    Applier,
    SentEntity,
    detach,
    roll_back,
    sent_entities,
)
from ftrack_orm.unit_of_work.changes import DeleteChange, collect_changes
from ftrack_orm.unit_of_work.identity_map import IdentityMap
from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork
from tests.support.fake_executor import NeverLoading
from tests.support.incomplete import incomplete


class Memory(NeverLoading):
    """The entities of a session that cannot load, and its tracked changes."""

    def __init__(self) -> None:
        super().__init__()
        self.work = UnitOfWork()
        self.map = IdentityMap(lambda name: registry.resolve(name).__ftrack__)
        self.applier = Applier(self.work, self.map, self)

    def touch(self, entity: Entity) -> None:
        self.work.track(entity)

    def stored(self, key: str, **values: Any) -> Task:
        """Return a task as if a server had sent it."""
        loader = RowLoader(self, self.map, self.relations, registry.resolve)
        row = {"__entity_type__": "Task", "id": key, **values}
        task = loader.build([row], LoadGroup())[0]
        assert isinstance(task, Task)
        return task

    def added(self, name: str) -> Task:
        task = incomplete(Task, name=name)
        state = task.__ftrack_state__
        state.state, state.owner = EntityState.PENDING, self
        self.map.add(task)
        self.work.track(task)
        return task

    def removed(self, task: Task) -> Task:
        self.work.track(task)
        task.__ftrack_state__.state = EntityState.DELETED
        return task

    def send(self) -> list[SentEntity]:
        """Return the entities of a batch with all changes so far."""
        entities = list(self.work)
        states = [entity.__ftrack_state__.state for entity in entities]
        return sent_entities(entities, states, collect_changes(entities))

    def changes(self) -> list[dict[str, Any]]:
        """Return the values of the changes that are left."""
        return [
            {} if isinstance(change, DeleteChange) else dict(change.values)
            for change in collect_changes(self.work)
        ]


@pytest.fixture
def memory() -> Memory:
    return Memory()


def metadata(**values: str) -> list[dict[str, Any]]:
    return [
        {"__entity_type__": "Metadata", "parent_id": "t1", "key": key, "value": value}
        for key, value in values.items()
    ]


def state_of(entity: Entity) -> EntityState:
    return entity.__ftrack_state__.state


def test_sent_values_are_those_of_the_batch(memory: Memory) -> None:
    task = memory.stored("t1", name="anim", bid=1.0, metadata=metadata(a="1", b="2"))
    task.bid = 2.0
    task.metadata["a"] = "10"
    removed = memory.removed(memory.stored("t2", name="comp"))

    first, second = memory.send()
    task.bid = 3.0

    assert (first.entity, first.state) == (task, EntityState.PERSISTENT)
    assert first.values == {"bid": 2.0}
    assert first.rows == {"metadata": {"a": "10"}}
    assert second == SentEntity(removed, EntityState.DELETED)


@pytest.mark.parametrize("is_current", [True, False])
def test_an_applied_commit_leaves_no_changes(memory: Memory, is_current: bool) -> None:
    edited = memory.stored("t1", name="anim", bid=1.0, metadata=metadata(a="1"))
    edited.bid = 2.0
    edited.metadata["a"] = "2"
    new = memory.added("fx")
    removed = memory.removed(memory.stored("t2", name="comp"))

    records = memory.send()
    if is_current:
        deleted = memory.applier.apply_now(
            [record.entity for record in records],
            [record.state for record in records],
            [],
        )
    else:
        deleted = memory.applier.apply(records, [])

    assert deleted == [removed]
    assert list(memory.work) == []
    assert [state_of(entity) for entity in (edited, new, removed)] == [
        EntityState.PERSISTENT,
        EntityState.PERSISTENT,
        EntityState.DETACHED,
    ]
    assert new in memory.map
    assert removed not in memory.map
    assert removed.name == "comp"
    # The sent values are the committed ones: a rollback does not undo them.
    edited.bid, edited.metadata["a"] = 9.0, "9"
    roll_back(memory.work, memory.map)
    assert (edited.bid, edited.metadata["a"]) == (2.0, "2")


def test_edits_after_the_batch_was_sent_stay(memory: Memory) -> None:
    edited = memory.stored("t1", name="anim", bid=1.0, metadata=metadata(a="1"))
    edited.bid = 2.0
    edited.metadata["a"] = "2"
    new = memory.added("fx")
    records = memory.send()
    edited.bid, edited.metadata["a"], new.name = 3.0, "3", "fx2"

    memory.applier.apply(records, [])

    assert memory.changes() == [{"bid": 3.0}, {"value": "3"}, {"name": "fx2"}]
    roll_back(memory.work, memory.map)
    assert (edited.bid, edited.metadata["a"], new.name) == (2.0, "2", "fx")


def test_a_commit_may_be_applied_again(memory: Memory) -> None:
    edited = memory.stored("t1", name="anim", bid=1.0)
    edited.bid = 2.0
    new = memory.added("fx")
    removed = memory.removed(memory.stored("t2", name="comp"))
    records = memory.send()

    assert memory.applier.apply(records, []) == [removed]
    edited.bid = 3.0
    memory.removed(new)
    assert memory.applier.apply(records, []) == []

    assert memory.changes() == [{"bid": 3.0}, {}]
    assert state_of(new) is EntityState.DELETED
    assert state_of(removed) is EntityState.DETACHED


def test_a_new_entity_that_left_after_sending_is_deleted_by_the_next_commit(
    memory: Memory,
) -> None:
    new = memory.added("fx")
    records = memory.send()
    detach(new, memory.work, memory.map)
    assert state_of(new) is EntityState.TRANSIENT

    memory.applier.apply(records, [])

    assert list(memory.work) == [new]
    assert state_of(new) is EntityState.DELETED


def test_a_detached_entity_keeps_its_values_and_leaves_the_session(
    memory: Memory,
) -> None:
    task = memory.stored("t1", name="anim")
    task.name = "comp"

    detach(task, memory.work, memory.map)

    assert state_of(task) is EntityState.DETACHED
    assert task.name == "comp"
    assert (list(memory.work), len(memory.map)) == ([], 0)


def test_a_rollback_restores_what_the_server_has(memory: Memory) -> None:
    edited = memory.stored("t1", name="anim", metadata=metadata(a="1"))
    edited.name = "comp"
    del edited.metadata["a"]
    new = memory.added("fx")
    removed = memory.removed(memory.stored("t2", name="light"))

    roll_back(memory.work, memory.map)

    assert (edited.name, dict(edited.metadata)) == ("anim", {"a": "1"})
    assert (state_of(new), new.name) == (EntityState.TRANSIENT, "fx")
    assert new not in memory.map
    assert state_of(removed) is EntityState.PERSISTENT
    assert list(memory.work) == []


def test_a_rollback_of_some_entities_leaves_the_others(memory: Memory) -> None:
    one, two = memory.stored("t1", name="a"), memory.stored("t2", name="b")
    one.name = two.name = "c"

    roll_back(memory.work, memory.map, [one])

    assert (one.name, two.name) == ("a", "c")
    assert list(memory.work) == [two]
