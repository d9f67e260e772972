"""Parse expressions into query nodes by the grammar in `grammar.lark`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Final, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

from ftrack_orm.errors.emulator import EmulatorError, UnsupportedError
from ftrack_orm.query import ast

_OPERATORS: dict[str, ast.Operator] = {
    "is": "is",
    "=": "is",
    "is_not": "is_not",
    "!=": "is_not",
    ">": ">",
    "after": ">",
    "greater_than": ">",
    "<": "<",
    "before": "<",
    "less_than": "<",
    ">=": ">=",
    "<=": "<=",
    "like": "like",
    "not_like": "not_like",
}

MAX_LENGTH: Final = 1_000_000
"""Permitted characters of an expression.

Clients that load entities by id send lists of ids; 20,000 ids have fewer characters.
"""

MAX_CONDITIONS: Final = 5_000
"""Permitted conditions of an expression.

SQLAlchemy's time to compile a statement grows with the square of its conditions:
5,000 take two seconds, 20,000 take twenty.
"""

# Text in quotes is skipped, so that a word in it does not count.
_CONJUNCTION = re.compile(
    r"""("(?:\\.|[^"\\])*+"?|'(?:\\.|[^'\\])*+'?)|\b(?:and|or)\b""", re.I | re.S
)
_SHORTEST_CONDITION: Final = len("a=1or ")

# Any other sequence keeps its backslash, so that `\%` reaches `like`.
_ESCAPES = re.compile(r"""\\(["'\\])""")


class QuerySyntaxError(EmulatorError):
    """The expression does not follow the grammar.

    The message is the server's (protocol 1.6).

    Attributes:
        text: the expression.
        position: index of the first character that cannot be parsed.
    """

    def __init__(self, text: str, position: int) -> None:
        super().__init__(f"Failed to parse: {text}")
        self.text = text
        self.position = position


@lru_cache(maxsize=512)
def parse_query(text: str) -> ast.Query:
    """Return the query node of an expression.

    Operators are normalised to one spelling. A repeated clause takes its last value.

    Raises:
        QuerySyntaxError: the text does not follow the grammar.
        UnsupportedError: it is longer than `MAX_LENGTH`, or has more conditions than
            `MAX_CONDITIONS`.
    """
    _check_size(text)
    try:
        return cast(ast.Query, _parser().parse(text))
    except UnexpectedInput as error:
        raise QuerySyntaxError(text, _position(text, error)) from error


def _check_size(text: str) -> None:
    """Raise `UnsupportedError` for a text that would take minutes to evaluate."""
    if len(text) > MAX_LENGTH:
        raise UnsupportedError(
            f"an expression of more than {MAX_LENGTH:,} characters; send several "
            "queries"
        )
    if len(text) < MAX_CONDITIONS * _SHORTEST_CONDITION:
        return
    conjunctions = sum(not match[1] for match in _CONJUNCTION.finditer(text))
    if conjunctions >= MAX_CONDITIONS:
        raise UnsupportedError(
            f"an expression of more than {MAX_CONDITIONS:,} conditions; compare with "
            "a list of values instead, or send several queries"
        )


def _position(text: str, error: UnexpectedInput) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text)
    return cast(int, error.pos_in_stream)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = (
        resources.files("ftrack_orm.emulator.query_engine")
        .joinpath("grammar.lark")
        .read_text("utf-8")
    )
    return Lark(
        grammar, parser="lalr", transformer=_NodeBuilder(), maybe_placeholders=True
    )


class _Clause:
    """One clause after the criteria: a field of the query node and its value."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: object) -> None:
        self.name = name
        self.value = value


def _query(
    entity_type: str,
    projections: tuple[ast.Projection, ...],
    criteria: ast.Criteria | None,
    tail: Iterable[_Clause],
) -> ast.Query:
    clauses: dict[str, Any] = {clause.name: clause.value for clause in tail}
    return ast.Query(entity_type, projections, criteria, **clauses)


def _paths(children: Sequence[object]) -> tuple[ast.PathExpression, ...]:
    return tuple(child for child in children if isinstance(child, ast.PathExpression))


def _criteria(children: Sequence[object]) -> list[ast.Criteria]:
    return [
        cast(ast.Criteria, child) for child in children if not isinstance(child, Token)
    ]


class _NodeBuilder(Transformer[Token, Any]):
    """Build a query node for each rule of the grammar.

    The transformer of lark calls the method that has the name of the rule.
    """

    @v_args(inline=True)
    def start(self, query: ast.Query) -> ast.Query:
        return query

    def selecting(self, children: list[Any]) -> ast.Query:
        _, projections, _, entity_type, _, criteria, *tail = children
        return _query(str(entity_type), projections, criteria, tail)

    def plain(self, children: list[Any]) -> ast.Query:
        entity_type, _, criteria, *tail = children
        return _query(str(entity_type), (), criteria, tail)

    def subquery(self, children: list[Any]) -> ast.Query:
        return self.plain(children)

    def group_by(self, children: list[Any]) -> _Clause:
        return _Clause("group_by", _paths(children))

    def order_by(self, children: list[Any]) -> _Clause:
        return _Clause("order_by", tuple(children[2:]))

    def offset(self, children: list[Any]) -> _Clause:
        return _Clause("offset", _row_count(children[1]))

    def limit(self, children: list[Any]) -> _Clause:
        return _Clause("limit", _row_count(children[1]))

    def projections(self, children: list[Any]) -> tuple[ast.Projection, ...]:
        return tuple(children)

    @v_args(inline=True)
    def aggregate(self, function: Token, path: ast.PathExpression) -> ast.Aggregate:
        return ast.Aggregate(cast(ast.AggregateFunction, function.lower()), path)

    def path(self, children: list[ast.Step]) -> ast.PathExpression:
        return ast.PathExpression(tuple(children))

    @v_args(inline=True)
    def step(self, name: Token, downcast: Token | None) -> ast.Step:
        return ast.Step(str(name), None if downcast is None else str(downcast))

    @v_args(inline=True)
    def ordering(
        self, path: ast.PathExpression, direction: Token | None
    ) -> ast.Ordering:
        descending = direction is not None and direction.type == "DESCENDING"
        return ast.Ordering(path, descending)

    def disjunction(self, children: list[Any]) -> ast.Or:
        operands: list[ast.Criteria] = []
        for child in _criteria(children):
            operands += child.operands if isinstance(child, ast.Or) else (child,)
        return ast.Or(tuple(operands))

    def conjunction(self, children: list[Any]) -> ast.And:
        operands: list[ast.Criteria] = []
        for child in _criteria(children):
            operands += child.operands if isinstance(child, ast.And) else (child,)
        return ast.And(tuple(operands))

    @v_args(inline=True)
    def negation(self, _not: Token, operand: ast.Criteria) -> ast.Not:
        return ast.Not(operand)

    @v_args(inline=True)
    def quantified(
        self,
        path: ast.PathExpression,
        quantifier: Token,
        criteria: ast.Criteria | None,
    ) -> ast.Quantified:
        any_or_has: Any = quantifier.lower()
        return ast.Quantified(path, any_or_has, criteria)

    @v_args(inline=True)
    def membership(
        self,
        path: ast.PathExpression,
        operator: Token,
        candidates: tuple[ast.LiteralNode, ...] | ast.Query,
    ) -> ast.Membership:
        return ast.Membership(path, candidates, operator.lower() == "not_in")

    @v_args(inline=True)
    def comparison(
        self, path: ast.PathExpression, operator: Token, value: ast.LiteralNode
    ) -> ast.Comparison:
        return ast.Comparison(path, _OPERATORS[operator.lower()], value)

    def values(self, children: list[ast.LiteralNode]) -> tuple[ast.LiteralNode, ...]:
        return tuple(children)

    @v_args(inline=True)
    def value(self, token: Token) -> ast.LiteralNode:
        if token.type == "BARE":
            return ast.LiteralNode(str(token), quoted=False)
        return ast.LiteralNode(_ESCAPES.sub(r"\1", token[1:-1]))


_MAX_ROW_COUNT = 2**62
"""More rows than SQLite can hold, and within its 64-bit integers."""


def _row_count(digits: str) -> int:
    """Return an offset or limit, at most `_MAX_ROW_COUNT`."""
    # `int` raises ValueError for more than 4,300 digits.
    significant = digits.lstrip("0")
    if len(significant) >= len(str(_MAX_ROW_COUNT)):
        return _MAX_ROW_COUNT
    return int(significant or "0")
