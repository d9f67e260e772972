"""Entities in memory after a write."""

from __future__ import annotations

from typing import Any

from ftrack_models import Task
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.operations import Delete, Update
from ftrack_orm.session.memory import SessionMemory
from ftrack_orm.types import Reference
from tests.support.offline_memory import OfflineMemory, row


def session_memory(offline: OfflineMemory) -> SessionMemory:
    """Return the memory of a session that needs no server for these writes."""
    client: Any = None
    return SessionMemory(
        offline.loader,
        offline.identity_map,
        offline.work,
        client,
        offline.types,
        lambda: False,
    )


def test_the_members_that_a_write_names_stay_in_their_load_group() -> None:
    offline, group = OfflineMemory(), LoadGroup()
    first, second = offline.build(
        row("Task", "t1", name="dust"), row("Task", "t2", name="smoke"), group=group
    )
    [shot] = offline.build(row("Shot", "x1", children=[]))
    members = [Reference("Task", (key,)) for key in ("t1", "t2", "t3", "t4")]

    session_memory(offline).apply_operation(
        Update("Shot", ("x1",), {"children": members})
    )

    third, fourth = list(shot.children)[2:]
    assert list(shot.children)[:2] == [first, second]
    assert group.members == {Task: ["t1", "t2"]}
    assert first.__ftrack_state__.group is group
    # The members that are new to memory load together.
    assert third.__ftrack_state__.group is fourth.__ftrack_state__.group


def test_an_immediate_update_stores_its_values_below_an_edit() -> None:
    offline = OfflineMemory()
    [task] = offline.build(row("Task", "t1", name="dust", description="old"))
    task.name = "mine"

    session_memory(offline).apply_operation(
        Update("Task", ("t1",), {"name": "sent", "description": "new"})
    )

    assert (task.name, task.description) == ("mine", "new")
    assert task.__ftrack_state__.committed == {"name": "sent"}


def test_an_immediate_delete_detaches_the_entity_and_its_children() -> None:
    offline = OfflineMemory()
    offline.build(row("Shot", "x1"), row("Task", "t1", parent_id="x1"))

    session_memory(offline).apply_operation(Delete("Shot", ("x1",)))

    assert not list(offline.identity_map)
