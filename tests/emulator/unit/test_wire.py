"""The server's reading of values, against protocol 3.1 to 3.4."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.wire import (
    read_datetime,
    read_entity_data,
    read_key,
    read_scalar,
)
from ftrack_orm.types import Reference
from tests.support.schemas import recorded


@pytest.mark.parametrize(
    "sent",
    [
        {"__type__": "datetime", "value": "2022-10-10T10:12:09"},
        {"__type__": "datetime", "value": "2022-10-10T10:12:09.123456+00:00"},
        {"__type__": "datetime", "value": "2022-10-10T12:12:09+02:00"},
        {"__type__": "datetime", "value": "2022-10-10T06:42:09.5-03:30"},
        {"__type__": "datetime", "value": "2022-10-10T10:12:09.000Z"},
        "2022-10-10T10:12:09",
        "2022-10-10T10:12:09Z",
        "2022-10-10T10:12:09.123456789Z",
    ],
)
def test_every_form_of_a_datetime_is_read_as_naive_utc_seconds(sent: Any) -> None:
    assert read_datetime("Task.start_date", sent) == "2022-10-10T10:12:09"


@pytest.mark.parametrize(
    "sent",
    [
        {"__type__": "date", "value": "2018-05-25"},
        {"__type__": "datetime", "value": "2018-05-25"},
        "2018-05-25",
    ],
)
def test_a_date_alone_is_its_midnight(sent: Any) -> None:
    assert read_datetime("Task.start_date", sent) == "2018-05-25T00:00:00"


@pytest.mark.parametrize(
    "sent",
    ["tomorrow", "2022-13-40", 7, True, {"value": "2018-05-25"}, "20180525", ["x"]],
)
def test_what_is_no_date_is_refused(sent: Any) -> None:
    with pytest.raises(Invalid, match=r"Task\.start_date must be of type datetime"):
        read_datetime("Task.start_date", sent)


@pytest.mark.parametrize(
    ("entity_type", "name", "value"),
    [
        ("Task", "name", 7),
        ("Task", "name", ["a"]),
        ("Task", "bid", "7"),
        ("Task", "bid", True),
        ("Task", "status_id", 7),
        ("FileComponent", "size", 1.5),
        ("FileComponent", "size", "1"),
        ("Status", "is_active", 1),
        ("Status", "is_active", "true"),
        ("Job", "status", "finished"),
        ("Task", "start_date", 1234),
    ],
)
def test_a_value_of_another_type_is_refused(
    entity_type: str, name: str, value: Any
) -> None:
    attribute = recorded()[entity_type].attributes[name]
    with pytest.raises(Invalid, match=f"{entity_type}.{name} must be"):
        read_scalar(f"{entity_type}.{name}", attribute, value)


@pytest.mark.parametrize(
    ("entity_type", "name", "value"),
    [
        ("Task", "name", "anim"),
        ("Task", "name", None),
        ("Task", "bid", 7),
        ("Task", "bid", 7.5),
        ("FileComponent", "size", 10**12),
        ("Status", "is_active", False),
        ("Job", "status", "done"),
        ("Task", "status_id", None),
    ],
)
def test_a_value_of_its_type_is_stored_as_sent(
    entity_type: str, name: str, value: Any
) -> None:
    attribute = recorded()[entity_type].attributes[name]
    assert read_scalar("x", attribute, value) == value


def test_entity_data_tells_scalars_links_and_collections_apart() -> None:
    data = read_entity_data(
        recorded(),
        recorded()["Task"],
        {
            "__entity_type__": "Task",
            "name": "anim",
            "parent": {"__entity_type__": "Shot", "id": "c7"},
            "status": None,
            "metadata": [
                {"__entity_type__": "Metadata", "parent_id": "5f", "key": "source"}
            ],
        },
    )
    assert data.names == ["name", "parent", "status", "metadata"]
    assert data.scalars == {"name": "anim"}
    assert data.links == {"parent": Reference("Shot", ("c7",)), "status": None}
    assert data.collections == {"metadata": [Reference("Metadata", ("5f", "source"))]}


def test_entity_type_in_entity_data_is_optional() -> None:
    task = recorded()["Task"]
    assert read_entity_data(recorded(), task, {"name": "a"}).scalars == {"name": "a"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"nmae": "x"}, 'Unknown attribute "nmae" on entity Task'),
        ({"status": "s1"}, "Task.status must be a reference to Status"),
        ({"status": {"__entity_type__": "Status"}}, "without its primary key"),
        ({"status": {"__entity_type__": "Nope", "id": "1"}}, "unknown entity type"),
        ({"metadata": {"a": "b"}}, "Task.metadata must be a list of references"),
        ([], "entity_data of Task must be an object"),
    ],
)
def test_entity_data_that_cannot_be_meant_is_refused(data: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_entity_data(recorded(), recorded()["Task"], data)


def test_a_key_is_a_list_or_one_bare_value() -> None:
    assert read_key(recorded()["Task"], ["5f"]) == ("5f",)
    assert read_key(recorded()["Task"], "5f") == ("5f",)
    assert read_key(recorded()["Metadata"], ["5f", "source"]) == ("5f", "source")


@pytest.mark.parametrize("key", [[], ["a", "b"], None, [None], {"id": "a"}])
def test_a_key_with_another_number_of_values_is_refused(key: Any) -> None:
    with pytest.raises(Invalid, match="entity_key of Task"):
        read_key(recorded()["Task"], key)
