"""Lines about requests: short, safe to print, without secrets."""

from __future__ import annotations

import json
import logging

import pytest

from ftrack_orm.emulator.request_log import (
    is_enabled,
    log_event,
    log_hub,
    log_request,
)

HEADERS = {"ftrack-user": "anna", "ftrack-api-key": "secret-key"}


def line(
    caplog: pytest.LogCaptureFixture,
    *operations: object,
    answer: bytes = b"[]",
    said: str = "200",
) -> str:
    with caplog.at_level(logging.INFO, "ftrack_orm.emulator.requests"):
        log_request(json.dumps(operations).encode(), HEADERS, said, answer, 0.0123)
    return caplog.messages[-1]


def test_nobody_listens_unless_asked(caplog: pytest.LogCaptureFixture) -> None:
    assert not is_enabled()
    with caplog.at_level(logging.INFO, "ftrack_orm.emulator"):
        assert is_enabled()


def test_operations_of_one_kind_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    task = {"action": "create", "entity_type": "Task", "entity_data": {"name": "n"}}
    query = {"action": "query", "expression": "select name from Task"}

    assert (
        line(caplog, task, task, query)
        == "anna 200 12.3 ms: 2 x create Task; query select name from Task"
    )


def test_a_key_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    own = {"action": "query", "expression": 'Task where name is "secret-key"'}
    other = {"action": "query", "expression": 'User where api_key is "another"'}

    assert "secret-key" not in line(caplog, own)
    split = {"action": "query", "expression": 'User\nWHERE api_key is "another"'}

    assert line(caplog, other).endswith("query User where ***")
    answer = b'{"exception": "ParseError", "content": "User where api_key another"}'
    assert "another" not in line(caplog, split, answer=answer)


def test_a_line_stays_one_line(caplog: pytest.LogCaptureFixture) -> None:
    odd = {"action": "query", "expression": "Task\nwhere \x1b[31mname is x"}

    assert line(caplog, odd).endswith("query Task\\nwhere \\x1b[31mname is x")
    long = {"action": "query", "expression": "Task where name is " + "x" * 1000}
    assert len(line(caplog, long)) < 300


def test_an_error_is_told(caplog: pytest.LogCaptureFixture) -> None:
    answer = b'{"exception": "ParseError", "content": "Failed to parse: x"}'
    query = {"action": "query", "expression": "x"}

    found = line(caplog, query, answer=answer, said="400")
    assert found.endswith("query x -> ParseError: Failed to parse: x")


@pytest.mark.parametrize("body", [b"nonsense", b"{}", b"[]", b"[1]"])
def test_a_body_that_is_no_batch_is_said_to_be_none(
    caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    with caplog.at_level(logging.INFO, "ftrack_orm.emulator.requests"):
        log_request(body, {}, "422", b"", 0)
    assert caplog.messages[-1].startswith("anonymous 422 0.0 ms: no ")


def test_an_event_has_a_line_without_its_data(caplog: pytest.LogCaptureFixture) -> None:
    log_event("anna", "ftrack.update", 2)
    assert caplog.messages == []
    with caplog.at_level(logging.INFO, "ftrack_orm.emulator.requests"):
        log_event("anna", "ftrack.update", 2)
        log_hub("anna", "refused: \n" + "x" * 1000)
    assert caplog.messages[0] == "anna event ftrack.update delivered to 2"
    assert caplog.messages[1].startswith("anna event hub: refused: \\nxxx")
    assert len(caplog.messages[1]) < 300
