"""Compare attributes with the literals of a query, as SQL conditions.

Text is compared without regard to case and datetimes as instants. Null matches only
``is none`` and the negated operators (protocol 5.5 and 10, rows 7 to 9). A condition
that does not hold is false or null.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.query_engine.names import QueryValueError
from ftrack_orm.emulator.storage.database import casefold
from ftrack_orm.emulator.storage.storage import is_among
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Attribute, AttributeKind

Condition: TypeAlias = sa.ColumnElement[bool]
Expression: TypeAlias = sa.ColumnElement[Any]
_Compare: TypeAlias = Callable[[Expression, Any], Condition]

_COMPARISONS: dict[str, _Compare] = {
    "is": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}
_BOOLEANS = {"true": 1, "1": 1, "false": 0, "0": 0}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_INT64_LIMIT = 2**63
_NULL_WORDS = frozenset({"none", "null"})


def is_null(literal: ast.LiteralNode) -> bool:
    """Return whether a literal is the bare word for null."""
    return not literal.quoted and literal.text.lower() in _NULL_WORDS


class Comparer:
    """Compare one attribute, whose SQL is `expression`, with literals."""

    def __init__(
        self, entity_type: str, attribute: Attribute, expression: Expression
    ) -> None:
        self._entity_type = entity_type
        self._attribute = attribute
        self._expression = expression

    def compare(self, operator: ast.Operator, literal: ast.LiteralNode) -> Condition:
        """Return the condition ``attribute operator literal``.

        Raises:
            QueryValueError: the literal is not a value of the attribute's type.
        """
        if operator == "is_not":
            return negate(self.compare("is", literal))
        if operator == "not_like":
            return negate(self.compare("like", literal))
        if is_null(literal):
            # Null is neither greater nor smaller than a value, nor like one.
            return self._expression.is_(None) if operator == "is" else sa.false()
        if self._attribute.type in ("variable", "object"):
            return self._compare_json(operator, literal)
        if operator == "like":
            return matches(self._text(), literal.text)
        if self.is_text:
            return compare_text(self._expression, operator, literal.text)
        return _COMPARISONS[operator](self._expression, self._value(literal))

    def is_among(self, literals: Sequence[ast.LiteralNode]) -> Condition:
        """Return the condition that the attribute equals one of the literals."""
        values = [literal for literal in literals if not is_null(literal)]
        conditions: list[Condition] = []
        if len(values) < len(literals):
            conditions.append(self._expression.is_(None))
        if self._attribute.type in ("variable", "object"):
            conditions += [self._compare_json("is", literal) for literal in values]
        elif self.is_text:
            texts = [literal.text for literal in values]
            conditions.append(_text_among(self._expression, texts))
        else:
            stored_values = [self._value(literal) for literal in values]
            conditions.append(is_among(self._expression, stored_values))
        return sa.or_(*conditions)

    @property
    def is_text(self) -> bool:
        """Return whether the attribute is compared without regard to case."""
        is_string = self._attribute.type in ("string", None)
        return is_string and not self._is_key and self._attribute.format != "date-time"

    @property
    def _is_key(self) -> bool:
        name = self._attribute.name
        is_key = name == "id" or name.endswith("_id")
        return is_key or self._attribute.kind is AttributeKind.LINK

    def _text(self) -> Expression:
        if self._attribute.type in ("number", "integer", "boolean"):
            return sa.cast(self._expression, sa.Text)
        return self._expression

    def _value(self, literal: ast.LiteralNode) -> object:
        value_type = self._attribute.type
        if value_type == "boolean":
            return self._require_value(
                _BOOLEANS.get(literal.text.lower()), literal, "true or false"
            )
        if value_type in ("number", "integer"):
            return self._require_value(read_number(literal.text), literal, "a number")
        if self._attribute.format == "date-time":
            return self._require_value(read_instant(literal.text), literal, "a date")
        return literal.text

    def _require_value(
        self, value: object | None, literal: ast.LiteralNode, expected: str
    ) -> object:
        if value is None:
            raise QueryValueError(
                self._entity_type, self._attribute.name, literal.text, expected
            )
        return value

    def _compare_json(
        self, operator: ast.Operator, literal: ast.LiteralNode
    ) -> Condition:
        """Compare JSON text with a literal as text, number, boolean and date.

        A list, as the value of an enumerator, matches when one of its items does.
        """
        stored = self._expression
        items = sa.func.json_each(stored).table_valued("value", "type")
        item_matches = sa.and_(
            sa.func.json_type(stored) == "array",
            sa.select(sa.literal(1))
            .select_from(items)
            .where(_json_matches(items.c.value, items.c.type, operator, literal.text))
            .exists(),
        )
        plain = sa.func.json_extract(stored, "$")
        date = sa.func.json_extract(stored, "$.value")
        json_type = sa.func.json_type(stored)
        return sa.or_(
            _json_matches(plain, json_type, operator, literal.text),
            sa.and_(
                json_type == "object", _json_date_matches(date, operator, literal.text)
            ),
            item_matches,
        )


def negate(condition: Condition) -> Condition:
    """Return the opposite of a condition; null counts as false."""
    # SQL's NOT leaves null as it is, and a null condition would drop the row.
    return condition.is_not(sa.true())


def compare_text(left: Expression, operator: str, text: str) -> Condition:
    """Return the condition that compares text without regard to case."""
    if not _is_simple(text):
        return _COMPARISONS[operator](sa.func.casefold(left), casefold(text))
    comparison = _COMPARISONS[operator](left.collate("NOCASE"), text)
    # NOCASE stops at a NUL character: `Ab` would equal a stored `ab\0c`.
    return sa.and_(comparison, _has_no_nul(left)) if operator == "is" else comparison


def _is_simple(text: str) -> bool:
    """Return whether NOCASE and LIKE of SQLite compare a text as a server does.

    NOCASE ignores the case of ASCII letters only. Both stop at a NUL character.
    """
    return text.isascii() and "\0" not in text


def _has_no_nul(left: Expression) -> Condition:
    position = sa.func.instr(left, sa.literal_column("char(0)"))
    return position == sa.literal_column("0")


def matches(left: Expression, pattern: str) -> Condition:
    r"""Return the condition ``left like pattern``.

    ``%`` matches any run of characters and ``\%`` a percent sign. An underscore
    matches itself, unlike in SQL. Two backslashes match one, so that a backslash may
    precede a wildcard; no record shows how servers read that.
    """
    literal = re.sub(r"\\\\|\\%|\\|_", _escape, pattern)
    if _is_simple(literal):
        return left.like(literal, escape="\\")
    return sa.func.casefold(left).like(casefold(literal), escape="\\")


def _escape(match: re.Match[str]) -> str:
    return match[0] if match[0] in ("\\%", "\\\\") else f"\\{match[0]}"


def read_number(text: str) -> float | int | None:
    """Return the number a text spells, or `None`.

    Whole numbers of more than 64 bits become floats, because SQLite's integers end
    there.
    """
    try:
        whole = int(text)
    except ValueError:
        return _read_float(text)
    return whole if abs(whole) < _INT64_LIMIT else _read_float(text)


def _read_float(text: str) -> float | int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    is_whole = number.is_integer() and abs(number) < _INT64_LIMIT
    return int(number) if is_whole else number


def read_instant(text: str) -> str | None:
    """Return an ISO date as it is stored, in UTC without an offset, or `None`.

    A fraction of a second stays: as text it sorts between the whole seconds that are
    stored. Month and day may lack leading zeros, as in `2024-1-8` (protocol D).
    """
    date = _DATE.match(text)
    if date is None:
        return None
    year, month, day = date.groups()
    try:
        moment = datetime.fromisoformat(
            f"{year}-{month:0>2}-{day:0>2}{text[date.end() :]}"
        )
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat()


def _text_among(left: Expression, texts: Sequence[str]) -> Condition:
    if all(map(_is_simple, texts)):
        return sa.and_(is_among(left.collate("NOCASE"), texts), _has_no_nul(left))
    return is_among(sa.func.casefold(left), list(map(casefold, texts)))


def _json_matches(
    value: Expression, json_type: Expression, operator: ast.Operator, text: str
) -> Condition:
    """Return the condition for one JSON value that is no list or object."""
    if operator == "like":
        is_plain = json_type.in_(["text", "integer", "real"])
        return sa.and_(is_plain, matches(sa.cast(value, sa.Text), text))
    conditions = [sa.and_(json_type == "text", compare_text(value, operator, text))]
    number = read_number(text)
    if number is not None:
        is_number = json_type.in_(["integer", "real"])
        conditions.append(sa.and_(is_number, _COMPARISONS[operator](value, number)))
    if operator == "is" and text.lower() in ("true", "false"):
        conditions.append(json_type == text.lower())
    return sa.or_(*conditions)


def _json_date_matches(
    value: Expression, operator: ast.Operator, text: str
) -> Condition:
    if operator == "like":
        return matches(value, text)
    instant = read_instant(text)
    return sa.false() if instant is None else _COMPARISONS[operator](value, instant)
