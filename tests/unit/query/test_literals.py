"""Python values as literals of the query language (protocol 5.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest

from ftrack_orm import CriterionError
from ftrack_orm.query.ast import LiteralNode
from ftrack_orm.query.literals import encode_literal


class Fruit(StrEnum):
    PLUM = "plum"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), (True, "true"), (False, "false"), (1, "1"), (-2.5, "-2.5")],
)
def test_words_and_numbers_are_not_quoted(value: Any, text: str) -> None:
    assert encode_literal(value) == LiteralNode(text, quoted=False)


@pytest.mark.parametrize("text", ["none", "true", "1", "", 'a "b" \\'])
def test_text_is_quoted_and_not_yet_escaped(text: str) -> None:
    assert encode_literal(text) == LiteralNode(text, quoted=True)


def test_a_member_of_an_enumeration_of_text_is_its_text() -> None:
    literal = encode_literal(Fruit.PLUM)

    assert literal == LiteralNode("plum")
    assert type(literal.text) is str


def test_a_moment_is_written_in_utc_with_its_offset() -> None:
    east = timezone(timedelta(hours=2))

    assert encode_literal(datetime(2024, 3, 1, 1, 30, tzinfo=east)) == LiteralNode(
        "2024-02-29T23:30:00+00:00"
    )


def test_a_float_keeps_every_digit() -> None:
    value = 0.1 + 0.2

    assert float(encode_literal(value).text) == value


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        datetime(2024, 3, 1),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(9999, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-1))),
        date(2024, 3, 1),
        "\ud800",
        b"bytes",
        ["a"],
        1 << 4096,
    ],
)
def test_a_value_without_a_literal_is_refused(value: Any) -> None:
    with pytest.raises(CriterionError, match="cannot be used in a query"):
        encode_literal(value)


def test_the_largest_integer_and_the_first_year_are_accepted() -> None:
    largest = (1 << 4096) - 1

    assert int(encode_literal(largest).text) == largest
    assert encode_literal(datetime(1, 1, 1, tzinfo=UTC)).text == (
        "0001-01-01T00:00:00+00:00"
    )
