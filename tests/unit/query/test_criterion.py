"""The combination of conditions, and the uses of them that are mistakes."""

from __future__ import annotations

from operator import and_, invert, or_
from typing import Any

import pytest

from ftrack_models import Project, Shot, Status, Task, TypedContext
from ftrack_orm import CriterionError
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import (
    DEEPEST,
    Criterion,
    conjunction,
    inner_criteria,
    require_about,
)

A, B, C = Task.name == "a", Task.name == "b", Task.name == "c"


def test_a_chain_of_one_operator_is_one_node() -> None:
    assert (A & B & C).node == ast.And((A.node, B.node, C.node))
    assert (A | (B | C)).node == ast.Or((A.node, B.node, C.node))
    assert ((A & B) | C).node == ast.Or((ast.And((A.node, B.node)), C.node))


def test_a_long_chain_is_not_deep_but_alternation_is() -> None:
    chain = A
    for _ in range(10 * DEEPEST):
        chain = chain | B
    assert chain.node.depth == 1

    deep = A
    for _ in range(DEEPEST):
        deep = ~deep
    with pytest.raises(CriterionError, match="levels deep"):
        invert(deep)


def test_a_combination_is_about_the_narrower_type() -> None:
    general = TypedContext.name == "a"

    assert (general & A).root.name == (A & general).root.name == "Task"
    assert (general | A).root.name == "Task"


def test_conditions_on_unrelated_types_do_not_combine() -> None:
    with pytest.raises(CriterionError, match="Shot and one on Task cannot"):
        and_(Shot.name == "a", A)
    with pytest.raises(CriterionError, match="cannot be combined"):
        or_(A, Project.name == "a")


@pytest.mark.parametrize("other", [True, None, "name is a"])
def test_a_condition_combines_with_conditions_only(other: Any) -> None:
    with pytest.raises(CriterionError, match="is not a condition"):
        and_(A, other)
    with pytest.raises(CriterionError, match="is not a condition"):
        or_(A, other)


def test_a_condition_has_no_truth_value() -> None:
    with pytest.raises(CriterionError, match="no truth value"):
        bool(A)


def test_inner_conditions_are_all_required_and_about_the_target() -> None:
    task, status = Task.__ftrack__, Status.__ftrack__
    general: Criterion = TypedContext.name == "b"

    assert inner_criteria(task, ()) is None
    assert inner_criteria(task, (A, general)) == ast.And((A.node, general.node))
    assert conjunction([A.node]) == A.node
    with pytest.raises(CriterionError, match="about Task, not Status"):
        inner_criteria(status, (A,))
    with pytest.raises(CriterionError, match="about Task, not TypedContext"):
        require_about(TypedContext.__ftrack__, task)
