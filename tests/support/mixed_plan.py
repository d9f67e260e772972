"""A plan with every kind of operation, for the demo production."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from ftrack_orm import Session
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.planned_change import Missing, PlannedChange
from tests.support.migration_plans import (
    FSTART,
    create,
    delete,
    metadata,
    update,
)

Group = list[PlannedChange]


def new_id(name: str) -> str:
    """Return an id that is the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def mixed_changes(session: Session, shots: int = 8) -> list[Group]:
    """Return units with creates, updates, deletes, values, metadata and memberships.

    The units of a shot: its tasks are renamed and change their status twice, a value
    and a metadata row are set, an assignment is deleted, and a new task with a value, a
    metadata row and an assignment is created.
    """
    client = RunClient(session)
    names = "select id, name, project_id, status_id from Shot order by id"
    rows = client.rows(names)[:shots]
    values = {
        row["entity_id"]: row["value"]
        for row in client.rows("select value from CustomAttributeValue")
        if row["configuration_id"] == FSTART
    }
    users = client.rows("select id from User order by id")
    statuses = [row["id"] for row in client.rows("select id from Status order by sort")]
    groups: list[Group] = []
    for number, shot in enumerate(rows):
        tasks = [
            row
            for row in client.rows(
                "select id, name, status_id, parent_id from Task order by id"
            )
            if row["parent_id"] == shot["id"]
        ]
        groups += task_groups(tasks, statuses)
        groups.append(_value_and_metadata(shot, values.get(shot["id"])))
        groups.append(_new_task(shot, users[number % len(users)]["id"]))
    groups += _assignments(client, {group[0].key[0] for group in groups})
    return groups


def task_groups(tasks: list[dict[str, Any]], statuses: list[str]) -> Iterator[Group]:
    """Yield the renames of tasks, and two changes of each one's status."""
    for task in tasks:
        former = task["status_id"]
        other = next(status for status in statuses if status != former)
        yield [
            update("Task", task["id"], "name", task["name"], f"{task['name']} 2"),
            update("Task", task["id"], "status_id", former, other),
        ]
        yield [update("Task", task["id"], "status_id", other, former)]


def _value_and_metadata(shot: dict[str, Any], value: Any) -> Group:
    key = FSTART, shot["id"]
    value_type = "ContextCustomAttributeValue"
    if value is None:
        change = update(value_type, key, "value", Missing.UNSET, 4.0)
    else:
        change = PlannedChange(
            "delete", value_type, key, None, {"value": value}, Missing.UNSET
        )
    return [change, metadata("Shot", shot["id"], "moved", "yes")]


def _new_task(shot: dict[str, Any], user: str) -> Group:
    task = new_id(f"task of {shot['id']}")
    assignment = new_id(f"assignment of {shot['id']}")
    return [
        create(
            "Task",
            (task,),
            name="new task",
            parent_id=shot["id"],
            project_id=shot["project_id"],
        ),
        metadata("Task", task, "origin", "plan"),
        create(
            "Appointment",
            (assignment,),
            context_id=task,
            resource_id=user,
            type="assignment",
        ),
    ]


def _assignments(client: RunClient, contexts: set[Any]) -> Iterator[Group]:
    query = "select id, context_id, resource_id, type from Appointment order by id"
    rows = [row for row in client.rows(query) if row["context_id"] in contexts]
    for row in rows[:6]:
        values = {name: row[name] for name in ("context_id", "resource_id", "type")}
        yield [delete("Appointment", (row["id"],), **values)]
