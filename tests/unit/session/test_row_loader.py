"""Entities from the rows of responses, new or merged into those in memory."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_models import Metadata, Shot, Status, Task
from ftrack_orm import ResponseFormatError
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.entity.tracking import server_value
from ftrack_orm.types import Reference
from tests.support.offline_memory import OfflineMemory, row


def test_a_row_becomes_an_entity_of_its_concrete_type() -> None:
    memory = OfflineMemory()

    # Protocol 3.1 and 3.7: times are wrapped and in UTC, unknown attributes ignored.
    [task] = memory.build(
        row(
            "Task",
            "t1",
            name="dust",
            start_date={"__type__": "datetime", "value": "2022-10-10T10:12:09"},
            not_in_the_schema=1,
        )
    )

    assert type(task) is Task
    assert task.name == "dust"
    assert task.start_date == datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)
    assert "not_in_the_schema" not in vars(task)
    assert memory.identity_map.get(Reference("Task", ("t1",))) is task


def test_an_entity_in_memory_stays_one_object_and_keeps_values_a_row_lacks() -> None:
    memory = OfflineMemory()
    [task] = memory.build(row("Task", "t1", name="dust", description="old"))

    [again] = memory.build(row("Task", "t1", description="new"))

    assert again is task
    assert (task.name, task.description) == ("dust", "new")


def test_a_local_edit_wins_over_a_row_which_replaces_the_committed_value() -> None:
    memory = OfflineMemory()
    [task] = memory.build(row("Task", "t1", name="dust"))
    task.name = "mine"

    memory.build(row("Task", "t1", name="theirs"))

    assert task.name == "mine"
    assert server_value(task, "name") == "theirs"


def test_a_bare_reference_leads_to_the_entity_sent_in_full_before() -> None:
    memory = OfflineMemory()

    # Protocol 3.6.
    first, second = memory.build(
        row("Task", "t1", status=row("Status", "s1", name="Ready")),
        row("Task", "t2", status=row("Status", "s1")),
    )

    assert first.status is second.status
    assert second.status.name == "Ready"
    assert first.status_id == "s1"


def test_the_entities_of_a_result_join_its_load_group() -> None:
    memory, group = OfflineMemory(), LoadGroup()
    memory.build(row("Task", "t1", name="dust"), row("Shot", "x1"))

    memory.build(
        row("Shot", "x2"),
        row("Task", "t1", name="dust"),
        row("Task", "t2"),
        group=group,
    )

    assert group.members == {Shot: ["x2"], Task: ["t1", "t2"]}


def test_a_row_with_only_a_key_joins_the_load_group_too() -> None:
    memory, group = OfflineMemory(), LoadGroup()
    rows = [
        row("Status", "s1"),
        {"__entity_type__": "Metadata", "parent_id": "t1", "key": "source"},
    ]
    entities = memory.build(*deepcopy(rows))

    assert memory.build(*rows, group=group) == entities

    assert group.members == {Status: ["s1"], Metadata: [("t1", "source")]}


@pytest.mark.parametrize(
    "broken",
    [
        {"__entity_type__": "Task", "name": "no key"},
        {"__entity_type__": "Task", "id": None},
        {"id": "t2"},
        row("Task", "t2", start_date={"__type__": "datetime", "value": "soon"}),
        row("Task", "t2", status=["s1"]),
    ],
)
def test_a_malformed_row_leaves_no_new_entity(broken: dict[str, Any]) -> None:
    memory, group = OfflineMemory(), LoadGroup()
    [known] = memory.build(row("Task", "t0", name="dust"), group=group)
    [other] = memory.build(row("Task", "t9", name="smoke"))
    again = row("Task", "t9", name="smoke")

    with pytest.raises(ResponseFormatError):
        memory.build(row("Task", "t1"), again, broken, group=group)

    assert list(memory.identity_map) == [known, other]
    assert group.members == {Task: ["t0"]}


def test_results_that_repeat_the_values_in_memory_are_dropped() -> None:
    memory = OfflineMemory()
    memory.build(row("Task", "t1", name="dust"))

    rows = memory.loader.drop_echoes(
        [
            {"data": row("Task", "t1", name="dust")},
            {"data": row("Task", "t1", name="other")},
            {"data": row("Task", "t2")},
            {"data": True},
            {"action": "permissions"},
        ]
    )

    assert rows == [row("Task", "t1", name="other"), row("Task", "t2")]
