from __future__ import annotations

import pytest

from ftrack_codegen.source import fetch_schema
from ftrack_orm import SchemaError, ServerError
from ftrack_orm.transport.replies import read_reply
from tests.support.transports import AnsweringTransport

TASK = {"id": "Task", "type": "object", "primary_key": ["id"], "properties": {}}


class CallersTransport(AnsweringTransport):
    """A transport that stays open: it belongs to the caller."""

    def close(self) -> None:
        raise AssertionError("the transport is the caller's to close")


def test_one_operation_asks_for_the_schema() -> None:
    transport = CallersTransport([[TASK]])
    parsed = fetch_schema(transport, read_reply)
    assert transport.sent == [[{"action": "query_schemas"}]]
    assert [entity_type.name for entity_type in parsed.schema] == ["Task"]


def test_what_is_odd_is_reported_beside_the_schema() -> None:
    parsed = fetch_schema(CallersTransport([[TASK, {"type": "object"}]]), read_reply)
    assert len(parsed.schema) == 1
    assert any("no name" in str(problem) for problem in parsed.problems)


def test_a_refusal_is_the_servers_error() -> None:
    transport = CallersTransport(
        {"exception": "FTServerError", "content": "No, thanks"}
    )
    with pytest.raises(ServerError, match="No, thanks"):
        fetch_schema(transport, read_reply)


def test_an_answer_that_is_no_schema_names_the_server() -> None:
    with pytest.raises(SchemaError, match=r"https://studio\.example holds no schema"):
        fetch_schema(CallersTransport([{"a": 1}]), read_reply)
