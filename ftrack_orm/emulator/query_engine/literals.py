"""What a value in a query means beside an attribute, and the SQL that compares them.

Every condition here is true or not, and says false or null for "not": text is
compared without regard to case, datetimes as instants, null matches only ``is none``
and the negations (protocol 5.5 and 10, rows 7 to 9).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.query_engine.names import QueryValueError
from ftrack_orm.emulator.storage.database import folded
from ftrack_orm.emulator.storage.storage import is_among
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Attribute, AttributeKind

Condition: TypeAlias = sa.ColumnElement[bool]
Expression: TypeAlias = sa.ColumnElement[Any]
_Compare: TypeAlias = Callable[[Expression, Any], Condition]

_ORDERINGS: dict[str, _Compare] = {
    "is": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}
_BOOLEANS = {"true": 1, "1": 1, "false": 0, "0": 0}
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LARGEST = 2**63
_WORDS_FOR_NULL = frozenset({"none", "null"})


def is_null(literal: ast.LiteralNode) -> bool:
    """Return whether a value is the bare word for null."""
    return not literal.quoted and literal.text.lower() in _WORDS_FOR_NULL


class Comparer:
    """Compares the value of one attribute, `expression`, with literals."""

    def __init__(
        self, entity_type: str, attribute: Attribute, expression: Expression
    ) -> None:
        self._entity_type = entity_type
        self._attribute = attribute
        self._expression = expression

    def compare(self, operator: ast.Operator, literal: ast.LiteralNode) -> Condition:
        """Return the condition ``attribute operator literal``.

        Raises:
            QueryValueError: the literal is no value of such an attribute.
        """
        if operator == "is_not":
            return negate(self.compare("is", literal))
        if operator == "not_like":
            return negate(self.compare("like", literal))
        if is_null(literal):
            # Nothing is greater, smaller or like null.
            return self._expression.is_(None) if operator == "is" else sa.false()
        if self._attribute.type in ("variable", "object"):
            return self._compare_json(operator, literal)
        if operator == "like":
            return matches(self._text(), literal.text)
        if self._is_text:
            return compare_text(self._expression, operator, literal.text)
        return _ORDERINGS[operator](self._expression, self._value(literal))

    def is_among(self, literals: Sequence[ast.LiteralNode]) -> Condition:
        """Return the condition that the attribute has one of these values."""
        values = [each for each in literals if not is_null(each)]
        found: list[Condition] = []
        if len(values) < len(literals):
            found.append(self._expression.is_(None))
        if self._attribute.type in ("variable", "object"):
            found += [self._compare_json("is", each) for each in values]
        elif self._is_text:
            found.append(_text_among(self._expression, [one.text for one in values]))
        else:
            read = [self._value(each) for each in values]
            found.append(is_among(self._expression, read))
        return sa.or_(*found)

    @property
    def is_text(self) -> bool:
        """Return whether the attribute is compared without regard to case."""
        return self._is_text

    @property
    def _is_key(self) -> bool:
        name = self._attribute.name
        is_key = name == "id" or name.endswith("_id")
        return is_key or self._attribute.kind is AttributeKind.LINK

    @property
    def _is_text(self) -> bool:
        plain = self._attribute.type in ("string", None)
        return plain and not self._is_key and self._attribute.format != "date-time"

    def _text(self) -> Expression:
        if self._attribute.type in ("number", "integer", "boolean"):
            return sa.cast(self._expression, sa.Text)
        return self._expression

    def _value(self, literal: ast.LiteralNode) -> object:
        kind = self._attribute.type
        if kind == "boolean":
            return self._expected(
                _BOOLEANS.get(literal.text.lower()), literal, "true or false"
            )
        if kind in ("number", "integer"):
            return self._expected(read_number(literal.text), literal, "a number")
        if self._attribute.format == "date-time":
            return self._expected(read_instant(literal.text), literal, "a date")
        return literal.text

    def _expected(
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
        """Compare a value of any type with whatever the literal may mean.

        A list, as of an enumerator, fits when one of its items does.
        """
        stored = self._expression
        items = sa.func.json_each(stored).table_valued("value", "type")
        one = sa.and_(
            sa.func.json_type(stored) == "array",
            sa.select(sa.literal(1))
            .select_from(items)
            .where(_fits(items.c.value, items.c.type, operator, literal.text))
            .exists(),
        )
        plain = sa.func.json_extract(stored, "$")
        date = sa.func.json_extract(stored, "$.value")
        kind = sa.func.json_type(stored)
        return sa.or_(
            _fits(plain, kind, operator, literal.text),
            sa.and_(kind == "object", _fits_date(date, operator, literal.text)),
            one,
        )


def negate(condition: Condition) -> Condition:
    """Return the opposite of a condition that may be null, which counts as false."""
    return condition.is_not(sa.true())


def compare_text(left: Expression, operator: str, text: str) -> Condition:
    """Return a comparison of text without regard to case."""
    if not _is_simple(text):
        return _ORDERINGS[operator](sa.func.casefold(left), folded(text))
    found = _ORDERINGS[operator](left.collate("NOCASE"), text)
    return sa.and_(found, _has_no_nul(left)) if operator == "is" else found


def _is_simple(text: str) -> bool:
    """Return whether NOCASE and LIKE of SQLite compare a text as a server does."""
    return text.isascii() and "\0" not in text


def _has_no_nul(left: Expression) -> Condition:
    found = sa.func.instr(left, sa.literal_column("char(0)"))
    return found == sa.literal_column("0")


def matches(left: Expression, pattern: str) -> Condition:
    r"""Return ``left like pattern``: ``%`` is any run, ``\%`` a percent sign.

    An underscore stands for itself, other than in SQL. Two backslashes stand for one,
    so that one may come before a wildcard; nothing is known of servers there.
    """
    literal = re.sub(r"\\\\|\\%|\\|_", _escape, pattern)
    if _is_simple(literal):
        return left.like(literal, escape="\\")
    return sa.func.casefold(left).like(folded(literal), escape="\\")


def _escape(found: re.Match[str]) -> str:
    return found[0] if found[0] in ("\\%", "\\\\") else f"\\{found[0]}"


def read_number(text: str) -> float | int | None:
    """Return the number a text means, or `None`.

    Whole numbers of more than 64 bits are floats, as SQLite has no others.
    """
    try:
        whole = int(text)
    except ValueError:
        return _read_float(text)
    return whole if abs(whole) < _LARGEST else _read_float(text)


def _read_float(text: str) -> float | int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    is_whole = number.is_integer() and abs(number) < _LARGEST
    return int(number) if is_whole else number


def read_instant(text: str) -> str | None:
    """Return a date as stored, in UTC, or `None`; its fraction is kept.

    As text it stands between the whole seconds that are stored.
    """
    if not _ISO_DATE.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat()


def _text_among(left: Expression, texts: Sequence[str]) -> Condition:
    if all(map(_is_simple, texts)):
        return sa.and_(is_among(left.collate("NOCASE"), texts), _has_no_nul(left))
    return is_among(sa.func.casefold(left), list(map(folded, texts)))


def _fits(
    value: Expression, kind: Expression, operator: ast.Operator, text: str
) -> Condition:
    """Compare one plain JSON value, of the JSON type `kind`."""
    as_text = kind == "text"
    if operator == "like":
        is_plain = kind.in_(["text", "integer", "real"])
        return sa.and_(is_plain, matches(sa.cast(value, sa.Text), text))
    found = [sa.and_(as_text, compare_text(value, operator, text))]
    number = read_number(text)
    if number is not None:
        is_number = kind.in_(["integer", "real"])
        found.append(sa.and_(is_number, _ORDERINGS[operator](value, number)))
    if operator == "is" and text.lower() in ("true", "false"):
        found.append(kind == text.lower())
    return sa.or_(*found)


def _fits_date(value: Expression, operator: ast.Operator, text: str) -> Condition:
    if operator == "like":
        return matches(value, text)
    instant = read_instant(text)
    return sa.false() if instant is None else _ORDERINGS[operator](value, instant)
