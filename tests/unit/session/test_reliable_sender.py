"""The outcome of a batch that writes, by the errors of its request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ftrack_orm import (
    ConnectionFailedError,
    ConnectionLostError,
    OutcomeUnknownError,
    RequestCancelledError,
    RequestTimeoutError,
    ServerError,
)
from ftrack_orm.operations import (
    AnyOperation,
    Create,
    Delete,
    Query,
    SendUserInvite,
    Update,
)
from ftrack_orm.session.in_doubt import Batch, Evidence
from ftrack_orm.session.reliable_sender import ReliableSender, leaves_trace

SERVER = "https://studio.example"
RESULTS = [{"action": "update"}]
LOST = ConnectionLostError(SERVER, "closed")
LATE = RequestTimeoutError(SERVER, 60)
REFUSED = ServerError("ServerError", "Refused.")
UPDATE = Update("Task", ("t1",), {"name": "dust"})

APPLIED = Evidence("applied", ())
NOT_APPLIED = Evidence("not applied", ())
UNKNOWN = Evidence("unknown", ())


class Scripted:
    """A client and resolver whose answers a test lists; each is used once."""

    def __init__(
        self, replies: Sequence[Any], evidence: Sequence[Evidence | Exception] = ()
    ) -> None:
        self.replies = list(replies)
        self.evidence = list(evidence)

    def send(self, operations: Sequence[AnyOperation], **_: Any) -> Any:
        return self._next(self.replies)

    def read(self, batch: Batch) -> Any:
        return self._next(self.evidence)

    @staticmethod
    def _next(answers: list[Any]) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def send(
    batch: Batch, replies: Sequence[Any], evidence: Sequence[Evidence | Exception] = ()
) -> Any:
    """Return the results of the batch; every listed answer has to be used."""
    scripted: Any = Scripted(replies, evidence)
    try:
        return ReliableSender(scripted, scripted).send(batch)
    finally:
        assert not scripted.replies
        assert not scripted.evidence


def test_a_reply_shows_that_the_batch_was_applied() -> None:
    batch = Batch([UPDATE])
    assert send(batch, [RESULTS]) == RESULTS
    assert batch.outcome == "applied"


@pytest.mark.parametrize(
    "error",
    [
        REFUSED,
        ConnectionFailedError(SERVER, "refused"),
        RequestCancelledError(SERVER, may_be_applied=False),
    ],
)
def test_nothing_is_queried_where_the_error_shows_the_outcome(error: Exception) -> None:
    batch = Batch([UPDATE])
    with pytest.raises(type(error)):
        send(batch, [error])
    assert batch.outcome == "not applied"


def test_an_applied_batch_is_not_sent_again_and_has_no_results() -> None:
    batch = Batch([UPDATE])
    assert send(batch, [LOST], [APPLIED]) is None
    assert batch.outcome == "applied"


def test_a_batch_that_was_not_applied_is_sent_once_more() -> None:
    batch = Batch([UPDATE])
    assert send(batch, [LOST, RESULTS], [NOT_APPLIED]) == RESULTS
    assert batch.outcome == "applied"


@pytest.mark.parametrize(
    ("replies", "evidence"),
    [
        ([LOST], [UNKNOWN]),
        # The server may still be processing the first request.
        ([LATE], [NOT_APPLIED]),
        ([LOST, LOST], [NOT_APPLIED, UNKNOWN]),
        ([LOST, LATE], [NOT_APPLIED, NOT_APPLIED]),
        # The refusal may concern a create whose first copy was applied.
        ([LOST, REFUSED], [NOT_APPLIED, UNKNOWN]),
        ([LOST], [ConnectionFailedError(SERVER, "refused")]),
    ],
)
def test_without_evidence_the_outcome_is_an_error(
    replies: list[Any], evidence: list[Any]
) -> None:
    batch = Batch([UPDATE])
    with pytest.raises(OutcomeUnknownError):
        send(batch, replies, evidence)
    assert batch.outcome == "unknown"


@pytest.mark.parametrize(
    ("second", "evidence", "outcome"),
    [
        (REFUSED, NOT_APPLIED, "not applied"),
        (LOST, NOT_APPLIED, "not applied"),
        (LOST, APPLIED, "applied"),
    ],
)
def test_a_third_request_is_never_sent(
    second: Exception, evidence: Evidence, outcome: str
) -> None:
    batch = Batch([UPDATE])
    if outcome == "applied":
        assert send(batch, [LOST, second], [NOT_APPLIED, evidence]) is None
    else:
        with pytest.raises(type(second)):
            send(batch, [LOST, second], [NOT_APPLIED, evidence])
    assert batch.outcome == outcome


def test_a_cancelled_write_stays_in_doubt_without_a_query() -> None:
    batch = Batch([UPDATE])
    with pytest.raises(RequestCancelledError):
        send(batch, [RequestCancelledError(SERVER, may_be_applied=True)])
    assert batch.outcome == "unknown"
    assert batch.may_still_be_applied


@pytest.mark.parametrize(
    ("operation", "is_traced"),
    [
        (Query("Task"), True),
        (UPDATE, True),
        (Delete("Task", ("t1",)), True),
        (Create("Task", {"id": "t1"}, ("t1",)), True),
        (Create("Event", {}), False),
        (SendUserInvite("u1"), False),
        ({"action": "update", "entity_type": "Task"}, False),
        ({"action": "query", "expression": "Task"}, True),
    ],
)
def test_operations_without_a_trace_are_not_sent_twice(
    operation: AnyOperation, is_traced: bool
) -> None:
    assert leaves_trace(operation) is is_traced
    batch = Batch([UPDATE, operation])
    if is_traced:
        assert send(batch, [LOST, RESULTS], [NOT_APPLIED]) == RESULTS
    else:
        with pytest.raises(OutcomeUnknownError):
            send(batch, [LOST])
