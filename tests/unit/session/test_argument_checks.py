"""Arguments of the wrong kind are refused with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Context, Shot, Task, TypedContext
from ftrack_orm import CriterionError, Entity, InvalidArgumentError, QueryError
from ftrack_orm.operations import Query
from ftrack_orm.session.argument_checks import (
    require_entities,
    require_entity,
    require_entity_class,
    require_operations,
    require_owner,
    require_path,
    require_subclass,
)
from tests.support.incomplete import incomplete

TASK = incomplete(Task, name="anim")


def test_an_entity_class_passes() -> None:
    require_entity_class("select()", Task)


@pytest.mark.parametrize("argument", ["Task", TASK, int, None])
def test_anything_else_is_no_entity_class(argument: object) -> None:
    with pytest.raises(QueryError, match=r"select\(\) takes an entity class, not "):
        require_entity_class("select()", argument)


def test_a_name_has_a_remedy_of_its_own() -> None:
    with pytest.raises(QueryError, match=r"session\.model\('Task'\)"):
        require_entity_class("select()", "Task")


def test_a_class_passes_for_itself_and_its_bases() -> None:
    for base in (Task, TypedContext, Context, Entity):
        require_subclass(Task, base)


@pytest.mark.parametrize("base", [Shot, "Context", int])
def test_a_class_is_refused_for_another(base: Any) -> None:
    with pytest.raises(QueryError, match=r"no Shot|takes an entity class"):
        require_subclass(Task, base)


def test_an_entity_passes_and_nothing_else() -> None:
    require_entity("refresh()", TASK)
    for argument in ("Task", None, {"id": "t1"}):
        with pytest.raises(InvalidArgumentError, match="an entity"):
            require_entity("refresh()", argument)


def test_operations_are_listed_whatever_holds_them() -> None:
    first, second = Query("Task"), {"action": "query_schemas"}

    assert require_operations("call()", (one for one in (first, second))) == [
        first,
        second,
    ]
    assert require_operations("call()", ()) == []


@pytest.mark.parametrize(
    "argument", [None, "query", b"query", {"action": "query"}, ["query"], [None]]
)
def test_what_is_no_list_of_operations_is_refused(argument: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="a list of operations"):
        require_operations("call()", argument)


def test_entities_are_listed() -> None:
    assert require_entities(iter([TASK])) == [TASK]
    assert require_entities([]) == []


@pytest.mark.parametrize("argument", [TASK, "Task", None])
def test_one_entity_is_no_list(argument: Any) -> None:
    with pytest.raises(QueryError, match="takes a list of entities"):
        require_entities(argument)


def test_a_list_of_other_things_is_refused() -> None:
    with pytest.raises(QueryError, match="takes entities, not 't1'"):
        require_entities([TASK, "t1"])


def test_a_path_is_an_attribute_of_a_class() -> None:
    require_path(Task.status)
    for argument in ("status", None, Task):
        with pytest.raises(CriterionError, match=r"as in Task\.status"):
            require_path(argument)


def test_a_path_starts_at_the_type_of_one_of_the_entities() -> None:
    require_owner(Task.status, [incomplete(Shot, name="010"), TASK])
    require_owner(Task.status, [])
    with pytest.raises(CriterionError, match="the entities are of type Shot"):
        require_owner(Task.type, [incomplete(Shot, name="010")])
