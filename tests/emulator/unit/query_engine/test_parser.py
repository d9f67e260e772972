"""Every form of protocol 5.1 to 5.4, as nodes."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator.query_engine.parser import (
    MAX_CONDITIONS,
    MAX_LENGTH,
    QuerySyntaxError,
    parse_query,
)
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.query.ast import (
    NULL,
    Aggregate,
    And,
    Comparison,
    Criteria,
    LiteralNode,
    Membership,
    Not,
    Operator,
    Or,
    Ordering,
    PathExpression,
    Quantified,
    Query,
    Step,
)


def path(dotted: str) -> PathExpression:
    return PathExpression.of(dotted)


def bare(text: str) -> LiteralNode:
    return LiteralNode(text, quoted=False)


def is_(dotted: str, value: LiteralNode, operator: Operator = "is") -> Comparison:
    return Comparison(path(dotted), operator, value)


def criteria(text: str) -> Criteria | None:
    return parse_query(f"Task where {text}").criteria


def test_a_type_alone_is_a_query() -> None:
    assert parse_query("Project") == Query("Project")
    assert parse_query(" Project\n limit 10") == Query("Project", limit=10)


def test_projections_are_paths_with_downcasts() -> None:
    found = parse_query("select name, parent[Shot].name,asset.versions.id from Task")
    assert found.projections == (
        path("name"),
        PathExpression((Step("parent", "Shot"), Step("name"))),
        path("asset.versions.id"),
    )


def test_tail_clauses_come_in_any_order_and_the_last_wins() -> None:
    found = parse_query("Task limit 2 order by a limit 7 offset 3 order by b desc")
    assert found == Query(
        "Task", order_by=(Ordering(path("b"), descending=True),), offset=3, limit=7
    )


def test_ordering_has_long_and_short_directions() -> None:
    found = parse_query("Task order by type.name descending, a ascending, b asc, c")
    assert found.order_by == (
        Ordering(path("type.name"), descending=True),
        Ordering(path("a")),
        Ordering(path("b")),
        Ordering(path("c")),
    )


@pytest.mark.parametrize(
    ("spelling", "operator"),
    [
        ("is", "is"),
        ("=", "is"),
        ("is_not", "is_not"),
        ("!=", "is_not"),
        (">", ">"),
        ("after", ">"),
        ("greater_than", ">"),
        ("<", "<"),
        ("before", "<"),
        ("less_than", "<"),
        (">=", ">="),
        ("<=", "<="),
        ("like", "like"),
        ("not_like", "not_like"),
        ("IS_NOT", "is_not"),
    ],
)
def test_synonyms_of_operators_have_one_spelling(
    spelling: str, operator: Operator
) -> None:
    assert criteria(f'a {spelling} "x"') == is_("a", LiteralNode("x"), operator)


def test_and_binds_tighter_than_or_and_chains_are_flat() -> None:
    a, b, c = (is_(name, bare("1")) for name in "abc")
    assert criteria("a=1 or b=1 and c=1") == Or((a, And((b, c))))
    assert criteria("(a=1 and b=1) and c=1") == And((a, b, c))
    assert criteria("a=1 or (b=1 or c=1)") == Or((a, b, c))
    assert criteria("not (a=1 or b=1) and c=1") == And((Not(Or((a, b))), c))
    assert criteria("not not a=1") == Not(Not(a))


def test_a_keyword_may_touch_the_quote_before_it() -> None:
    """PY builds its composite lookups so (5.1)."""
    text = '(parent_id is "x"and key is "y") or(parent_id is "x"and key is "z")'
    pairs = [
        And((is_("parent_id", LiteralNode("x")), is_("key", LiteralNode(value))))
        for value in "yz"
    ]
    assert criteria(text) == Or(tuple(pairs))


def test_spaces_between_symbols_are_optional() -> None:
    assert criteria("key=source and bid>=3 and a<-2.5") == And(
        (
            is_("key", bare("source")),
            is_("bid", bare("3"), ">="),
            is_("a", bare("-2.5"), "<"),
        )
    )
    assert criteria("id in(a,b)") == Membership(path("id"), (bare("a"), bare("b")))
    assert criteria('children any(name is "x")') == Quantified(
        path("children"), "any", is_("name", LiteralNode("x"))
    )


def test_keywords_are_attributes_by_position() -> None:
    found = parse_query(
        'select value from Setting where name is "storage_scenario" '
        'and group is "STORAGE"'
    )
    assert found.criteria == And(
        (
            is_("name", LiteralNode("storage_scenario")),
            is_("group", LiteralNode("STORAGE")),
        )
    )
    found = parse_query("select from.name, from from TypedContextLink where from.id=x")
    assert found == Query(
        "TypedContextLink", (path("from.name"), path("from")), is_("from.id", bare("x"))
    )
    assert parse_query("select order, limit from X order by order") == Query(
        "X", (path("order"), path("limit")), order_by=(Ordering(path("order")),)
    )
    assert criteria("in in (in) and any any (is is is)") == And(
        (
            Membership(path("in"), (bare("in"),)),
            Quantified(path("any"), "any", is_("is", bare("is"))),
        )
    )
    assert criteria("notes any ()") == Quantified(path("notes"), "any")
    assert criteria("order is 1") == is_("order", bare("1"))


def test_keywords_are_read_in_any_case() -> None:
    found = parse_query("SELECT name FROM Task WHERE NOT a IS 1 AND b IN (1) LIMIT 2")
    assert found == Query(
        "Task",
        (path("name"),),
        And((Not(is_("a", bare("1"))), Membership(path("b"), (bare("1"),)))),
        limit=2,
    )


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"say \"hi\""', 'say "hi"'),
        (r"'it\'s'", "it's"),
        (r'"it\'s"', "it's"),
        (r'"C:\\temp"', r"C:\temp"),
        (r'"C:\temp"', r"C:\temp"),
        (r'"100\%"', r"100\%"),
        ('"a\nb"', "a\nb"),
        ('""', ""),
        ("\"(a, 'b') and c\"", "(a, 'b') and c"),
    ],
)
def test_only_quotes_and_backslashes_are_unescaped(written: str, text: str) -> None:
    assert criteria(f"a is {written}") == is_("a", LiteralNode(text))


@pytest.mark.parametrize(
    "word",
    [
        "active",
        "NOT_STARTED",
        "5671dcb0-66de-11e1-8e6e-f23c91df25eb",
        "ftrack.server",
        "2018-05-25",
        "-2.5",
        "True",
        "jane@example.com",
        "select",
        "and",
    ],
)
def test_bare_words_are_values(word: str) -> None:
    assert criteria(f"a is {word} and b is 1") == And(
        (is_("a", bare(word)), is_("b", bare("1")))
    )


def test_bare_none_is_null_and_quoted_none_is_text() -> None:
    assert criteria("a is none") == is_("a", NULL)
    assert criteria('a is "none"') == is_("a", LiteralNode("none"))


def test_membership_takes_values_or_a_query() -> None:
    assert criteria('id not_in ("a", b)') == Membership(
        path("id"), (LiteralNode("a"), bare("b")), negated=True
    )
    inner = Query("Timelog", (path("context_id"),), is_("user.id", bare("x")), limit=3)
    text = "select context_id from Timelog where user.id is x limit 3"
    assert criteria(f"id in ({text})") == Membership(path("id"), inner)
    nested = Query("Task", (path("id"),), Membership(path("id"), inner))
    outer = f"id in (select id from Task where id in ({text}))"  # noqa: S608 - no SQL
    assert criteria(f"b in (a) or {outer}") == Or(
        (Membership(path("b"), (bare("a"),)), Membership(path("id"), nested))
    )
    assert criteria("id in (Timelog where x is 1)") == Membership(
        path("id"), Query("Timelog", criteria=is_("x", bare("1")))
    )


def test_aggregates_are_told_from_attributes_by_their_parenthesis() -> None:
    found = parse_query("select count(id), sum (bid), min from Task group by a, b.c")
    assert found == Query(
        "Task",
        (Aggregate("count", path("id")), Aggregate("sum", path("bid")), path("min")),
        group_by=(path("a"), path("b.c")),
    )


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("Task where", 10),
        ("Task where a == b", 14),
        ("Task where a is", 15),
        ("Task where (a is b", 18),
        ("Task where a in ()", 17),
        ("Task limit x", 11),
        ('Task where name is "abc', 19),
        ("Task where a b c", 13),
        ("select from Task", 12),
        ("Task where a is b c is d", 18),
    ],
)
def test_what_the_grammar_does_not_know_is_refused(text: str, position: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text)
    assert str(caught.value) == f"Failed to parse: {text}"
    assert (caught.value.text, caught.value.position) == (text, position)


def conditions(number: int, word: str = "and") -> str:
    return f"Task where {f' {word} '.join(['name is x'] * number)}"


@pytest.mark.parametrize("word", ["and", "OR"])
def test_a_query_of_too_many_conditions_is_refused_unread(word: str) -> None:
    found = parse_query(conditions(MAX_CONDITIONS, word)).criteria
    assert isinstance(found, And | Or)
    assert len(found.operands) == MAX_CONDITIONS
    for number in (MAX_CONDITIONS + 1, MAX_LENGTH // 15):
        with pytest.raises(UnsupportedError, match="more than 5,000 conditions"):
            parse_query(conditions(number, word))


def test_words_in_values_are_no_conditions() -> None:
    text = "and or " * MAX_CONDITIONS
    for quote in ("'", '"'):
        found = parse_query(f"Task where name is {quote}{text}\\{quote}and{quote}")
        assert isinstance(found.criteria, Comparison)
    listed = ", ".join(f"'{number} or'" for number in range(MAX_CONDITIONS + 1))
    assert isinstance(parse_query(f"Task where id in ({listed})").criteria, Membership)


def test_a_query_of_too_many_characters_is_refused_unread() -> None:
    start = 'Task where name is "'
    longest = f'{start}{"x" * (MAX_LENGTH - len(start) - 1)}"'
    assert isinstance(parse_query(longest).criteria, Comparison)
    with pytest.raises(UnsupportedError, match="more than 1,000,000 characters"):
        parse_query(longest + " ")
