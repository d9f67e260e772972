"""The state that the clean entities of a result share."""

from __future__ import annotations

import gc
import weakref

from ftrack_models import Status, Task
from ftrack_orm import EntityState
from ftrack_orm.entity.state import DETACHED, NEW, InstanceState, LoadGroup
from ftrack_orm.types import NOT_LOADED
from tests.support.fake_executor import FakeExecutor, NeverLoading, tasks


def test_a_state_of_one_entity_is_its_unshared_state() -> None:
    state = InstanceState(EntityState.PENDING, NeverLoading(), LoadGroup())

    assert state.unshared() is state


def test_a_copy_of_a_shared_state_is_clean_and_of_the_same_session() -> None:
    owner, group = NeverLoading(), LoadGroup()
    tables = {"Status": {"s1": Status(name="Approved", is_active=True)}}
    shared = InstanceState(
        EntityState.PERSISTENT, owner, group, tables=tables, shared=True
    )

    state = shared.unshared()

    assert state is not shared
    assert not state.shared
    assert state.state is EntityState.PERSISTENT
    assert (state.owner, state.group, state.tables) == (owner, group, tables)
    assert state.committed is None
    assert not state.has_relation_changes


def test_the_first_change_gives_an_entity_a_state_that_others_do_not_share() -> None:
    group = LoadGroup()
    first, second, third = FakeExecutor().build_entities(tasks(3), group, Task)
    assert first.__ftrack_state__ is second.__ftrack_state__ is group.state

    first.name = "edited"
    first.description = "edited"

    assert first.__ftrack_state__.committed == {
        "name": "t0",
        "description": NOT_LOADED,
    }
    assert first.__ftrack_state__.group is group
    assert second.__ftrack_state__ is third.__ftrack_state__ is group.state
    assert second.__ftrack_state__.committed is None


def test_a_group_has_its_entities_by_key_and_lets_them_go() -> None:
    group = LoadGroup()
    executor = FakeExecutor()
    entities = executor.build_entities(tasks(2), group, Task)
    references = [weakref.ref(entity) for entity in entities]

    # The shared state has the tables of the session, as long as there is one.
    group.state = None
    del entities, executor
    gc.collect()

    assert [reference() for reference in references] == [None, None]
    assert group.members == {Task: ["id0", "id1"]}


def test_an_edit_of_a_copy_does_not_change_the_state_of_other_copies() -> None:
    first, second = FakeExecutor().build_entities(tasks(2), LoadGroup(), Task)
    copied, other = first.model_copy(), second.model_copy()
    assert copied.__ftrack_state__ is other.__ftrack_state__ is DETACHED

    copied.name = "edited"

    assert DETACHED.committed is None
    assert other.__ftrack_state__ is DETACHED
    assert copied.entity_state is EntityState.DETACHED


def test_a_server_lacks_transient_and_pending_entities_only() -> None:
    assert set(NEW) == {EntityState.TRANSIENT, EntityState.PENDING}
    assert EntityState("persistent") not in NEW
