"""Which events a subscription is for, and which subscriber a target (protocol 8.5)."""

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
_DEEPEST: Final = 100
"""How deep conditions may be nested."""

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


class ExpressionSyntaxError(EmulatorError):
    """The text is no expression for events."""

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
    """True where its operand is not."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class And:
    """True where all operands are."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where one operand is."""

    operands: tuple[Expression, ...]


Expression: TypeAlias = Condition | Not | And | Or


# -- matching ------------------------------------------------------------------


def matches(expression: Expression, candidate: Mapping[str, Any]) -> bool:
    """Return whether an event, or the data of a subscriber, fits.

    A field that is not there fits no condition.
    """
    match expression:
        case Condition():
            return _holds(expression, candidate)
        case Not(operand):
            return not matches(operand, candidate)
        case And(operands):
            return all(matches(each, candidate) for each in operands)
        case Or(operands):
            return any(matches(each, candidate) for each in operands)


def can_match_topic(expression: Expression, topic: str) -> bool:
    """Return whether some event with that topic may fit."""
    return _of_topic(expression, topic) is not False


def _of_topic(expression: Expression, topic: str) -> bool | None:
    """Return whether it fits as far as the topic tells, ``None`` if it does not."""
    match expression:
        case Condition(field="topic"):
            return _holds(expression, {"topic": topic})
        case Condition():
            return None
        case Not(operand):
            found = _of_topic(operand, topic)
            return None if found is None else not found
        case And(operands):
            told = {_of_topic(each, topic) for each in operands}
            return False if False in told else None if None in told else True
        case Or(operands):
            told = {_of_topic(each, topic) for each in operands}
            return True if True in told else None if None in told else False


def _holds(condition: Condition, candidate: Mapping[str, Any]) -> bool:
    found: Any = candidate
    for part in condition.field.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    if condition.operator == "!=":
        return not _compares(found, "=", condition.value)
    if condition.operator == "=" and condition.value.endswith(_WILDCARD):
        return isinstance(found, str) and found.startswith(condition.value[:-1])
    return _compares(found, condition.operator, condition.value)


def _compares(found: Any, sign: Operator, value: str) -> bool:
    """Compare text as text and numbers as numbers; nothing else can be compared."""
    if isinstance(found, str):
        return _COMPARE[sign](found, value)
    if isinstance(found, int | float) and not isinstance(found, bool):
        try:
            return _COMPARE[sign](found, float(value))
        except ValueError:
            return False
    return False


# -- parsing -------------------------------------------------------------------


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Return what a subscription or target means.

    Raises:
        ExpressionSyntaxError: the text is none.
    """
    try:
        found = cast(Expression, _parser().parse(text))
    except UnexpectedInput as error:
        raise ExpressionSyntaxError(text) from error
    if not _is_shallow(found, _DEEPEST):
        raise ExpressionSyntaxError(text)
    return found


def _is_shallow(expression: Expression, levels: int) -> bool:
    """Return whether it can be evaluated level by level without running out of them."""
    match expression:
        case Condition():
            return True
        case Not(operand):
            return levels > 0 and _is_shallow(operand, levels - 1)
        case And(operands) | Or(operands):
            return levels > 0 and all(
                _is_shallow(each, levels - 1) for each in operands
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
    return tuple(each for each in children if not isinstance(each, Token))


class _Nodes(Transformer[Token, Any]):
    """Builds a node for each rule of the grammar, which its methods are named for."""

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
        # Official clients take off the quotes and leave backslashes alone.
        return str(token) if token.type == "BARE" else str(token[1:-1])
