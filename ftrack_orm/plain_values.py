"""Values of subclasses as the plain values that the wire and the models hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

PLAIN_TYPES: Final = frozenset({str, int, bool, float, type(None), datetime, date})
"""Types whose values are plain already."""


def plain_value(value: Any) -> Any:
    """Return a value of a subclass of a scalar type as the scalar itself.

    Members of ``(str, Enum)``, ``StrEnum``, ``IntEnum`` and their like become text or
    numbers, a subclass of `datetime` becomes a `datetime`. Any other value is returned
    as it is.
    """
    kind = type(value)
    if kind in PLAIN_TYPES:
        return value
    # `str(member)` is "Colour.RED", whatever the member's text; the unbound methods
    # ignore what a subclass overrides.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, datetime):
        return _plain_datetime(value)
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return value


def _plain_datetime(value: datetime) -> datetime:
    return datetime(
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond,
        value.tzinfo,
        fold=value.fold,
    )
