"""The demo production through the API: it could have come in by it, and goes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.schema.model import EntitySchema
from tests.support.emulator_client import Client
from tests.support.schemas import recorded

Key: TypeAlias = tuple[str, tuple[Any, ...]]

ORDER: Final = (
    "Group",
    "User",
    "Membership",
    "TaskTemplate",
    "TaskTemplateItem",
    "Project",
    "UserSecurityRole",
    "UserSecurityRoleProject",
    "Manager",
    "Folder",
    "AssetBuild",
    "Sequence",
    "Shot",
    "Milestone",
    "Task",
    "Appointment",
    "TypedContextLink",
    "Asset",
    "AssetVersion",
    "AssetVersionLink",
    "SequenceComponent",
    "FileComponent",
    "ComponentLocation",
    "Metadata",
    "CustomAttributeValue",
    "Timelog",
    "Note",
    "NoteLabelLink",
    "Recipient",
    "AssetVersionList",
    "TypedContextList",
    "ListObject",
    "ReviewSessionFolder",
    "ReviewSession",
    "ReviewSessionInvitee",
    "ReviewSessionObject",
    "ReviewSessionObjectStatus",
    "CalendarEvent",
    "CalendarEventResource",
    "TypedContextStatusChange",
    "AssetVersionStatusChange",
)
"""Types in an order in which each comes after those it refers to."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Emulator]:
    """An emulator with the demo."""
    emulator = Emulator(seed="demo", schema=recorded())
    yield emulator
    emulator.close()


def stored(emulator: Emulator) -> dict[Key, dict[str, Any]]:
    """Return every row by type and key."""
    storage, found = emulator.storage, {}
    with storage.transaction() as connection:
        for root in storage.tables.families:
            for row in storage.find_where(connection, root):
                kind = storage.schema[row["__type__"]]
                found[kind.name, tuple(row[name] for name in kind.primary_key)] = row
    return found


def creation(kind: EntitySchema, row: dict[str, Any]) -> dict[str, Any]:
    """Return the operation that creates an entity as a client would."""
    data: dict[str, Any] = {}
    for name, attribute in kind.attributes.items():
        value = row.get(name)
        if value is None or attribute.computed or (kind.name, name) == OWN_PROJECT:
            continue
        if kind.name == "CustomAttributeValue" and name == "value":
            value = json.loads(value)
        data[name] = bool(value) if attribute.type == "boolean" else value
    return {"action": "create", "entity_type": kind.name, "entity_data": data}


OWN_PROJECT = ("Project", "project_id")
"""A project's own id, which no client sends: it is not there yet."""


def test_the_demo_is_what_a_server_stores_of_the_same_creates(demo: Emulator) -> None:
    standard = Emulator(schema=recorded())
    before, wanted = stored(standard), stored(demo)
    new = {key: row for key, row in wanted.items() if key not in before}
    assert {entity_type for entity_type, _ in new} <= set(ORDER)
    operations = [
        creation(standard.storage.schema[entity_type], row)
        for wanted_type in ORDER
        for (entity_type, _), row in new.items()
        if entity_type == wanted_type
    ]
    caller = Client(standard).query("User where username is admin")[0]["id"]
    Client(standard).call(*operations)
    made = stored(standard)
    standard.close()
    for row in [*wanted.values(), *made.values()]:
        # Nobody sends a key: the server makes it.
        row.pop("api_key", None)
    # Who creates a note is told of it (protocol 6.1).
    told = {("Recipient", (key[0], caller)) for kind, key in new if kind == "Note"}
    # A server may keep a record of what was done besides.
    of_demo = {kind for kind, _ in wanted}
    found = {key: row for key, row in made.items() if key[0] in of_demo}
    assert {key: row for key, row in found.items() if key not in told} == wanted


def test_all_that_can_be_asked_of_every_entity_is_answered(demo: Emulator) -> None:
    client = Client(demo)
    kinds = {entity_type for entity_type, _ in stored(demo)}
    assert len(kinds) > 50
    for name in sorted(kinds):
        asked = ", ".join(
            attribute.name
            for attribute in demo.storage.schema[name].attributes.values()
            if not attribute.restricted_projection
        )
        expression = f"select {asked} from {name} limit 500"  # noqa: S608 - of the schema
        found = client.query(expression)
        assert found
        assert all(entity["__entity_type__"] for entity in found)
