"""The pending changes of entities as frozen records."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ftrack_models import Shot, Task
from ftrack_orm import DetachedEntityError, Entity, EntityState
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import (
    CreateChange,
    DeleteChange,
    FrozenMapping,
    UpdateChange,
    collect_changes,
    freeze,
)
from tests.support.fake_executor import FakeExecutor, persistent
from tests.support.incomplete import incomplete

T1, S1 = Reference("Task", ("t1",)), Reference("Shot", ("s1",))


def in_state(state: EntityState, entity: Entity) -> Entity:
    entity.__ftrack_state__.state = state
    return entity


def with_metadata(**metadata: str) -> Task:
    """Return a task whose metadata a server has sent."""
    executor = FakeExecutor()
    rows = [
        {"__entity_type__": "Metadata", "parent_id": "t1", "key": key, "value": value}
        for key, value in metadata.items()
    ]
    row = {"__entity_type__": "Task", "id": "t1", "name": "anim", "metadata": rows}
    (task,) = executor.build_entities([row], executor.new_group(), Task)
    return task


def test_each_state_has_its_change_in_the_order_of_the_entities() -> None:
    removed = in_state(EntityState.DELETED, persistent(Shot, id="s1", name="sh010"))
    edited = persistent(Task, id="t1", name="anim", bid=1.0)
    edited.bid = 2.0
    new = in_state(EntityState.PENDING, incomplete(Task, name="comp", parent_id="s1"))
    clean = persistent(Task, id="t3", name="fx")

    assert collect_changes([removed, edited, clean, new]) == [
        DeleteChange(S1, "sh010"),
        UpdateChange(T1, "anim", {"bid": 2.0}, {"bid": 1.0}),
        CreateChange(
            new.reference,
            "comp",
            {"id": new.reference.key[0], "name": "comp", "parent_id": "s1"},
        ),
    ]


def test_a_value_that_was_restored_is_no_change() -> None:
    task = persistent(Task, id="t1", name="anim", bid=1.0)
    task.bid, task.name = 2.0, "comp"
    task.bid = 1.0

    (change,) = collect_changes([task])
    assert change == UpdateChange(T1, "comp", {"name": "comp"}, {"name": "anim"})

    task.name = "anim"
    assert collect_changes([task]) == []


def test_a_value_that_was_not_loaded_is_replaced_unread() -> None:
    task = persistent(Task, id="t1")
    task.bid = 2.0

    (change,) = collect_changes([task])

    assert change == UpdateChange(T1, "", {"bid": 2.0}, {"bid": NOT_LOADED})


def test_links_are_sent_as_foreign_keys() -> None:
    shot = persistent(Shot, id="s1", name="sh010")
    task = persistent(Task, id="t1", name="anim", parent_id="s0")
    task.__ftrack_state__.owner = shot.__ftrack_state__.owner  # one session
    task.parent = shot
    new = in_state(EntityState.PENDING, Task(name="comp", parent=shot))

    update, create = collect_changes([task, new])

    assert update == UpdateChange(T1, "anim", {"parent_id": "s1"}, {"parent_id": "s0"})
    assert isinstance(create, CreateChange)
    assert create.values["parent_id"] == "s1"
    assert "parent" not in create.values


def test_a_link_to_an_entity_that_was_not_added_is_an_error() -> None:
    new = in_state(
        EntityState.PENDING, Task(name="anim", parent=incomplete(Shot, name="sh010"))
    )

    with pytest.raises(DetachedEntityError, match="parent"):
        collect_changes([new])


def test_edits_of_metadata_are_changes_of_their_rows() -> None:
    # Protocol 3.5: the key of a row is that of its parent and its own.
    task = with_metadata(a="1", b="2", c="3")
    task.metadata["b"] = "20"
    task.metadata["d"] = "4"
    del task.metadata["a"]

    assert collect_changes([task]) == [
        DeleteChange(Reference("Metadata", ("t1", "a")), "a"),
        UpdateChange(
            Reference("Metadata", ("t1", "b")), "b", {"value": "20"}, {"value": "2"}
        ),
        CreateChange(
            Reference("Metadata", ("t1", "d")),
            "d",
            {"parent_id": "t1", "parent_type": "Task", "key": "d", "value": "4"},
        ),
    ]


def test_a_change_keeps_the_values_of_its_collection() -> None:
    values: dict[str, Any] = {"list": [1, [2]], "mapping": {"a": [3]}, "text": "x"}

    frozen = freeze(values)
    values["list"].append(4)
    values["mapping"]["a"] = None

    expected = {"list": (1, (2,)), "mapping": FrozenMapping({"a": (3,)}), "text": "x"}
    assert frozen == FrozenMapping(expected)
    with pytest.raises(TypeError):
        frozen["list"] = ()
    assert copy.deepcopy(frozen) == frozen
