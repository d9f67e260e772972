"""Deviations from a recorded server, and functions of a test around a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm import ConnectionLostError
from ftrack_orm.emulator.deviations import Deviations
from tests.support.emulator_client import Client, Refused, create, delete

ONE = create("ManagerType", id="m1", name="one")
AGAIN = create("ManagerType", id="m1", name="again")
MISSING = delete("ManagerType", "m2")


@pytest.fixture(autouse=True)
def recorded_behaviour(client: Client) -> Iterator[None]:
    """End the deviations with the test: other tests use the same emulator."""
    yield
    client.emulator.faults.deviations = Deviations()


def names(client: Client) -> list[str]:
    return [row["name"] for row in client.query("select name from ManagerType")]


def test_a_create_of_an_existing_key_overwrites(client: Client) -> None:
    client.call(ONE)
    with pytest.raises(Refused, match="exists"):
        client.call(AGAIN)
    client.emulator.faults.deviations.creates_overwrite = True
    client.call(AGAIN)
    assert "again" in names(client)
    assert "one" not in names(client)


def test_a_delete_of_a_missing_key_succeeds(client: Client) -> None:
    with pytest.raises(Refused, match="Could not find"):
        client.call(MISSING)
    client.emulator.faults.deviations.deletes_ignore_missing = True
    assert client.call(MISSING) == [{"action": "delete", "data": True}]


def test_operations_before_a_refused_one_stay_applied(client: Client) -> None:
    with pytest.raises(Refused):
        client.call(ONE, MISSING)
    assert "one" not in names(client)
    client.emulator.faults.deviations.is_not_atomic = True
    with pytest.raises(Refused, match="Could not find"):
        client.call(ONE, MISSING)
    assert "one" in names(client)


def test_a_create_gets_an_id_of_the_server(client: Client) -> None:
    client.emulator.faults.deviations.ids_are_replaced = True
    [created] = client.call(ONE)
    assert created["data"]["id"] not in ("m1", None)
    assert "one" in names(client)
    assert client.query("select name from ManagerType where id is m1") == []


def test_queries_run_before_writes(client: Client) -> None:
    query = {
        "action": "query",
        "expression": "select name from ManagerType where id is m1",
    }
    client.emulator.faults.deviations.reads_first = True
    created, found = client.call(ONE, query)
    assert created["action"] == "create"
    assert found["data"] == []


def test_functions_run_before_and_after_a_request_is_applied(client: Client) -> None:
    seen: list[bool] = []

    def look() -> None:
        rows = client.emulator.dump()
        seen.append(any(row.get("id") == "m1" for row in rows))

    client.emulator.faults.pass_on()
    client.emulator.faults.call_before(look)
    client.query("select id from ManagerType")
    client.call(ONE)
    client.emulator.faults.call_after(look)
    client.call(delete("ManagerType", "m1"))
    assert seen == [False, False]
    client.emulator.faults.call_after(look)
    client.call(ONE)
    assert seen == [False, False, True]


def test_a_function_can_break_the_connection(client: Client) -> None:
    client.emulator.faults.call_before(lambda: False)
    with pytest.raises(ConnectionLostError):
        client.call(ONE)
    assert "one" not in names(client)
