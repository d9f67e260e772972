"""Graphs of indexes: their order, their circles, and the needs that close them."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st

from ftrack_orm.unit_of_work.circles import (
    circles,
    closing_needs,
    one_circle,
    stable_order,
)

SIZE = 8
graphs = st.dictionaries(
    st.integers(0, SIZE - 1), st.sets(st.integers(0, SIZE - 1)), max_size=SIZE
)


def reached(index: int, needs: dict[int, set[int]]) -> set[int]:
    """Return the indexes that an index needs, directly or not."""
    found: set[int] = set()
    pending = list(needs.get(index, ()))
    while pending:
        first = pending.pop()
        if first not in found:
            found.add(first)
            pending += needs.get(first, ())
    return found


def test_without_needs_the_order_stays() -> None:
    assert stable_order(4, {}) == [0, 1, 2, 3]


def test_an_index_waits_for_its_needs_and_no_longer() -> None:
    assert stable_order(4, {0: {2}}) == [1, 2, 0, 3]


def test_a_circle_and_the_indexes_that_need_it_are_left_out() -> None:
    assert stable_order(5, {0: {1}, 1: {0}, 3: {1}}) == [2, 4]


@given(graphs)
def test_the_order_has_each_index_that_needs_no_circle_after_its_needs(
    needs: dict[int, set[int]],
) -> None:
    order = stable_order(SIZE, needs)

    for place, index in enumerate(order):
        assert needs.get(index, set()) <= set(order[:place])
    in_circles = {index for index in range(SIZE) if index in reached(index, needs)}
    stuck = {
        index
        for index in range(SIZE)
        if index in in_circles or reached(index, needs) & in_circles
    }
    assert set(order) == set(range(SIZE)) - stuck


@given(graphs)
def test_circles_are_the_indexes_that_need_each_other(
    needs: dict[int, set[int]],
) -> None:
    expected = {
        frozenset(
            other
            for other in range(SIZE)
            if other == index
            or (index in reached(other, needs) and other in reached(index, needs))
        )
        for index in range(SIZE)
    }

    found = circles(needs)

    assert {frozenset(part) for part in found} == {p for p in expected if len(p) > 1}
    assert sum(map(len, found)) == len(set().union(*found))


@given(graphs)
def test_without_the_closing_needs_no_circle_is_left(
    needs: dict[int, set[int]],
) -> None:
    for part in circles(needs):
        within = {index: needs[index] & part - {index} for index in part}
        for index, first in closing_needs(part, within):
            within[index].remove(first)
        assert circles(within) == []


@given(graphs)
def test_one_circle_is_closed_and_each_index_comes_before_the_next(
    needs: dict[int, set[int]],
) -> None:
    for part in circles(needs):
        found = one_circle(part, needs)
        assert found[0] == found[-1]
        assert set(found) <= part
        for before, after in itertools.pairwise(found):
            assert before in needs[after]


def test_the_closing_need_of_a_ring_is_that_of_its_first_index() -> None:
    assert closing_needs({1, 2, 3}, {1: {2}, 2: {3}, 3: {1}}) == [(1, 2)]


def test_a_long_ring_takes_no_recursion() -> None:
    ring = {index: {(index + 1) % 5000} for index in range(5000)}

    [part] = circles(ring)

    assert len(part) == 5000
    assert len(closing_needs(part, ring)) == 1
    assert len(one_circle(part, ring)) == 5001
