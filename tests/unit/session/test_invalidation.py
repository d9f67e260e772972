"""Values that are unloaded because a batch of unknown outcome may have changed them."""

from __future__ import annotations

from typing import Any

from ftrack_orm import EntityState
from ftrack_orm.entity.tracking import server_value
from ftrack_orm.operations import Create, Delete, Update
from ftrack_orm.session.cascade import Cascade
from ftrack_orm.session.in_doubt import Batch
from ftrack_orm.session.invalidation import Invalidation, unload_collections
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.apply import SentEntity
from tests.support.offline_memory import OfflineMemory, row

UPDATE = Update("Task", ("t1",), {"name": "mine"})


def invalidation(memory: OfflineMemory) -> Invalidation:
    return Invalidation(
        memory.identity_map,
        memory.relations,
        Cascade(memory.identity_map, memory.work, memory.types),
    )


def shot_with_task(memory: OfflineMemory) -> tuple[Any, Any]:
    """Return a shot with one loaded child, and the child."""
    [shot] = memory.build(
        row(
            "Shot",
            "x1",
            name="opening",
            children=[row("Task", "t1", parent_id="x1", name="dust")],
        )
    )
    return shot, shot.children[0]


def test_only_the_values_that_were_sent_are_unloaded() -> None:
    memory = OfflineMemory()
    [task] = memory.build(row("Task", "t1", name="dust", description="old"))

    sent = SentEntity(task, EntityState.PERSISTENT, {"name": "mine"})
    invalidation(memory).entities([sent], Batch([UPDATE]))

    assert "name" not in vars(task)
    assert (task.id, task.description) == ("t1", "old")


def test_a_batch_with_deletes_unloads_all_values_but_the_key() -> None:
    memory = OfflineMemory()
    [task] = memory.build(row("Task", "t1", name="dust", description="old"))

    sent = SentEntity(task, EntityState.PERSISTENT, {"name": "mine"})
    batch = Batch([UPDATE, Delete("Shot", ("x1",))])
    invalidation(memory).entities([sent], batch)

    assert not {"name", "description"} & vars(task).keys()
    assert task.id == "t1"


def test_a_later_edit_stays_while_its_committed_value_is_unloaded() -> None:
    memory = OfflineMemory()
    [task] = memory.build(row("Task", "t1", name="dust"))
    task.name = "edited since"

    sent = SentEntity(task, EntityState.PERSISTENT, {"name": "mine"})
    invalidation(memory).entities([sent], Batch([UPDATE]))

    assert task.name == "edited since"
    assert server_value(task, "name") is NOT_LOADED


def test_a_delete_unloads_the_entity_its_dependents_and_the_links_to_it() -> None:
    memory = OfflineMemory()
    shot, task = shot_with_task(memory)
    [version] = memory.build(row("AssetVersion", "v1", task_id="t1", comment="wip"))

    invalidation(memory).deletes(Batch([Delete("Shot", ("x1",)), UPDATE]))

    # All stay in memory: whether they are deleted is not known.
    assert list(memory.identity_map) == [shot, task, version]
    assert "name" not in vars(shot)
    assert not {"name", "parent_id"} & vars(task).keys()
    assert "task_id" not in vars(version)
    assert version.comment == "wip"


def test_an_immediate_update_unloads_its_entity_and_no_other() -> None:
    memory = OfflineMemory()
    first, second = memory.build(
        row("Task", "t1", name="dust"), row("Task", "t2", name="smoke")
    )

    invalidation(memory).operations(Batch([UPDATE, Delete("Task", ("t2",))]))

    assert "name" not in vars(first)
    assert second.name == "smoke"


def test_an_immediate_create_unloads_the_collection_that_it_may_have_grown() -> None:
    for data in ({"parent_id": "x1"}, {"parent": Reference("Shot", ("x1",))}):
        memory = OfflineMemory()
        shot, _ = shot_with_task(memory)

        create = Create("Task", {"id": "t9", **data}, ("t9",))
        invalidation(memory).operations(Batch([create]))

        assert not shot.__dict__["children"].is_loaded


def test_every_collection_is_unloaded_after_an_interruption() -> None:
    memory = OfflineMemory()
    shot, task = shot_with_task(memory)
    collection = vars(shot)["children"]
    assert collection.is_loaded

    unload_collections(memory.identity_map)

    assert not collection.is_loaded
    assert task.name == "dust"
