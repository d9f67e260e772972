"""Batches on their way to the server: information query, retries and checks."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from ftrack_models import registry
from ftrack_orm import (
    ConnectionLostError,
    OutcomeUnknownError,
    RequestCancelledError,
    SchemaDriftError,
    SessionClosedError,
)
from ftrack_orm.operations import AnyOperation, Delete, Query, SendUserInvite, Update
from ftrack_orm.session.api_client import ApiClient, is_write
from ftrack_orm.session.known_types import KnownTypes
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.types import Reply
from tests.support.transports import UnusedTransport

SERVER = "https://studio.example"
LOST = ConnectionLostError(SERVER, "closed")
NO_ROWS = {"action": "query", "data": []}
DELETED = {"action": "delete", "data": True}
INFORMATION = {"schema_hash": "3f9c"}
QUERY = Query("Task")
DELETE = Delete("Task", ("t1",))


class Scripted:
    """Answers each call with the next of a list of results or errors.

    Attributes:
        sent: the actions of each batch.
        drops: how many times idle connections were closed.
    """

    server_url = SERVER

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.sent: list[list[str]] = []
        self.drops = 0

    def call(self, body: bytes, **_: Any) -> Reply:
        self.sent.append([operation["action"] for operation in json.loads(body)])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        text = json.dumps(answer).encode()
        return Reply(SERVER, 200, "application/json", text)

    def drop_connections(self) -> None:
        self.drops += 1

    def close(self) -> None:
        pass


def client(transport: Any, **options: Any) -> ApiClient:
    types = KnownTypes(registry.resolve)
    policy = RetryPolicy(attempts=3, first_wait=0)
    return ApiClient(
        transport,
        lambda name: types.primary_key(name) or ("id",),
        retry=policy,
        types=types,
        **options,
    )


def test_only_the_first_read_queries_the_information_of_the_server() -> None:
    transport = Scripted([DELETED], [NO_ROWS, INFORMATION], [NO_ROWS])
    received: list[Mapping[str, Any]] = []
    subject = client(transport, on_information=received.append)

    results = [subject.send([one]) for one in (DELETE, QUERY, QUERY)]

    assert results == [[DELETED], [NO_ROWS], [NO_ROWS]]
    assert received == [INFORMATION]
    assert transport.sent == [
        ["delete"],
        ["query", "query_server_information"],
        ["query"],
    ]


def test_the_information_is_queried_again_until_it_is_accepted() -> None:
    transport = Scripted([NO_ROWS, INFORMATION], [INFORMATION], [NO_ROWS])
    errors = [SchemaDriftError("The schema differs.")]

    def on_information(_: Mapping[str, Any]) -> None:
        if errors:
            raise errors.pop()

    subject = client(
        transport, on_information=on_information, queries_before_write=True
    )
    with pytest.raises(SchemaDriftError):
        subject.send([QUERY])

    subject.check_before_write()
    subject.check_before_write()
    subject.send([QUERY])

    assert transport.sent[1:] == [["query_server_information"], ["query"]]


def test_a_read_is_sent_again_as_often_as_the_policy_allows() -> None:
    transport = Scripted(LOST, OutcomeUnknownError(SERVER, "closed"), [NO_ROWS])
    assert client(transport).send([QUERY]) == [NO_ROWS]
    # A late reply to the lost request could come on the same connection.
    assert transport.drops == 2

    subject = client(Scripted(LOST, LOST, LOST))
    with pytest.raises(ConnectionLostError):
        subject.send([QUERY])
    assert subject.requests == 3


@pytest.mark.parametrize("error", [LOST, OutcomeUnknownError(SERVER, "closed")])
def test_a_write_is_sent_once(error: Exception) -> None:
    subject = client(Scripted(error))

    with pytest.raises(type(error)):
        subject.send([QUERY, DELETE])

    assert subject.requests == 1


def test_a_write_with_the_same_replies_gets_a_new_connection() -> None:
    other = Delete("Task", ("t2",))
    transport = Scripted(*[[DELETED]] * 4)
    subject = client(transport)

    drops = []
    for operation in (DELETE, DELETE, other, DELETE):
        subject.send([operation])
        drops.append(transport.drops)

    assert drops == [0, 1, 1, 1]


def test_a_caller_who_cancels_between_two_attempts_is_not_made_to_wait() -> None:
    cancel = threading.Event()

    class Cancelling(Scripted):
        def call(self, body: bytes, **options: Any) -> Reply:
            cancel.set()
            return super().call(body, **options)

    subject = client(Cancelling(LOST))
    with pytest.raises(RequestCancelledError) as raised:
        subject.send([QUERY], cancel=cancel)

    assert not raised.value.may_be_applied
    assert subject.requests == 1


def test_a_closed_client_and_an_empty_batch_send_nothing() -> None:
    subject = client(UnusedTransport())
    assert subject.send([]) == []
    subject.close()
    with pytest.raises(SessionClosedError):
        subject.send([QUERY])
    with pytest.raises(SessionClosedError):
        subject.check_before_write()


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (QUERY, False),
        ({"action": "query_schemas"}, False),
        (Update("Task", ("t1",), {}), True),
        (SendUserInvite("u1"), True),
        # An action that this version does not know may write.
        ({"action": "compute_rollups"}, True),
        ({}, True),
    ],
)
def test_actions_write_unless_they_are_known_to_read(
    operation: AnyOperation, expected: bool
) -> None:
    assert is_write(operation) is expected
