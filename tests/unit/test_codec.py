"""Python values to the wire and back, against protocol 2 and 3."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from ftrack_orm import AttributeValueError, EntityKeyError, InvalidOperationError, codec
from ftrack_orm.operations import (
    AnyOperation,
    Create,
    DelayedJob,
    Delete,
    Query,
    QuerySchemas,
    QueryServerInformation,
    Search,
    Update,
)
from ftrack_orm.types import Reference


class Colour(str, Enum):  # noqa: UP042 # the case that StrEnum has not
    RED = "red"


class Size(int, Enum):  # as above
    LARGE = 3


class Share(float, Enum):
    HALF = 0.5


class Words(str):
    def __str__(self) -> str:
        return "shown otherwise"


class Moment(datetime):
    def isoformat(self, *args: Any, **options: Any) -> str:
        return "shown otherwise"


class Day(date):
    def isoformat(self) -> str:
        return "shown otherwise"


_KEYS = {"Metadata": ("parent_id", "key"), "ContextCustomAttributeValue": ("c", "e")}


def primary_key(entity_type: str) -> Sequence[str]:
    return _KEYS.get(entity_type, ("id",))


def encoded(operation: AnyOperation) -> Any:
    """Return one operation after a journey through JSON."""
    return json.loads(codec.encode_batch([operation], primary_key))[0]


def test_a_query_is_its_expression() -> None:
    assert encoded(Query("select id from Task")) == {
        "action": "query",
        "expression": "select id from Task",
    }


def test_a_search_carries_every_documented_word() -> None:
    operation = Search("select name from Task", "Task", ("anim",), None, ("t1",))
    assert encoded(operation) == {
        "action": "search",
        "expression": "select name from Task",
        "entity_type": "Task",
        "terms": ["anim"],
        "context_id": None,
        "object_type_ids": ["t1"],
    }


def test_a_create_carries_key_data_and_references_as_protocol_2_3() -> None:
    data = {
        "id": "5f",
        "name": "anim",
        "bid": 3600.5,
        "parent": Reference("Shot", ("c7",)),
        "description": None,
    }
    assert encoded(Create("Task", data, ("5f",))) == {
        "action": "create",
        "entity_type": "Task",
        "entity_key": ["5f"],
        "entity_data": {
            "__entity_type__": "Task",
            "id": "5f",
            "name": "anim",
            "bid": 3600.5,
            "parent": {"__entity_type__": "Shot", "id": "c7"},
            "description": None,
        },
    }


def test_a_create_without_a_key_leaves_it_to_the_server() -> None:
    assert "entity_key" not in encoded(Create("Event", {}))


def test_an_update_of_a_composite_key_sends_its_values_in_order() -> None:
    assert encoded(Update("Metadata", ("p", "source"), {"value": "edit"})) == {
        "action": "update",
        "entity_type": "Metadata",
        "entity_key": ["p", "source"],
        "entity_data": {"__entity_type__": "Metadata", "value": "edit"},
    }


def test_a_delete_has_no_data() -> None:
    assert encoded(Delete("Task", ("1",))) == {
        "action": "delete",
        "entity_type": "Task",
        "entity_key": ["1"],
    }


def test_questions_about_the_server_are_bare_actions() -> None:
    assert encoded(QuerySchemas()) == {"action": "query_schemas"}
    assert encoded(QueryServerInformation()) == {"action": "query_server_information"}
    assert encoded(QueryServerInformation(("version",))) == {
        "action": "query_server_information",
        "values": ["version"],
    }


def test_a_plain_mapping_is_sent_as_it_is_with_its_values_encoded() -> None:
    operation = {"action": "x", "when": datetime(2024, 1, 2, tzinfo=UTC), "n": (1, 2)}
    assert encoded(operation) == {
        "action": "x",
        "when": {"__type__": "datetime", "value": "2024-01-02T00:00:00+00:00"},
        "n": [1, 2],
    }


def test_a_batch_keeps_its_order_and_an_empty_one_is_an_empty_array() -> None:
    body = codec.encode_batch([Query("a"), Query("b")], primary_key)
    assert [one["expression"] for one in json.loads(body)] == ["a", "b"]
    assert codec.encode_batch([], primary_key) == b"[]"


def test_a_collection_is_the_full_list_of_references() -> None:
    members = [Reference("FileComponent", ("f1",)), Reference("FileComponent", ("f2",))]
    data = encoded(Update("SequenceComponent", ("s1",), {"members": members}))
    assert data["entity_data"]["members"] == [
        {"__entity_type__": "FileComponent", "id": "f1"},
        {"__entity_type__": "FileComponent", "id": "f2"},
    ]


def test_a_reference_names_every_part_of_its_key() -> None:
    reference = Reference("Metadata", ("p", "source"))
    assert codec.encode_reference(reference, primary_key) == {
        "__entity_type__": "Metadata",
        "parent_id": "p",
        "key": "source",
    }


def test_a_reference_with_a_part_too_few_is_not_sent() -> None:
    with pytest.raises(EntityKeyError, match="parent_id, key"):
        codec.encode_reference(Reference("Metadata", ("p",)), primary_key)


def test_a_datetime_is_sent_as_its_instant_in_utc() -> None:
    summer = datetime(2022, 10, 10, 12, 12, 9, 5, timezone(timedelta(hours=2)))
    assert codec.encode_datetime(summer) == {
        "__type__": "datetime",
        "value": "2022-10-10T10:12:09.000005+00:00",
    }


def test_a_datetime_without_a_zone_is_utc_wherever_the_program_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        sent = codec.encode_datetime(datetime(2022, 10, 10, 10, 12, 9))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert sent["value"] == "2022-10-10T10:12:09+00:00"


def test_a_day_is_sent_as_clients_send_it() -> None:
    # Protocol 3.1: a plain date becomes a datetime wrapper around the day.
    data = encoded(Update("Task", ("1",), {"start_date": date(2018, 5, 25)}))
    assert data["entity_data"]["start_date"] == {
        "__type__": "datetime",
        "value": "2018-05-25",
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_have_is_refused_by_name(value: float) -> None:
    with pytest.raises(AttributeValueError, match=r"Task\.bid cannot be .*finite"):
        codec.encode_batch([Update("Task", ("1",), {"bid": value})], primary_key)


def circle() -> list[Any]:
    members: list[Any] = []
    members.append({"members": members})
    return members


LATEST = datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))
EARLIEST = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))

UNSENDABLE: list[Any] = [
    [[float("nan")]],
    {"deep": [float("-inf")]},
    b"raw",
    object(),
    Decimal("0.1"),
    1j,
    range(3),
    {"of": object()},
    {object(): 1},
    "lone \ud800 surrogate",
    {"\udfff": 1},
    10**5000,
    LATEST,
    EARLIEST,
    circle(),
    Colour,
]


@pytest.mark.parametrize("value", UNSENDABLE, ids=lambda value: type(value).__name__)
def test_what_json_cannot_carry_is_refused_by_attribute(value: Any) -> None:
    with pytest.raises(AttributeValueError) as raised:
        codec.encode_batch(
            [Query("Task"), Update("Task", ("1",), {"name": "é", "bid": value})],
            primary_key,
        )

    assert (raised.value.entity_type, raised.value.attribute) == ("Task", "bid")
    assert raised.value.expected in str(raised.value)


@pytest.mark.parametrize("value", UNSENDABLE, ids=lambda value: type(value).__name__)
def test_what_json_cannot_carry_is_refused_by_argument(value: Any) -> None:
    with pytest.raises(InvalidOperationError) as raised:
        codec.encode_batch([{"action": "x", "body": value}], primary_key)

    assert (raised.value.action, raised.value.argument) == ("x", "body")
    assert raised.value.expected in str(raised.value)


def test_a_helper_operation_with_such_a_value_is_refused_too() -> None:
    with pytest.raises(InvalidOperationError, match="delayed_job"):
        codec.encode_batch([DelayedJob("x", {"of": object()})], primary_key)
    with pytest.raises(InvalidOperationError, match="surrogates"):
        codec.encode_batch([Query("Task where name is '\ud800'")], primary_key)


# The official client sends a member of such a class as its text or number.
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, "red"),
        (Size.LARGE, 3),
        (Share.HALF, 0.5),
        (Words("x"), "x"),
        ([Colour.RED, (Size.LARGE,)], ["red", [3]]),
        ({Colour.RED: Colour.RED, 5: 1}, {"red": "red", "5": 1}),
        (
            Moment(2024, 1, 2, tzinfo=UTC),
            {"__type__": "datetime", "value": "2024-01-02T00:00:00+00:00"},
        ),
        (Day(2024, 1, 2), {"__type__": "datetime", "value": "2024-01-02"}),
    ],
)
def test_a_subclass_of_a_scalar_is_sent_as_the_scalar(
    value: Any, expected: Any
) -> None:
    assert encoded(Update("Task", ("1",), {"a": value}))["entity_data"]["a"] == expected
    assert encoded({"action": "x", "a": value})["a"] == expected


def test_keys_are_sent_as_scalars_too() -> None:
    assert encoded(Delete("Task", (Colour.RED,)))["entity_key"] == ["red"]
    reference = Reference("Task", (Colour.RED,))
    assert codec.encode_reference(reference, primary_key)["id"] == "red"


def test_a_key_without_its_tuple_is_one_value() -> None:
    key: Any = "abc"  # a checker refuses it

    assert encoded(Delete("Task", key))["entity_key"] == ["abc"]


def test_text_of_every_script_is_escaped_and_comes_back() -> None:
    text = 'ü "quoted" \\ 東京 🎬 \n\x00'
    body = codec.encode_batch([Query(text)], primary_key)
    assert body.isascii()
    assert json.loads(body)[0]["expression"] == text


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-10-10T10:12:09", datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2022-10-10T10:12:09Z", datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2022-10-10T10:12:09.000Z", datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2022-10-10T12:12:09+02:00", datetime(2022, 10, 10, 10, 12, 9, tzinfo=UTC)),
        ("2025-12-01", datetime(2025, 12, 1, tzinfo=UTC)),
    ],
)
def test_wire_time_without_an_offset_is_utc(text: str, instant: datetime) -> None:
    decoded = codec.decode_datetime(text)
    assert decoded == instant
    assert decoded.tzinfo is UTC


def test_both_wrappers_of_time_are_read() -> None:
    day = codec.decode_scalar({"__type__": "date", "value": "2025-12-01"})
    moment = codec.decode_scalar({"__type__": "datetime", "value": "2025-12-01T01:02"})
    assert day == datetime(2025, 12, 1, tzinfo=UTC)
    assert moment == datetime(2025, 12, 1, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "text", ["a"], {"url": "u"}])
def test_other_scalars_stay_as_they_are(value: Any) -> None:
    assert codec.decode_scalar(value) == value


def test_a_key_is_read_in_the_order_of_its_names() -> None:
    data = {"key": "k", "parent_id": "p", "value": "v"}
    assert codec.decode_key(data, ("parent_id", "key")) == ("p", "k")
