"""Encode Python values as literals of the query language."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, Final

from ftrack_orm.errors.query import CriterionError
from ftrack_orm.errors.root import shortened
from ftrack_orm.plain_values import plain_value
from ftrack_orm.query.ast import NULL, LiteralNode

_LARGEST: Final = 4096
"""The maximum bits of an integer; Python limits the length of integers as text."""

TRUE = LiteralNode("true", quoted=False)
FALSE = LiteralNode("false", quoted=False)


def encode_literal(value: Any) -> LiteralNode:
    """Return the literal of a value.

    Text is not escaped here but when the query is compiled. ``None`` becomes an
    unquoted ``none``, a datetime becomes ISO text in UTC with the offset (protocol
    5.2).

    Raises:
        CriterionError: the language has no literal for the value.
    """
    value = plain_value(value)
    match value:
        case None:
            return NULL
        case bool():
            return TRUE if value else FALSE
        case str() if _is_unicode(value):
            return LiteralNode(value)
        case int() if value.bit_length() <= _LARGEST:
            return LiteralNode(str(value), quoted=False)
        case float() if math.isfinite(value):
            return LiteralNode(repr(value), quoted=False)
        case datetime() if value.tzinfo is not None:
            return LiteralNode(_utc(value).isoformat())
        case _:
            raise _unfit(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return False
    return True


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):  # the year would be 0 or 10000
        raise _unfit(moment) from None


def _unfit(value: Any) -> CriterionError:
    return CriterionError(
        f"{shortened(value)} ({type(value).__name__}) cannot be used in a query. Use "
        "text, a finite number, a boolean, an aware datetime of the years 1 to 9999, "
        "or None."
    )
