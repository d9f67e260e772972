from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ftrack_codegen.source import fetch_schema
from ftrack_orm import SchemaError, ServerError
from ftrack_orm.transport.replies import read_reply
from ftrack_orm.types import Reply

TASK = {"id": "Task", "type": "object", "primary_key": ["id"], "properties": {}}


class FakeTransport:
    """Answers every batch with the same JSON and records the requests."""

    server_url = "https://example.test"

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.sent: list[Any] = []

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        self.sent.append(json.loads(body))
        text = json.dumps(self.answer).encode()
        return Reply(self.server_url, 200, "application/json", text)

    def close(self) -> None:
        raise AssertionError("the transport is the caller's to close")


def test_one_operation_asks_for_the_schema() -> None:
    transport = FakeTransport([[TASK]])
    parsed = fetch_schema(transport, read_reply)
    assert transport.sent == [[{"action": "query_schemas"}]]
    assert [entity_type.name for entity_type in parsed.schema] == ["Task"]


def test_problems_are_reported_with_the_schema() -> None:
    parsed = fetch_schema(FakeTransport([[TASK, {"type": "object"}]]), read_reply)
    assert len(parsed.schema) == 1
    assert any("no name" in str(problem) for problem in parsed.problems)


def test_a_refusal_is_the_servers_error() -> None:
    transport = FakeTransport({"exception": "FTServerError", "content": "No, thanks"})
    with pytest.raises(ServerError, match="No, thanks"):
        fetch_schema(transport, read_reply)


def test_an_answer_that_is_no_schema_names_the_server() -> None:
    with pytest.raises(SchemaError, match=r"https://example\.test holds no schema"):
        fetch_schema(FakeTransport([{"a": 1}]), read_reply)
