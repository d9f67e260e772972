"""Python values as literals of the query language, always encoded, never pasted."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from ftrack_orm.errors import CriterionError
from ftrack_orm.query.ast import NULL, Literal

TRUE = Literal("true", quoted=False)
FALSE = Literal("false", quoted=False)


def encode_literal(value: Any) -> Literal:
    """Return the literal that means `value`.

    Text stays as it is (quotes and backslashes are escaped when the text of the
    expression is written), ``None`` is bare ``none``, datetimes are ISO text in UTC
    with their offset (protocol 5.2).

    Raises:
        CriterionError: no literal can carry the value.
    """
    match value:
        case None:
            return NULL
        case bool():
            return TRUE if value else FALSE
        case str():
            return Literal(str(value))
        case int():
            return Literal(str(int(value)), quoted=False)
        case float() if math.isfinite(value):
            return Literal(repr(float(value)), quoted=False)
        case datetime() if value.tzinfo is not None:
            return Literal(value.astimezone(UTC).isoformat())
        case _:
            raise CriterionError(
                f"{value!r} ({type(value).__name__}) cannot stand in a query. Use "
                "text, a number, a boolean, an aware datetime or None."
            )
