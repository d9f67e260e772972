"""The text that queries become, in the grammar of protocol 5.1."""

from __future__ import annotations

import pytest

from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_criteria, compile_literal, compile_query

NAME, ID = ast.PathExpression.of("name"), ast.PathExpression.of("id")
IS_A = ast.Comparison(NAME, "is", ast.LiteralNode("a"))
IS_B = ast.Comparison(NAME, "is", ast.LiteralNode("b"))
HAS_ID = ast.Comparison(ID, "is_not", ast.NULL)


def test_every_part_of_a_query_has_its_place() -> None:
    query = ast.Query(
        "Task",
        projections=(ID, ast.PathExpression.of("status.name")),
        criteria=IS_A,
        order_by=(ast.Ordering(NAME, descending=True), ast.Ordering(ID)),
        offset=20,
        limit=10,
    )

    assert compile_query(query) == (
        'select id, status.name from Task where name is "a" '
        "order by name descending, id ascending offset 20 limit 10"
    )


def test_a_query_without_parts_is_the_name_of_its_type() -> None:
    assert compile_query(ast.Query("Project")) == "Project"


def test_an_offset_and_a_limit_of_zero_are_written() -> None:
    assert compile_query(ast.Query("Task", offset=0, limit=0)) == (
        "Task offset 0 limit 0"
    )


def test_aggregates_are_grouped_by_paths() -> None:
    project, status = map(ast.PathExpression.of, ("project_id", "status_id"))
    query = ast.Query(
        "Task",
        projections=(ast.Aggregate("count", ID),),
        group_by=(project, status),
    )

    assert compile_query(query) == (
        "select count(id) from Task group by project_id, status_id"
    )


@pytest.mark.parametrize(
    ("criteria", "text"),
    [
        (
            ast.And((ast.Or((IS_A, IS_B)), HAS_ID)),
            '(name is "a" or name is "b") and id is_not none',
        ),
        (
            ast.Or((ast.And((IS_A, HAS_ID)), IS_B)),
            '(name is "a" and id is_not none) or name is "b"',
        ),
        (ast.Not(ast.Or((IS_A, IS_B))), 'not (name is "a" or name is "b")'),
        (
            ast.And((ast.Not(IS_A), HAS_ID)),
            'not (name is "a") and id is_not none',
        ),
    ],
)
def test_parentheses_keep_the_meaning_of_nested_conditions(
    criteria: ast.Criteria, text: str
) -> None:
    assert compile_criteria(criteria) == text


def test_a_member_of_a_collection_may_have_any_condition_or_none() -> None:
    children = ast.PathExpression.of("children")

    assert compile_criteria(ast.Quantified(children, "any")) == "children any ()"
    assert compile_criteria(ast.Quantified(children, "any", ast.Or((IS_A, IS_B)))) == (
        'children any (name is "a" or name is "b")'
    )


def test_candidates_are_values_or_a_query() -> None:
    values = (ast.LiteralNode("a"), ast.LiteralNode("1", quoted=False))
    query = ast.Query("Timelog", projections=(ast.PathExpression.of("context_id"),))

    assert compile_criteria(ast.Membership(ID, values)) == 'id in ("a", 1)'
    assert compile_criteria(ast.Membership(ID, (), negated=True)) == 'id not_in ("")'
    assert compile_criteria(ast.Membership(ID, query)) == (
        "id in (select context_id from Timelog)"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('" or id is_not "', r'"\" or id is_not \""'),
        ("a\\", r'"a\\"'),
        ('\\"', r'"\\\""'),
        ("it's", '"it\'s"'),
        ("none", '"none"'),
    ],
)
def test_a_text_cannot_leave_its_quotes(value: str, text: str) -> None:
    assert compile_literal(ast.LiteralNode(value)) == text
