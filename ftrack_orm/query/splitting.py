"""Split a query with a long list of values into queries of bounded length.

Servers fail on ``in`` lists of several thousand values (protocol 5.5). A list that
every row must match can be split: the parts together return the rows of the whole. A
list in any other place cannot be split.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Final, TypeGuard

from ftrack_orm.errors.query import QueryError
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_literal

MOST_VALUES: Final = 1_000
"""The maximum number of values in the lists of one query."""

MOST_CHARACTERS: Final = 50_000
"""The maximum characters of one query's lists: 1,000 keys, or fewer longer values."""

MOST_FIXED_CHARACTERS: Final = 100_000
"""The maximum characters of lists that cannot be split: 2,000 keys in one query."""

MOST_PARTS: Final = 1_000
"""The maximum number of queries for one select."""

_PER_VALUE: Final = MOST_CHARACTERS // MOST_VALUES


def split_query(query: ast.Query) -> list[ast.Query]:
    """Return queries that together return the rows of `query`; a short one unchanged.

    Two of them may return the same row: the server ignores case, and a
    condition through a collection may hold for several values. Each has the order,
    offset and limit of `query`.

    Raises:
        QueryError: a long list is in a place where it cannot be split, or the lists
            have too many combinations.
    """
    criteria = query.criteria
    if criteria is None:
        return [query]
    lists = list(_lists(criteria))
    total = sum(_size(membership) for membership in lists)
    if total <= MOST_CHARACTERS:
        return [query]
    return _split_lists(query, criteria, lists, total)


def _split_lists(
    query: ast.Query, criteria: ast.Criteria, lists: list[ast.Membership], total: int
) -> list[ast.Query]:
    """Return the queries for the pieces of `lists`, which have `total` characters."""
    operands = criteria.operands if isinstance(criteria, ast.And) else (criteria,)
    splittable = [operand for operand in operands if _is_splittable(operand)]
    rest = [operand for operand in operands if not _is_splittable(operand)]
    fixed = total - sum(_size(membership) for membership in splittable)
    if fixed > MOST_FIXED_CHARACTERS:
        raise _unsplittable(lists, splittable)
    if not splittable:
        return [query]
    # Each query repeats the lists that cannot be split. They may use up the limit, so
    # at least half of it is reserved for the others.
    chunks = _chunks(splittable, max(MOST_CHARACTERS - fixed, MOST_CHARACTERS // 2))
    count = math.prod(map(len, chunks))
    if count > MOST_PARTS:
        raise QueryError(
            f"The lists of {_describe(splittable)} need {count:,} queries, and the "
            f"maximum is {MOST_PARTS:,}. Select with one of them and compare the other "
            "in Python."
        )
    return [
        replace(query, criteria=_all_of([*rest, *combination]))
        for combination in product(*chunks)
    ]


def _all_of(operands: Sequence[ast.Criteria]) -> ast.Criteria:
    return operands[0] if len(operands) == 1 else ast.And(tuple(operands))


def _is_splittable(criteria: ast.Criteria) -> TypeGuard[ast.Membership]:
    return (
        isinstance(criteria, ast.Membership)
        and not criteria.negated
        and isinstance(criteria.candidates, tuple)
    )


def _lists(criteria: ast.Criteria) -> Iterator[ast.Membership]:
    """Yield all lists of values, including those of subqueries."""
    match criteria:
        case ast.Membership(candidates=ast.Query(criteria=inner)):
            if inner is not None:
                yield from _lists(inner)
        case ast.Membership():
            yield criteria
        case ast.Quantified(criteria=inner):
            if inner is not None:
                yield from _lists(inner)
        case ast.And(operands) | ast.Or(operands):
            for operand in operands:
                yield from _lists(operand)
        case ast.Not(operand):
            yield from _lists(operand)


def _values(membership: ast.Membership) -> tuple[ast.LiteralNode, ...]:
    candidates = membership.candidates
    return candidates if isinstance(candidates, tuple) else ()


def _size(membership: ast.Membership) -> int:
    """Return the characters of a list; each value counts as at least 50."""
    return sum(map(_size_of, _values(membership)))


def _size_of(value: ast.LiteralNode) -> int:
    return max(_PER_VALUE, len(compile_literal(value)) + 2)


def _chunks(
    lists: Sequence[ast.Membership], characters: int
) -> list[list[ast.Membership]]:
    """Return the pieces of each list.

    A query with one piece of each list has at most `characters`, or one value of each.
    """
    shares: dict[int, int] = {}
    remaining = characters
    # The shortest list comes first: characters that it does not need are shared by the
    # longer ones.
    by_size = sorted(range(len(lists)), key=lambda index: _size(lists[index]))
    for position, index in enumerate(by_size):
        share = remaining // (len(by_size) - position)
        shares[index] = max(share, _PER_VALUE)
        remaining -= min(share, _size(lists[index]))
    return [list(_pieces(lists[index], shares[index])) for index in range(len(lists))]


def _pieces(membership: ast.Membership, characters: int) -> Iterator[ast.Membership]:
    piece: list[ast.LiteralNode] = []
    size = 0
    for value in _values(membership):
        if piece and size + _size_of(value) > characters:
            yield ast.Membership(membership.path, tuple(piece))
            piece, size = [], 0
        piece.append(value)
        size += _size_of(value)
    yield ast.Membership(membership.path, tuple(piece))


def _describe(lists: Sequence[ast.Membership]) -> str:
    return " and ".join(
        f"{membership.path} ({len(_values(membership)):,} values)"
        for membership in lists
    )


def _unsplittable(
    lists: Sequence[ast.Membership], splittable: Sequence[ast.Membership]
) -> QueryError:
    others = [
        membership
        for membership in lists
        if not any(membership is other for other in splittable)
    ]
    longest = max(others, key=_size)
    word = "not_in()" if longest.negated else "in_()"
    return QueryError(
        f"{word} on {longest.path} has {len(_values(longest)):,} values, more than one "
        "query can contain, and only an in_() that every row must match can be split "
        "into several queries. Pass it to where() as a separate condition, not negated "
        "and not inside |, ~, any(), has(), a mapped attribute or another select; or "
        "select in parts."
    )
