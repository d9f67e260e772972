"""Long lists of values: which queries they become, and which are refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from itertools import chain

import pytest

from ftrack_models import Appointment, Note, Project, Task
from ftrack_orm import Criterion, QueryError
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.splitting import (
    MOST_CHARACTERS,
    MOST_PARTS,
    MOST_VALUES,
    split_query,
)
from tests.support.fake_executor import select

LONG = [f"{number:036d}" for number in range(2_500)]


def query_of(*criteria: Criterion) -> ast.Query:
    node = criteria[0].node
    for criterion in criteria[1:]:
        node = ast.And((node, criterion.node))
    return ast.Query("Task", criteria=node)


def lists_of(part: ast.Query) -> list[list[str]]:
    """Return the texts of every list that all rows of a part must match."""
    criteria = part.criteria
    operands = criteria.operands if isinstance(criteria, ast.And) else (criteria,)
    return [
        [value.text for value in operand.candidates]
        for operand in operands
        if isinstance(operand, ast.Membership) and isinstance(operand.candidates, tuple)
    ]


def test_a_list_of_1000_keys_stays_one_query() -> None:
    query = query_of(Task.id.in_(LONG[:MOST_VALUES]))
    assert split_query(query) == [query]


def test_a_longer_list_becomes_pieces_in_its_order() -> None:
    parts = split_query(query_of(Task.id.in_(LONG)))
    pieces = [lists_of(part)[0] for part in parts]
    assert [len(piece) for piece in pieces] == [1000, 1000, 500]
    assert list(chain.from_iterable(pieces)) == LONG


@pytest.mark.parametrize("values", [LONG * 8, ["x" * 3_000 + text for text in LONG]])
def test_no_part_is_longer_than_the_bound(values: Sequence[str]) -> None:
    parts = split_query(query_of(Task.name.in_(values)))
    assert max(len(compile_query(part)) for part in parts) < MOST_CHARACTERS + 4_000


def test_a_value_longer_than_the_bound_is_a_part_by_itself() -> None:
    values = ["a", "b" * 2 * MOST_CHARACTERS, "c"]
    parts = split_query(query_of(Task.name.in_(values)))
    assert [lists_of(part) for part in parts] == [[["a"]], [[values[1]]], [["c"]]]


def test_repeated_values_are_left_out() -> None:
    query = query_of(Task.id.in_(LONG[:3] * 2_000))
    assert [lists_of(part) for part in split_query(query)] == [[LONG[:3]]]


def test_other_conditions_order_and_limit_are_in_every_part() -> None:
    tasks, _ = select(Task)
    query = tasks.where(Task.bid > 3, Task.id.in_(LONG)).order_by(Task.name).limit(7)
    parts = split_query(query._query)
    assert len(parts) == 3
    for part in parts:
        text = compile_query(part)
        assert "bid > 3" in text
        assert text.endswith("order by name ascending limit 7")


def test_two_long_lists_become_every_combination() -> None:
    parts = split_query(query_of(Task.id.in_(LONG), Task.name.in_(LONG[:1_500])))
    pairs = [tuple(map(tuple, lists_of(part))) for part in parts]
    firsts, seconds = ({pair[side] for pair in pairs} for side in (0, 1))
    assert sorted(itertools.chain(*firsts)) == sorted(LONG)
    assert sorted(itertools.chain(*seconds)) == sorted(LONG[:1_500])
    assert sorted(pairs) == sorted(itertools.product(firsts, seconds))
    assert max(sum(map(len, lists_of(part))) for part in parts) <= MOST_VALUES


def test_a_short_list_beside_a_long_one_stays_whole() -> None:
    parts = split_query(query_of(Task.id.in_(LONG), Task.name.in_(["a", "b"])))
    assert {tuple(lists_of(part)[1]) for part in parts} == {("a", "b")}
    assert [len(lists_of(part)[0]) for part in parts] == [998, 998, 504]


def test_too_many_combinations_are_refused() -> None:
    long = [f"{number:036d}" for number in range(40_000)]
    with pytest.raises(QueryError, match=r"id \(40,000 values\) and name") as caught:
        split_query(query_of(Task.id.in_(long), Task.name.in_(long)))
    assert f"{MOST_PARTS:,}" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Task.id.not_in(LONG), "id"),
        (lambda: ~Task.id.in_(LONG), "id"),
        (lambda: Task.name.in_(LONG) | (Task.bid > 3), "name"),
        (lambda: Task.notes.any(Note.content.in_(LONG)), "content"),
        (lambda: Task.project.has(Project.name.in_(LONG)), "name"),
        (lambda: Task.metadata["x"].in_(LONG), "value"),
        (
            lambda: Task.id.in_(
                select(Appointment)[0]
                .where(Appointment.id.in_(LONG))
                .only(Appointment.context_id)
            ),
            "id",
        ),
    ],
)
def test_a_long_list_elsewhere_is_refused(
    make: Callable[[], Criterion], name: str
) -> None:
    with pytest.raises(QueryError, match=rf"on {name} has 2,500 values") as caught:
        split_query(query_of(make()))
    assert "Pass it to where() as a separate condition" in str(caught.value)


def test_a_list_elsewhere_of_less_than_the_double_bound_is_sent_as_it_is() -> None:
    query = query_of(Task.id.not_in(LONG[:1_900]))
    assert split_query(query) == [query]


def test_a_list_is_split_beside_one_that_cannot_be() -> None:
    query = query_of(Task.id.in_(LONG), Task.name.not_in(LONG[:800]))
    parts = split_query(query)
    assert all(lists_of(part)[0] == LONG[:800] for part in parts)
    assert [text for part in parts for text in lists_of(part)[1]] == LONG
    assert all(len(lists_of(part)[1]) <= MOST_VALUES - 300 for part in parts)
