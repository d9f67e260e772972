"""The pages left of a query or of its parts, and the rows that belong to a result."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm import ResponseFormatError
from ftrack_orm.query import ast
from ftrack_orm.select.executor import RawPage
from ftrack_orm.select.pages import (
    CHARACTERS_PER_REQUEST,
    QUERIES_PER_REQUEST,
    Pages,
)

QUERY = ast.Query("Task", projections=(ast.PathExpression.of("id"),))


def part(name: str) -> ast.Query:
    criteria = ast.Comparison(
        ast.PathExpression.of("name"), "is", ast.LiteralNode(name)
    )
    return ast.Query("Task", QUERY.projections, criteria)


def page(*ids: str, next_offset: int | None = None) -> RawPage:
    return RawPage([{"id": one} for one in ids], next_offset)


def test_a_query_continues_at_the_offset_that_the_server_gives() -> None:
    pages = Pages.of(QUERY, 2)
    assert pages.expressions() == ["select id from Task offset 0 limit 2"]

    pages, selected = pages.after([page("a", "b", next_offset=7)], ["a", "b"])
    assert selected == [True, True]
    assert pages.expressions() == ["select id from Task offset 7 limit 2"]

    pages, _ = pages.after([page("c")], ["c"])
    assert pages.is_finished
    assert pages.row_count == 3


def test_a_fetch_can_be_repeated() -> None:
    pages = Pages.of(QUERY, 2)
    fetched = [page("a", next_offset=1)]

    assert pages.after(fetched, ["a"]) == pages.after(fetched, ["a"])
    assert pages.expressions() == ["select id from Task offset 0 limit 2"]


def test_a_limit_shortens_the_last_page_and_ends_the_query() -> None:
    query = ast.Query("Task", QUERY.projections, offset=5, limit=3)
    pages = Pages.of(query, 2)
    assert pages.expressions() == ["select id from Task offset 5 limit 2"]

    pages, _ = pages.after([page("a", "b", next_offset=7)], ["a", "b"])
    assert pages.expressions() == ["select id from Task offset 7 limit 1"]

    pages, _ = pages.after([page("c", next_offset=8)], ["c"])
    assert pages.is_finished


@pytest.mark.parametrize("next_offset", [5, 4])
def test_a_next_offset_that_does_not_advance_is_an_error(next_offset: int) -> None:
    pages = Pages.of(ast.Query("Task", QUERY.projections, offset=5), 2)

    with pytest.raises(ResponseFormatError, match=f"next offset is {next_offset} "):
        pages.after([page("a", next_offset=next_offset)], ["a"])


def test_offset_and_limit_of_parts_count_distinct_rows() -> None:
    pages = Pages.of_parts([part("x"), part("y")], 10, offset=1, limit=2)
    identities = ["a", "b", "b", "a", "c", "d"]

    after, selected = pages.after([page(*"ab"), page(*"bacd")], identities)

    # Of a, b, c, d the first is skipped and the next two are within the limit.
    assert selected == [False, True, False, False, True, False]
    assert after.is_finished
    assert after.row_count == 2


def test_a_row_of_an_earlier_page_is_not_used_again() -> None:
    pages = Pages.of_parts([part("x")], 1, offset=0, limit=None)

    pages, first = pages.after([page("a", next_offset=1)], ["a"])
    pages, second = pages.after([page("a", "b")], ["a", "b"])

    assert [first, second] == [[True], [False, True]]
    assert pages.row_count == 2


def test_a_request_holds_a_bounded_number_of_parts_and_characters() -> None:
    many = [part(str(number)) for number in range(QUERIES_PER_REQUEST + 1)]
    pages = Pages.of_parts(many, 5, offset=0, limit=None)
    assert len(pages.expressions()) == QUERIES_PER_REQUEST

    empty = [RawPage([], None)] * QUERIES_PER_REQUEST
    pages, _ = pages.after(empty, [])
    (last,) = pages.expressions()
    assert f'name is "{QUERIES_PER_REQUEST}"' in last

    long = part("x" * CHARACTERS_PER_REQUEST)
    assert len(Pages.of_parts([long, part("y")], 5, 0, None).expressions()) == 1


def test_rows_of_ordered_parts_are_sorted_by_their_keys() -> None:
    pages = Pages.in_order([part("x"), part("y")], 10, {("a",): 0, ("b",): 1})
    fetched = [page("A", "b"), page("a")]

    def ids(rows: list[dict[str, Any]]) -> list[str]:
        return [row["id"] for row in rows]

    assert ids(pages.rows(fetched, ["id"])) == ["a", "b", "A"]
    assert ids(Pages.of(QUERY, 10).rows(fetched, ["id"])) == ["A", "b", "a"]
