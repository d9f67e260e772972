"""Compare values in their wire form (protocol 3), as a server stores them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ftrack_orm.migrations.planned_change import Missing, canonical_json

_TYPE: Final = "__entity_type__"
_WRAPPED: Final = frozenset({"datetime", "date"})
_PRECISION: Final = 1e-12
"""Relative difference of equal fractions; a server stores double precision."""

_EXACT: Final = 2**53
"""Whole numbers up to this one have no rounding in double precision."""


def same_value(attribute: str, a: Any, b: Any) -> bool:
    """Return whether two values of an attribute are the same to a server.

    Numbers are equal as numbers, whether they are integers or not; fractions may differ
    by rounding. Times are equal in
    whole seconds of UTC. The order of a list does not matter: enumerators and
    collections have none. References are equal when they have the same key, whatever
    else the server returned with them. Text is equal by character, as an edit may
    change nothing but the case.

    Args:
        attribute: the server name; a time needs no wrapper where the other value has
            one.
        a: a value or a `Missing`.
        b: a value or a `Missing`.
    """
    if isinstance(a, Missing) or isinstance(b, Missing):
        return a is b
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return _is_same_number(a, b)
    if _is_time(a) or _is_time(b):
        return _seconds(a) == _seconds(b) != ""
    if isinstance(a, list) and isinstance(b, list):
        return _same_items(attribute, a, b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        if _TYPE in a and _TYPE in b:
            return _same_reference(a, b)
        return a.keys() == b.keys() and all(
            same_value(attribute, value, b[name]) for name, value in a.items()
        )
    return bool(a == b)


def _is_same_number(a: float, b: float) -> bool:
    if all(abs(each) <= _EXACT and each == int(each) for each in (a, b)):
        return a == b
    return a == b or math.isclose(a, b, rel_tol=_PRECISION)


def _same_items(attribute: str, a: list[Any], b: list[Any]) -> bool:
    if len(a) != len(b):
        return False
    # Most lists are equal in a common order; only a remainder is compared in pairs.
    first, second = (sorted(items, key=_sort_key) for items in (a, b))
    if all(same_value(attribute, *pair) for pair in zip(first, second, strict=True)):
        return True
    remaining = list(b)
    for item in a:
        for index, other in enumerate(remaining):
            if same_value(attribute, item, other):
                del remaining[index]
                break
        else:
            return False
    return True


def _sort_key(item: Any) -> str:
    if isinstance(item, Mapping) and "id" in item:
        return str(item["id"])
    return canonical_json(item)


def _same_reference(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Compare the attributes that both have: the key, and all of it in each."""
    shared = (a.keys() & b.keys()) - {_TYPE}
    return bool(shared) and all(a[name] == b[name] for name in shared)


def _is_time(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("__type__") in _WRAPPED


def _seconds(value: Any) -> str:
    """Return a time as ISO text in whole seconds of UTC; ``""`` for other values."""
    text = value.get("value") if isinstance(value, Mapping) else value
    if not isinstance(text, str):
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).replace(microsecond=0).isoformat()
    except OverflowError:
        return ""
