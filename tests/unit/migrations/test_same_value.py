"""Values are compared as a server stores them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from ftrack_orm.migrations.planned_change import Missing
from ftrack_orm.migrations.same_value import same_value

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
REFERENCES = st.uuids().map(lambda key: {"__entity_type__": "Task", "id": str(key)})
VALUES = st.one_of(
    SCALARS,
    REFERENCES,
    st.lists(st.text(max_size=5), max_size=4),
    st.lists(REFERENCES, max_size=4),
    st.sampled_from(Missing),
)


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same_value("name", value, value)


@given(VALUES, VALUES)
def test_the_order_of_the_arguments_does_not_matter(a: Any, b: Any) -> None:
    assert same_value("name", a, b) == same_value("name", b, a)


@given(SCALARS, SCALARS)
def test_different_scalars_differ(a: Any, b: Any) -> None:
    assume(type(a) is not type(b) or a != b)
    assume(not (isinstance(a, int | float) and isinstance(b, int | float)))
    assert not same_value("name", a, b)


@given(st.lists(st.one_of(SCALARS, REFERENCES), max_size=6), st.randoms())
def test_the_order_of_a_list_does_not_matter(items: list[Any], random: Any) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert same_value("name", items, shuffled)
    assert not same_value("name", items, [*shuffled, "one more"])


@given(st.integers(-(2**53), 2**53))
def test_integers_and_floats_are_numbers(number: int) -> None:
    assert same_value("bid", number, float(number))
    other = number + 1 if number < 2**53 else number - 1
    assert not same_value("size", number, other)
    assert not same_value("size", number, float(other))


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),
    st.integers(-12, 12),
    st.integers(0, 999_999),
)
def test_times_are_compared_in_seconds_of_utc(
    moment: datetime, hours: int, fraction: int
) -> None:
    whole = moment.replace(microsecond=0)
    stored = {"__type__": "datetime", "value": whole.isoformat()}
    zone = timezone(timedelta(hours=hours))
    local = whole.replace(tzinfo=UTC, microsecond=fraction).astimezone(zone)
    assert same_value(
        "date", stored, {"__type__": "datetime", "value": local.isoformat()}
    )
    assert same_value("date", stored, local.isoformat())
    later = whole + timedelta(seconds=1)
    assert not same_value("date", stored, later.isoformat())


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (True, 1),
        (0, False),
        ("Done", "done"),
        ("1", 1),
        (None, ""),
        (None, Missing.UNSET),
        (Missing.ABSENT, Missing.UNSET),
        ("soon", {"__type__": "datetime", "value": "2024-01-01"}),
        (
            {"__entity_type__": "Task", "id": "a"},
            {"__entity_type__": "Task", "id": "b"},
        ),
        (["a", "a"], ["a", "b"]),
        ({"a": 1}, {"a": 1, "b": 2}),
    ],
)
def test_these_differ(a: Any, b: Any) -> None:
    assert not same_value("name", a, b)


def test_references_are_equal_by_their_keys() -> None:
    planned = {"__entity_type__": "Task", "id": "a"}
    read = {"__entity_type__": "Task", "id": "a", "project_id": "p"}
    assert same_value("parent", planned, read)
    assert same_value("members", [planned], [read])


def test_numbers_differ_by_more_than_rounding() -> None:
    assert same_value("bid", 0.1 + 0.2, 0.3)
    assert not same_value("bid", 1.0, math.nextafter(1.0, 2) + 1e-6)
    assert not same_value("bid", 1_700_000_000.25, 1_700_000_000.75)
