"""Numbers and texts that no database holds: refused, never an internal failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulator_client import Client, create

NUMBERS = [
    str(2**63 - 1),
    str(2**63),
    str(-(2**63) - 1),
    "1e300",
    "-1e300",
    "1e400",
    "9" * 5000,
]
CONDITIONS = [
    "Task where bid is {}",
    "Task where bid > {}",
    "Task where bid in ({}, 1)",
    "Status where sort is {}",
    "Event where id is {}",
    "Event where id in ({})",
    "Task where name is {}",
    "Task where custom_attributes any (key is x and value > {})",
]


def answer(client: Client, body: bytes) -> Any:
    return json.loads(client.emulator.transport().call(body).body)


def ask(client: Client, expression: str) -> Any:
    operation = {"action": "query", "expression": expression}
    return answer(client, json.dumps([operation]).encode())


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_large_number_in_a_condition_matches_nothing_or_is_refused(
    client: Client, condition: str, number: str
) -> None:
    answered = ask(client, condition.format(number))

    if isinstance(answered, dict):
        # A text that no number is read from (protocol 1.6).
        assert answered["exception"] == "ValidationError"
        assert number in ("1e400", "9" * 5000)
    elif "> -" not in condition.format(number):
        assert answered[0]["data"] == []


def test_numbers_beyond_64_bits_are_compared_by_size(client: Client) -> None:
    client.call(create("Status", id="s1", name="a", sort=5, is_active=True))

    def found(condition: str) -> int:
        return len(client.query(f"Status where id is s1 and {condition}"))

    assert found(f"sort < {2**70}") == found("sort < 1e300") == 1
    assert found(f"sort > {-(2**70)}") == found("sort > -1e300") == 1
    assert found(f"sort > {2**63}") == found(f"sort is {2**64}") == 0


@pytest.mark.parametrize(
    "digits", [str(2**63 - 1), str(2**63), "1" * 40, "9" * 5000], ids=len
)
def test_a_page_may_begin_or_end_beyond_every_row(client: Client, digits: str) -> None:
    total = len(client.query("State"))

    beyond = ask(client, f"State offset {digits}")[0]
    whole = ask(client, f"State limit {digits}")[0]
    rest = ask(client, f"State offset 1 limit {digits}")[0]

    assert beyond["data"] == []
    assert len(whole["data"]) == total > 1
    assert len(rest["data"]) == total - 1
    for page in (beyond, whole, rest):
        assert page["metadata"]["next"]["offset"] is None


@pytest.mark.parametrize("clause", ["offset -1", "limit -1", "limit 1.5", "limit 1e3"])
def test_a_page_of_no_whole_number_of_rows_is_a_parse_error(
    client: Client, clause: str
) -> None:
    assert ask(client, f"State {clause}")["exception"] == "ParseError"


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
@pytest.mark.parametrize("action", ["update", "delete", "create"])
def test_a_key_of_more_than_64_bits_is_refused(
    client: Client, action: str, number: int
) -> None:
    operation = {
        "action": action,
        "entity_type": "State",
        "entity_key": [number],
        "entity_data": {"name": "x"},
    }

    answered = answer(client, json.dumps([operation]).encode())

    assert answered["exception"] in ("ValidationError", "ValueError")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'[{"action": "x", "value": ' + b"[" * 5000 + b"]" * 5000 + b"}]",
    ],
    ids=["unclosed", "deep"],
)
def test_a_body_that_is_no_json_is_answered_with_422(
    client: Client, body: bytes
) -> None:
    reply = client.emulator.transport().call(body)

    assert reply.status == 422
    assert json.loads(reply.body)["detail"][0]["loc"] == ["body"]


@pytest.mark.parametrize(
    "operation",
    [
        b'{"action": "query", "expression": NaN}',
        b'{"action": "delete", "entity_type": "State", "entity_key": [NaN]}',
        b'{"action": "create", "entity_type": "State", "entity_data": {"sort": NaN}}',
    ],
)
def test_a_number_that_json_has_not_is_refused(
    client: Client, operation: bytes
) -> None:
    answered = answer(client, b"[" + operation + b"]")

    assert answered["exception"] in ("ValidationError", "ValueError")


@pytest.mark.parametrize("escape", ["\\ud800", "\\uDFFF", "a\\ud83d b"])
@pytest.mark.parametrize(
    "operation",
    [
        '{"action": "query", "expression": "State where name is \'%s\'"}',
        '{"action": "%s"}',
        '{"action": "delete", "entity_type": "State", "entity_key": ["%s"]}',
        '{"action": "delete", "entity_type": "%s", "entity_key": ["a"]}',
        '{"action": "create", "entity_type": "State", "entity_data": {"name": "%s"}}',
        '{"action": "get_widget_url", "name": "%s"}',
    ],
)
def test_half_a_character_is_a_validation_error(
    client: Client, operation: str, escape: str
) -> None:
    body = f"[{operation % escape}]".encode()

    assert answer(client, body)["exception"] == "ValidationError"
    raw = body.replace(escape.encode(), b"\xed\xa0\x80")
    assert answer(client, raw)["exception"] == "ValidationError"


def test_a_whole_character_in_two_escapes_is_text(client: Client) -> None:
    body = (
        b'[{"action": "create", "entity_type": "State",'
        b' "entity_data": {"id": "s", "name": "\\ud83c\\udfac"}}]'
    )

    assert answer(client, body)[0]["data"]["name"] == "\N{CLAPPER BOARD}"


def test_a_date_without_its_value_is_refused(client: Client) -> None:
    operation = create("Timelog", id="t1", start={"__type__": "datetime"})

    answered = answer(client, json.dumps([operation]).encode())

    assert answered["exception"] == "ValidationError"


def test_information_is_asked_for_by_names_that_are_text(client: Client) -> None:
    operation = {"action": "query_server_information", "values": [["version"], "a"]}

    assert answer(client, json.dumps([operation]).encode()) == [{}]


# JSON may hold the character, and SQLite stops to read there in NOCASE and LIKE.
def test_text_is_compared_beyond_a_nul(client: Client) -> None:
    for name in ("u", "u\0one", "u\0two", "U\0THREE"):
        client.call(create("State", id=name.replace("\0", "-"), name=name, short=name))

    def found(condition: str) -> list[str]:
        rows = client.query(f"State where {condition}")
        return sorted(row["id"] for row in rows)

    assert found('name is "u"') == ["u"]
    assert found('name is "u\0two"') == ["u-two"]
    assert found('name is "u\0three"') == ["U-THREE"]
    assert found('name is "u\0"') == []
    assert found('name in ("u", "x")') == ["u"]
    assert found('name in ("u\0one", "u\0two")') == ["u-one", "u-two"]
    assert found('name like "u\0t%"') == ["U-THREE", "u-two"]
