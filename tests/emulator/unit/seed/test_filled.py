"""An empty emulator, filled with the standard configuration through the API alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import pytest

from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.emulator.wire import TYPE_KEY
from tests.support.emulator_client import TASK, Client, Refused, create
from tests.support.schemas import recorded

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, ...]

MOMENT: Final = "2024-05-06T07:08:09"
MILESTONE: Final = "01decdd1-51cb-11e3-9d5b-20c9d0831e59"


@pytest.fixture(scope="module")
def standard() -> list[Row]:
    """All rows of the standard configuration."""
    with Emulator(schema=recorded(), clock=FixedClock(MOMENT)) as emulator:
        return emulator.dump()


@pytest.fixture
def client() -> Iterator[Client]:
    with Emulator(
        schema=recorded(), seed="empty", clock=FixedClock(MOMENT), log_events=False
    ) as emulator:
        yield Client(emulator)


def key_of(row: Row) -> Key:
    names = recorded()[row[TYPE_KEY]].primary_key
    return (row[TYPE_KEY], *(str(row[name]) for name in names))


def missing(client: Client, rows: list[Row]) -> list[Row]:
    present = {key_of(row) for row in client.emulator.dump()}
    return [row for row in rows if key_of(row) not in present]


def as_create(row: Row) -> Row:
    data = {name: value for name, value in row.items() if value is not None}
    del data[TYPE_KEY]
    return create(row[TYPE_KEY], **data)


def fill(client: Client, rows: list[Row]) -> tuple[list[Row], dict[Key, str]]:
    """Create rows one by one, those that are refused again after the others.

    Returns the rows in the order of their creation, and the errors of the rest.
    """
    created: list[Row] = []
    waiting = rows
    while True:
        errors: dict[Key, str] = {}
        for row in waiting:
            try:
                client.call(as_create(row))
            except Refused as error:
                errors[key_of(row)] = str(error)
            else:
                created.append(row)
        if len(errors) == len(waiting):
            return created, errors
        waiting = [row for row in waiting if key_of(row) in errors]


def test_it_becomes_the_standard_one_row_by_row(
    client: Client, standard: list[Row]
) -> None:
    rows = missing(client, standard)
    _, errors = fill(client, rows)
    assert client.emulator.dump() == standard
    # A new project schema has tasks and milestones already (protocol D).
    schemas = [row["id"] for row in standard if row[TYPE_KEY] == "ProjectSchema"]
    assert errors.keys() == {
        ("ProjectSchemaObjectType", object_type, schema)
        for object_type in (TASK, MILESTONE)
        for schema in schemas
    }
    assert all("DuplicateEntryError" in text for text in errors.values())


def test_it_becomes_the_standard_one_in_one_request(
    client: Client, standard: list[Row]
) -> None:
    empty = client.emulator.snapshot()
    rows = missing(client, standard)
    created, errors = fill(client, rows)
    client.emulator.restore(empty)
    later = [row for row in rows if key_of(row) in errors]
    client.call(*map(as_create, created + later))
    assert client.emulator.dump() == standard


def test_what_was_filled_is_used_like_the_standard_one(
    client: Client, standard: list[Row]
) -> None:
    fill(client, missing(client, standard))
    [schema] = client.query('ProjectSchema where name is "VFX"')
    client.create(
        "Project", id="p", name="p", full_name="P", project_schema_id=schema["id"]
    )
    client.create("Shot", id="s", name="s", parent_id="p")
    task = client.create("Task", id="t", name="t", parent_id="s")
    # The first status of a workflow is the one that was linked first.
    [row] = client.query(
        'select task_workflow_schema.statuses from ProjectSchema where name is "VFX"'
    )
    statuses = row["task_workflow_schema"]["statuses"]
    assert task["status_id"] == statuses[0]["id"]
    [row] = client.query("select custom_attributes.key from Shot where id is s")
    assert {each["key"] for each in row["custom_attributes"]} >= {"fstart", "fend"}
