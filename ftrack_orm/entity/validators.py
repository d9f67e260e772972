"""Checks of single values: fast for the common type, exact for every other.

A check never coerces what a type checker would refuse, but for what JSON cannot say:
ISO text is accepted for a datetime, and a date wrapper never reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ftrack_orm.plain_values import plain_value
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import JSON

Outcome = tuple[Any, str | None]
"""The value as kept and ``None``, or anything and what was expected instead."""


class Check(NamedTuple):
    """How to check a value, and the words for what is expected."""

    expected: str
    run: Callable[[Any], Outcome]


def _plain(kind: type, expected: str) -> Check:
    def run(value: Any) -> Outcome:
        # A subclass such as an enum member of str is kept as the plain value, so
        # that what is compared and sent is always the same.
        if isinstance(value, kind) and not isinstance(value, bool):
            return plain_value(value), None
        return value, expected

    return Check(expected, run)


def _run_boolean(value: Any) -> Outcome:
    return (value, None) if isinstance(value, bool) else (value, "a boolean")


def _run_number(value: Any) -> Outcome:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = plain_value(value)
        return value, None if math.isfinite(value) else "a finite number"
    return value, "a number"


def _run_datetime(value: Any) -> Outcome:
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


def _run_anything(value: Any) -> Outcome:
    value = plain_value(value)
    if isinstance(value, datetime):
        return _run_datetime(value)
    if value is None or isinstance(value, bool | str | int | float | list | dict):
        return value, None
    return value, "a JSON value or a datetime"


def _run_object(value: Any) -> Outcome:
    return (value, None) if isinstance(value, dict) else (value, "a mapping")


def _run_link_items(value: Any) -> Outcome:
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
    "number": (None, NUMBER),  # a float may be infinite, or no number
    "boolean": (bool, BOOLEAN),
    "object": (dict, OBJECT),
}


def _one_of(values: tuple[JSON, ...]) -> Check:
    expected = "one of " + ", ".join(repr(value) for value in values)

    def run(value: Any) -> Outcome:
        for allowed in values:
            if value == allowed and isinstance(value, type(allowed)):
                return allowed, None
        return value, expected

    return Check(expected, run)


def holds_link_items(server_name: str, type_name: str | None) -> bool:
    """Return whether the attribute is a path of ancestors, ``link`` or ``_link``.

    The schema declares text; on the wire it is a list of id, name and type
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
    """Return the type that needs no check and the check for everything else.

    Relations are checked by the entity layer, which knows classes; here they pass.
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
