"""Injected failures in process, the journal and counted calls."""

from __future__ import annotations

import json
import time

import pytest

from ftrack_orm import (
    ConnectionFailedError,
    ConnectionLostError,
    RequestTimeoutError,
    TruncatedResponseError,
)
from ftrack_orm.types import Transport
from tests.support.emulator_client import Client, Refused, create, make_emulator

CREATE = create("ManagerType", id="m1", name="a")
BODY = json.dumps([CREATE]).encode()


def is_applied(client: Client) -> bool:
    return bool(client.query("select id from ManagerType where id is m1"))


def test_a_request_dropped_before_is_not_applied(client: Client) -> None:
    client.emulator.faults.drop_before()
    with pytest.raises(ConnectionLostError):
        client.call(CREATE)
    assert not is_applied(client)


def test_a_request_dropped_after_is_applied(client: Client) -> None:
    client.emulator.faults.drop_after()
    with pytest.raises(ConnectionLostError):
        client.call(CREATE)
    assert is_applied(client)


def test_a_delayed_answer_may_come_too_late_though_applied(client: Client) -> None:
    client.emulator.faults.delay(5)
    started = time.perf_counter()
    with pytest.raises(RequestTimeoutError):
        client.emulator.transport().call(BODY, timeout=0.05)
    assert time.perf_counter() - started < 1
    assert is_applied(client)


def test_a_delayed_answer_may_come_in_time(client: Client) -> None:
    client.emulator.faults.delay(0.02)
    assert client.call(CREATE)[0]["data"]["id"] == "m1"


def test_a_status_takes_the_place_of_the_answer(client: Client) -> None:
    client.emulator.faults.status(503, retry_after="2", times=2)
    for _ in range(2):
        reply = client.emulator.transport().call(BODY)
        assert (reply.status, reply.retry_after) == (503, 2.0)
    assert not is_applied(client)


def test_a_page_takes_the_place_of_the_answer(client: Client) -> None:
    client.emulator.faults.html(status=200)
    reply = client.emulator.transport().call(BODY)
    assert reply.status == 200
    assert reply.content_type.startswith("text/html")
    assert reply.body.startswith(b"<html>")


def test_an_answer_breaks_off(client: Client) -> None:
    client.emulator.faults.truncate(keep=7)
    with pytest.raises(TruncatedResponseError) as broken:
        client.call(CREATE)
    assert broken.value.received == 7
    assert is_applied(client)


@pytest.mark.parametrize(("difference", "length"), [(-1, 1), (1, 3)])
def test_an_answer_has_another_length(
    client: Client, difference: int, length: int
) -> None:
    client.emulator.faults.wrong_length(difference)
    query = {"action": "query", "expression": "State"}
    assert len(client.call(query, query)) == length


def test_permission_is_denied(client: Client) -> None:
    client.emulator.faults.deny_permission("No.")
    with pytest.raises(Refused) as refused:
        client.call(CREATE)
    assert refused.value.status == 403
    assert (refused.value.exception, refused.value.content) == (
        "PermissionError",
        "No.",
    )
    assert not is_applied(client)


def test_faults_are_met_in_order_and_can_be_called_off(client: Client) -> None:
    faults = client.emulator.faults
    faults.status(500)
    faults.status(502)
    assert client.emulator.transport().call(BODY).status == 500
    faults.clear()
    assert client.emulator.transport().call(BODY).status == 200


# -- journal -----------------------------------------------------------------


def test_the_journal_holds_every_request_even_lost_ones(client: Client) -> None:
    client.emulator.faults.drop_before()
    with pytest.raises(ConnectionLostError):
        client.call(CREATE, CREATE)
    client.query("State")
    assert [len(call.operations) for call in client.emulator.calls] == [2, 1]
    assert [
        operation["action"] for operation in client.emulator.call_log.operations
    ] == [
        "create",
        "create",
        "query",
    ]
    assert client.emulator.calls[0].api_user == "admin"


def test_calls_can_be_counted(client: Client) -> None:
    with client.emulator.expect_calls(2):
        client.query("State")
        client.query("State")


def test_a_wrong_count_lists_the_calls(client: Client) -> None:
    def two_calls() -> None:
        with client.emulator.expect_calls(1):
            client.query("State")
            client.call(CREATE)

    with pytest.raises(AssertionError) as wrong:
        two_calls()
    assert str(wrong.value) == (
        "Expected 1 calls, the emulator received 2:\n"
        "  1. [query State]\n"
        "  2. [create ManagerType]"
    )


# -- transport ---------------------------------------------------------------


def test_the_transport_is_one_and_closes() -> None:
    emulator = make_emulator()
    transport = emulator.transport()
    assert isinstance(transport, Transport)
    assert transport.server_url == "emulator://in-process"
    transport.close()
    transport.close()
    with pytest.raises(ConnectionFailedError):
        transport.call(b"[]")
    emulator.close()


def test_the_transport_shows_no_key() -> None:
    emulator = make_emulator()
    assert "key" not in repr(emulator.transport()).lower()
    emulator.close()
