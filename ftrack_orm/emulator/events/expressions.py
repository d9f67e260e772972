"""Parse and match the expressions of subscriptions and targets (protocol 8.5)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput

from ftrack_orm.errors.emulator import EmulatorError

Operator: TypeAlias = Literal["=", "!=", ">=", "<=", ">", "<"]

_WILDCARD: Final = "*"
_MAX_DEPTH: Final = 100
"""Permitted nesting depth of conditions, below Python's recursion limit."""

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


class ExpressionSyntaxError(EmulatorError):
    """The text is not a valid event expression."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"Failed to parse: {text!r}. Write comparisons such as topic=ftrack.* and "
            'data.name="x", joined by and, or, not and parentheses.'
        )
        self.text = text


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field with a value."""

    field: str
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """True if its operand is false."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class And:
    """True if all operands are."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True if any operand is."""

    operands: tuple[Expression, ...]


Expression: TypeAlias = Condition | Not | And | Or


# -- matching ------------------------------------------------------------------


def matches(expression: Expression, candidate: Mapping[str, Any]) -> bool:
    """Return whether an event, or the data of a subscriber, matches.

    A condition on a missing field is false, with ``!=`` too.
    """
    match expression:
        case Condition():
            return _is_met(expression, candidate)
        case Not(operand):
            return not matches(operand, candidate)
        case And(operands):
            return all(matches(operand, candidate) for operand in operands)
        case Or(operands):
            return any(matches(operand, candidate) for operand in operands)


def can_match_topic(expression: Expression, topic: str) -> bool:
    """Return whether an event with that topic may match."""
    return _match_topic(expression, topic) is not False


def _match_topic(expression: Expression, topic: str) -> bool | None:
    """Return whether it matches; ``None`` if that depends on other fields."""
    match expression:
        case Condition(field="topic"):
            return _is_met(expression, {"topic": topic})
        case Condition():
            return None
        case Not(operand):
            result = _match_topic(operand, topic)
            return None if result is None else not result
        case And(operands):
            results = {_match_topic(operand, topic) for operand in operands}
            return False if False in results else None if None in results else True
        case Or(operands):
            results = {_match_topic(operand, topic) for operand in operands}
            return True if True in results else None if None in results else False


def _is_met(condition: Condition, candidate: Mapping[str, Any]) -> bool:
    value: Any = candidate
    for part in condition.field.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    if condition.operator == "!=":
        return not _compare(value, "=", condition.value)
    if condition.operator == "=" and condition.value.endswith(_WILDCARD):
        return isinstance(value, str) and value.startswith(condition.value[:-1])
    return _compare(value, condition.operator, condition.value)


def _compare(value: Any, sign: Operator, operand: str) -> bool:
    """Compare texts as texts and numbers as numbers; False for other values."""
    if isinstance(value, str):
        return _COMPARE[sign](value, operand)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return _COMPARE[sign](value, float(operand))
        except ValueError:
            return False
    return False


# -- parsing -------------------------------------------------------------------


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Return the expression of a subscription or target.

    Raises:
        ExpressionSyntaxError: the text cannot be parsed, or is nested too deeply.
    """
    try:
        expression = cast(Expression, _parser().parse(text))
    except UnexpectedInput as error:
        raise ExpressionSyntaxError(text) from error
    if not _is_shallow(expression, _MAX_DEPTH):
        raise ExpressionSyntaxError(text)
    return expression


def _is_shallow(expression: Expression, levels: int) -> bool:
    """Return whether it is nested no deeper than `levels`."""
    match expression:
        case Condition():
            return True
        case Not(operand):
            return levels > 0 and _is_shallow(operand, levels - 1)
        case And(operands) | Or(operands):
            return levels > 0 and all(
                _is_shallow(operand, levels - 1) for operand in operands
            )


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = (
        resources.files("ftrack_orm.emulator.events")
        .joinpath("expressions.lark")
        .read_text("utf-8")
    )
    return Lark(grammar, parser="lalr", transformer=_Nodes())


def _operands(children: list[Any]) -> tuple[Expression, ...]:
    return tuple(child for child in children if not isinstance(child, Token))


class _Nodes(Transformer[Token, Any]):
    """Builds the node of each grammar rule; lark calls the method of the same name."""

    def disjunction(self, children: list[Any]) -> Or:
        return Or(_operands(children))

    def conjunction(self, children: list[Any]) -> And:
        return And(_operands(children))

    @v_args(inline=True)
    def negation(self, _not: Token, operand: Expression) -> Not:
        return Not(operand)

    @v_args(inline=True)
    def condition(self, name: Token, sign: Token, value: str) -> Condition:
        return Condition(str(name), cast(Operator, str(sign)), value)

    @v_args(inline=True)
    def value(self, token: Token) -> str:
        # Official clients remove the quotes and do not process backslashes.
        return str(token) if token.type == "BARE" else str(token[1:-1])
