"""Expressions of subscriptions and targets, held to the official client's reading."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ftrack_orm.emulator.events.expressions import (
    And,
    Condition,
    Expression,
    ExpressionSyntaxError,
    Not,
    Operator,
    Or,
    can_match_topic,
    matches,
    parse_expression,
)

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    from ftrack_api.event.expression import Parser

OFFICIAL = Parser()

FIELDS = ("topic", "data.name", "data.x", "source.user.username", "gone")
OPERATORS: tuple[Operator, ...] = ("=", "!=", ">=", "<=", ">", "<")
VALUES = ("ftrack.update", "jane", "a b", "0", "10", "x,y/z@w+v-u_t", "and", "(", "")

conditions = st.builds(
    Condition,
    st.sampled_from(FIELDS),
    st.sampled_from(OPERATORS),
    st.sampled_from(VALUES),
)


def _joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Not, inner), st.builds(And, several), st.builds(Or, several)
    )


expressions: st.SearchStrategy[Expression] = st.recursive(
    conditions, _joined, max_leaves=8
)

texts = st.sampled_from(["ftrack.update", "jane", "a b", "0", "10", "9", "and"])
candidates = st.fixed_dictionaries(
    {},
    optional={
        "topic": texts,
        "data": st.fixed_dictionaries({}, optional={"name": texts, "x": texts}),
        "source": st.fixed_dictionaries(
            {"user": st.fixed_dictionaries({"username": texts})}
        ),
    },
)


def render(expression: Expression) -> str:
    """Return text that means an expression; what is joined stands in parentheses."""
    match expression:
        case Condition(field, sign, value):
            return f'{field} {sign} "{value}"'
        case Not(operand):
            return f"not ({render(operand)})"
        case And(operands):
            return " and ".join(f"({render(each)})" for each in operands)
        case Or(operands):
            return " OR ".join(f"({render(each)})" for each in operands)


@given(expressions)
def test_what_is_rendered_is_parsed_again(expression: Expression) -> None:
    assert parse_expression(render(expression)) == expression


def _has_empty_value(expression: Expression) -> bool:
    match expression:
        case Condition():
            return expression.value == ""
        case Not(operand):
            return _has_empty_value(operand)
        case And(operands) | Or(operands):
            return any(map(_has_empty_value, operands))


@given(
    # The client looks at the last character of a value without asking for one.
    expressions.filter(lambda each: not _has_empty_value(each)),
    candidates,
)
def test_texts_match_as_they_do_for_the_official_client(
    expression: Expression, candidate: dict[str, Any]
) -> None:
    official = OFFICIAL.parse(render(expression)).match(candidate)
    assert matches(expression, candidate) is official


@pytest.mark.parametrize(
    "text",
    [
        "topic=ftrack.update",
        "topic = 'ftrack.update'",
        "topic=ftrack.update and source.user.username=jane",
        "topic=a or topic=b and data.x=1",
        "not topic=a and data.x=1",
        "not (topic=a and data.x=1)",
        "NOT topic=a AND (data.x=1 Or data.x=2)",
        'topic="a b" and data.name=x,y/z@w+v-u_t',
        'applicationId=ftrack.client.web and user.id="u1"',
    ],
)
@given(candidate=candidates)
def test_texts_mean_what_they_mean_to_the_official_client(
    text: str, candidate: dict[str, Any]
) -> None:
    official = _official(text).match(candidate)
    assert matches(parse_expression(text), candidate) is official


@cache
def _official(text: str) -> Any:
    """Return the client's reading of a text, which takes it milliseconds."""
    return OFFICIAL.parse(text)


def test_and_binds_closer_than_or_and_not_closest() -> None:
    a, b, c = (Condition(name, "=", "1") for name in "abc")
    assert parse_expression("not a=1 and b=1 or c=1") == Or((And((Not(a), b)), c))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "topic",
        "topic=",
        "=a",
        "topic=a and",
        "topic=a topic=b",
        "(topic=a",
        "topic=a)",
        'topic="a',
        "topic~a",
        "topic=a & topic=b",
        "not",
        "not " * 500 + "topic=a",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        parse_expression(text)


def test_any_number_of_parentheses_is_read() -> None:
    text = "(" * 3_000 + "topic=a" + ")" * 3_000
    assert parse_expression(text) == Condition("topic", "=", "a")


@pytest.mark.parametrize(
    ("topic", "is_meant"),
    [
        ("ftrack.update", True),
        ("ftrack.", True),
        ("ftrack", False),
        ("my.ftrack.update", False),  # the Python client alone would say yes
    ],
)
def test_a_star_at_the_end_stands_for_any_ending(topic: str, is_meant: bool) -> None:
    expression = parse_expression("topic=ftrack.*")
    assert matches(expression, {"topic": topic}) is is_meant


def test_a_star_is_a_character_with_other_operators_and_elsewhere() -> None:
    assert matches(parse_expression("topic!=ftrack.*"), {"topic": "ftrack.update"})
    assert not matches(parse_expression("topic=*.update"), {"topic": "ftrack.update"})
    assert not matches(parse_expression("data.x=*"), {"data": {"x": 1}})
    assert matches(parse_expression("topic=*"), {"topic": "anything"})


@pytest.mark.parametrize(
    ("text", "value", "is_meant"),
    [
        ("data.x=10", 10, True),
        ("data.x>9", 10, True),
        ("data.x<9.5", 10, False),
        ("data.x!=9", 10, True),
        ("data.x=ten", 10, False),
        ("data.x=true", True, False),
        ("data.x=null", None, False),
        ("data.x!=a", None, True),
        ("data.x.y=1", "text", False),
        ("data.x=1", [1], False),
    ],
)
def test_values_that_are_no_text(text: str, value: Any, is_meant: bool) -> None:
    assert matches(parse_expression(text), {"data": {"x": value}}) is is_meant


def test_a_field_that_is_not_there_fits_nothing() -> None:
    assert not matches(parse_expression("data.x!=1"), {"data": {}})
    assert matches(parse_expression("not data.x=1"), {})


@given(expressions, candidates.filter(lambda each: "topic" in each))
def test_an_event_that_matches_has_a_topic_that_can(
    expression: Expression, candidate: dict[str, Any]
) -> None:
    if matches(expression, candidate):
        assert can_match_topic(expression, candidate["topic"])


@pytest.mark.parametrize(
    ("text", "can"),
    [
        ("topic=ftrack.update", True),
        ("topic=ftrack.*", True),
        ("topic=ftrack.meta.reply", False),
        ("topic=ftrack.action.discover and source.user.username=jane", False),
        ("source.user.username=jane", True),
        ("topic=ftrack.update and data.x=1", True),
        ("not topic=ftrack.update", False),
        ("topic=other or data.x=1", True),
        ("topic=other or topic=another", False),
    ],
)
def test_a_topic_alone_tells_who_cannot_want_an_event(text: str, can: bool) -> None:
    assert can_match_topic(parse_expression(text), "ftrack.update") is can
