"""Check single values: fast for the exact type, thorough for every other.

A check does not coerce a value that a type checker would reject. The one exception is
ISO text for a datetime, because JSON has no datetime.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ftrack_orm.plain_values import plain_value
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import JSON

Checked = tuple[Any, str | None]
"""The value to store and ``None``, or any value and a description of valid ones."""


class Check(NamedTuple):
    """The check of a value.

    Attributes:
        expected: the description of valid values, for error messages.
        run: returns the value to store, or a description of valid values.
    """

    expected: str
    run: Callable[[Any], Checked]


def _plain(value_type: type, expected: str) -> Check:
    def run(value: Any) -> Checked:
        # A subclass, such as an enum member of `str`, is stored as a plain value:
        # else the compared and the sent value could differ.
        if isinstance(value, value_type) and not isinstance(value, bool):
            return plain_value(value), None
        return value, expected

    return Check(expected, run)


def _run_boolean(value: Any) -> Checked:
    return (value, None) if isinstance(value, bool) else (value, "a boolean")


def _run_number(value: Any) -> Checked:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = plain_value(value)
        return value, None if math.isfinite(value) else "a finite number"
    return value, "a number"


def _run_datetime(value: Any) -> Checked:
    expected = "a datetime with a time zone, such as datetime.now(UTC)"
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value, expected
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value, expected
    try:
        return plain_value(value).astimezone(UTC), None
    except (OverflowError, ValueError):
        return value, "a datetime of the years 1 to 9999 in UTC"


def _run_anything(value: Any) -> Checked:
    value = plain_value(value)
    if isinstance(value, datetime):
        return _run_datetime(value)
    if value is None or isinstance(value, bool | str | int | float | list | dict):
        return value, None
    return value, "a JSON value or a datetime"


def _run_object(value: Any) -> Checked:
    return (value, None) if isinstance(value, dict) else (value, "a mapping")


def _run_link_items(value: Any) -> Checked:
    is_list = isinstance(value, list)
    if is_list and all(isinstance(item, dict) for item in value):
        return value, None
    return value, "a list of mappings with id, name and type"


TEXT = _plain(str, "text")
INTEGER = _plain(int, "a whole number")
NUMBER = Check("a number", _run_number)
BOOLEAN = Check("a boolean", _run_boolean)
DATETIME = Check("a datetime with a time zone", _run_datetime)
OBJECT = Check("a mapping", _run_object)
LINK_ITEMS = Check("a list of mappings with id, name and type", _run_link_items)
ANYTHING = Check("a JSON value or a datetime", _run_anything)

_BY_TYPE: dict[str | None, tuple[type | None, Check]] = {
    "string": (str, TEXT),
    "integer": (int, INTEGER),
    "number": (None, NUMBER),  # a float may be infinite or NaN
    "boolean": (bool, BOOLEAN),
    "object": (dict, OBJECT),
}


def _one_of(values: tuple[JSON, ...]) -> Check:
    expected = "one of " + ", ".join(repr(value) for value in values)

    def run(value: Any) -> Checked:
        for allowed in values:
            if value == allowed and isinstance(value, type(allowed)):
                return allowed, None
        return value, expected

    return Check(expected, run)


def holds_link_items(server_name: str, type_name: str | None) -> bool:
    """Return whether the attribute is a path of ancestors, ``link`` or ``_link``.

    The schema declares text, but the wire has a list of id, name and type
    (protocol 4.3).
    """
    return server_name in ("link", "_link") and type_name == "string"


def check_for(
    kind: AttributeKind,
    type_name: str | None,
    format_name: str | None,
    enum: tuple[JSON, ...] | None,
    server_name: str = "",
) -> tuple[type | None, Check]:
    """Return the type whose values need no check, and the check for other values.

    Relations need no check here: `ftrack_orm.entity.targets` checks them.
    """
    if kind is not AttributeKind.SCALAR:
        return None, ANYTHING
    if enum:
        return None, _one_of(enum)
    if holds_link_items(server_name, type_name):
        return None, LINK_ITEMS
    if type_name == "string" and format_name == "date-time":
        return None, DATETIME
    return _BY_TYPE.get(type_name, (None, ANYTHING))
