"""Entities that leave memory because the server deletes them with others."""

from __future__ import annotations

from typing import Any

from ftrack_models import Task
from ftrack_orm import EntityState
from ftrack_orm.session.cascade import Cascade
from ftrack_orm.types import Reference
from tests.support.offline_memory import OfflineMemory, row


def cascade(memory: OfflineMemory) -> Cascade:
    return Cascade(memory.identity_map, memory.work, memory.types)


def states(*entities: Any) -> list[EntityState]:
    return [entity.__ftrack_state__.state for entity in entities]


# Protocol 6.4: children, notes, assets and their versions are removed.
def test_a_whole_tree_is_detached_and_its_surroundings_stay() -> None:
    memory = OfflineMemory()
    shot, task, note, asset, version, sibling = memory.build(
        row("Shot", "x1", parent_id="p1"),
        row("Task", "t1", parent_id="x1"),
        row("Note", "n1", parent_id="t1"),
        row("Asset", "a1", context_id="x1"),
        row("AssetVersion", "v1", asset_id="a1"),
        row("Task", "t2", parent_id="x2"),
    )

    deleted = cascade(memory).detach([Reference("Shot", ("x1",))])

    gone = (shot, task, note, asset, version)
    assert states(*gone) == [EntityState.DETACHED] * 5
    assert states(sibling) == [EntityState.PERSISTENT]
    assert list(memory.identity_map) == [sibling]
    assert {key for keys in deleted.values() for key in keys} == {
        "x1",
        "t1",
        "n1",
        "a1",
        "v1",
    }


def test_the_dependents_of_an_entity_outside_memory_are_detached() -> None:
    memory = OfflineMemory()
    memory.build(row("Task", "t1", parent_id="x1"))

    cascade(memory).detach([Reference("Shot", ("x1",))])

    assert not list(memory.identity_map)


def test_a_reference_to_a_base_detaches_dependents_of_the_concrete_type() -> None:
    memory = OfflineMemory()
    project, owned = memory.build(
        row("Project", "p1"), row("List", "l1", project_id="p1")
    )

    cascade(memory).detach([Reference("Context", ("p1",))])

    assert states(project, owned) == [EntityState.DETACHED] * 2


def test_the_server_decides_by_its_values_and_not_by_uncommitted_moves() -> None:
    memory = OfflineMemory()
    moved_away, moved_here = memory.build(
        row("Task", "t1", parent_id="x1"), row("Task", "t2", parent_id="x2")
    )
    moved_away.parent_id = "x2"
    moved_here.parent_id = "x1"

    cascade(memory).detach([Reference("Shot", ("x1",))])

    assert states(moved_away, moved_here) == [
        EntityState.DETACHED,
        EntityState.PERSISTENT,
    ]


def test_links_to_a_deleted_entity_are_unloaded() -> None:
    memory = OfflineMemory()
    first, second = memory.build(
        row("Task", "t1", status_id="s1"), row("Task", "t2", status_id="s2")
    )

    cascade(memory).detach([Reference("Status", ("s1",))])

    assert states(first) == [EntityState.PERSISTENT]
    assert "status_id" not in vars(first)
    assert second.status_id == "s2"


def test_collecting_keys_changes_nothing() -> None:
    memory = OfflineMemory()
    shot, task = memory.build(
        row("Shot", "x1", parent_id="p1"), row("Task", "t1", parent_id="x1")
    )
    subject = cascade(memory)

    keys = subject.collect_keys([Reference("Shot", ("x1",))])

    assert keys == {Task.__ftrack__.root: {"x1", "t1"}}
    assert {id(entity) for entity in subject.entities(keys)} == {id(shot), id(task)}
    assert states(shot, task) == [EntityState.PERSISTENT] * 2


def test_a_reference_of_an_unknown_type_is_ignored() -> None:
    memory = OfflineMemory()
    memory.build(row("Task", "t1"))

    assert cascade(memory).detach([Reference("Episode of a studio", ("t1",))]) == {}
    assert len(memory.identity_map) == 1
