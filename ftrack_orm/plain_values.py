"""Convert values of subclasses to the plain values of the wire and the models."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

PLAIN_TYPES: Final = frozenset({str, int, bool, float, type(None), datetime, date})
"""Types whose values need no conversion."""


def plain_value(value: Any) -> Any:
    """Return the plain scalar for a value of a subclass of a scalar type.

    Members of ``(str, Enum)``, ``StrEnum``, ``IntEnum`` and similar classes become text
    or numbers, an instance of a subclass of `datetime` becomes a `datetime`. Any other
    value is returned unchanged.
    """
    if type(value) in PLAIN_TYPES:
        return value
    # `str(member)` is "Colour.RED" instead of the member's text. The unbound methods
    # ignore the overrides of subclasses.
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


def plain_texts(values: Any) -> tuple[str, ...] | None:
    """Return the texts of a list, or any iterable; ``None`` if it holds other values.

    A text alone is no list of texts, although it can be read as one of its letters.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return None
    texts = tuple(map(plain_value, values))
    return texts if all(type(text) is str for text in texts) else None


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
