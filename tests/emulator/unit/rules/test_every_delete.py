"""Every type deleted by the API, with all that refers to it: protocol 6.4."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.support.emulator_client import Client, Refused
from tests.support.every_type import Made, Maker
from tests.support.type_catalogue import (
    CREATABLE,
    SERVED,
    is_list_fixed,
    is_scalar,
    lists,
    properties,
    settable,
    target,
)

NEEDED_BY_MEMBERS: Final = ("ListCategory", "Priority", "Status", "Type")
"""Types whose lists hold entities that cannot be without them."""


@pytest.fixture
def client(maker: Maker) -> Client:
    """The client of the maker's emulator."""
    return maker.client


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: ids of rows, and where texts stand that may name them."""

    ids: set[Any]
    named: dict[Any, str]


def contents(client: Client) -> Contents:
    """Read every column of every table, whatever the emulator takes it for."""
    database = sqlite3.connect(":memory:")
    database.deserialize(client.emulator.snapshot())
    found = Contents(set(), {})
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    for (table,) in tables.fetchall():
        cursor = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - read above
        columns = [column[0] for column in cursor.description]
        for row in cursor:
            for column, value in zip(columns, row, strict=True):
                if column == "id":
                    found.ids.add(value)
                elif table == "Event":
                    pass  # history still names what is gone
                elif isinstance(value, str) or column == "social_id":
                    found.named[value] = f"{table}.{column}"
    database.close()
    return found


def check_nothing_names_what_is_gone(before: Contents, after: Contents) -> None:
    gone = before.ids - after.ids
    assert {after.named[each] for each in gone if each in after.named} == set()


def with_lists(client: Client, made: Made, maker: Maker) -> None:
    """Give an entity a member in every list that takes one."""
    for name in lists(made.entity_type):
        if name.startswith("_"):
            continue  # a twin of another (protocol 6.6)
        member = maker.least(properties(made.entity_type)[name]["items"]["$ref"])
        if not is_list_fixed(made.entity_type, name, member.entity_type):
            client.update(made.entity_type, *made.key, **{name: [member.reference]})


@pytest.mark.parametrize("entity_type", CREATABLE)
def test_what_is_deleted_is_named_by_no_row_that_stays(
    client: Client, maker: Maker, entity_type: str
) -> None:
    made = maker.whole(entity_type, "links")
    if entity_type not in NEEDED_BY_MEMBERS:
        with_lists(client, made, maker)
    before = contents(client)
    assert client.delete(entity_type, *made.key) is True
    assert client.query(f"{entity_type} where {made.where}") == []
    check_nothing_names_what_is_gone(before, contents(client))


def keys_of_others(entity_type: str) -> list[str]:
    """Return the attributes of a type that hold a key of another entity."""
    return [
        name
        for name, prop in settable(entity_type)
        if is_scalar(prop) and target(entity_type, name) not in (None, "Setting")
    ]


@pytest.mark.parametrize("entity_type", [*filter(keys_of_others, CREATABLE)])
def test_what_it_refers_to_goes_without_leaving_a_name_or_not_at_all(
    client: Client, maker: Maker, entity_type: str
) -> None:
    made = maker.whole(entity_type, "ids")
    served = SERVED[entity_type]
    before, snapshot = contents(client), client.emulator.snapshot()
    for name in keys_of_others(entity_type):
        kind = str(target(entity_type, name))
        why = why_not_deleted(client, kind, made.sent[name])
        if why is None:
            check_nothing_names_what_is_gone(before, contents(client))
            client.emulator.restore(snapshot)
        else:
            assert why == "IntegrityError", name
            assert name in (*served["required"], *served["primary_key"])
            assert contents(client) == before


def why_not_deleted(client: Client, entity_type: str, key: str) -> str | None:
    """Delete an entity; return the name of the error when that is refused."""
    try:
        client.delete(entity_type, key)
    except Refused as refused:
        return str(refused.exception)
    return None


def test_the_files_of_a_setting_go_with_it(client: Client, maker: Maker) -> None:
    made = maker.whole("SettingComponent", "links")
    _, *key = made.sent["setting"].values()
    client.delete("Setting", *key)
    assert client.query("SettingComponent") == []
