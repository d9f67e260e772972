from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_models import Task
from ftrack_orm import AttributeKindError, UnknownAttributeError
from tests.support.incomplete import incomplete

MOMENT = datetime(2026, 1, 5, tzinfo=UTC)
VALUES = {
    "count": 5,
    "half": 0.5,
    "whole": 24.0,
    "flag": True,
    "text": "abc",
    "day": MOMENT,
    "list": ["a"],
    "none": None,
}


@pytest.fixture
def task() -> Task:
    return incomplete(Task, name="anim", custom_attributes=VALUES)


@pytest.mark.parametrize(
    ("key", "kind", "expected"),
    [
        ("count", int, 5),
        ("count", float, 5.0),
        ("half", float, 0.5),
        ("whole", int, 24),
        ("flag", bool, True),
        ("text", str, "abc"),
        ("day", datetime, MOMENT),
        ("list", list, ["a"]),
        ("text", object, "abc"),
    ],
)
def test_a_value_of_the_type_is_returned(
    task: Task, key: str, kind: type[Any], expected: Any
) -> None:
    value = task.custom_attributes.read(key, kind)

    assert value == expected
    assert isinstance(value, kind)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("count", str),
        ("count", bool),
        ("half", int),
        ("flag", int),
        ("flag", float),
        ("text", float),
        ("day", str),
        ("list", str),
        ("none", str),
    ],
)
def test_a_value_of_another_type_is_refused(
    task: Task, key: str, kind: type[Any]
) -> None:
    with pytest.raises(AttributeKindError) as raised:
        task.custom_attributes.read(key, kind)

    place = f"Task 'anim'.custom_attributes[{key!r}] is "
    assert str(raised.value).startswith(place)
    assert (raised.value.value, raised.value.kind) == (VALUES[key], kind)


def test_a_key_that_is_not_there_is_an_error(task: Task) -> None:
    with pytest.raises(KeyError):
        task.custom_attributes.read("fstart", float)


def test_a_value_without_a_type_is_used_as_it_is(task: Task) -> None:
    attributes = task.custom_attributes

    assert attributes["count"] + attributes["half"] == 5.5
    assert attributes.get("whole") > 20
    assert attributes.get("missing", 3) + 1 == 4


def test_a_key_read_as_an_attribute_is_answered_with_the_item(task: Task) -> None:
    values: Any = task.custom_attributes
    with pytest.raises(UnknownAttributeError) as raised:
        _ = values.count

    assert "custom_attributes['count']" in str(raised.value)
    assert "your studio's models" in str(raised.value)
    assert not hasattr(values, "count")
