"""Paths and conditions print as the expressions that made them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import ftrack_models
from ftrack_models import Appointment, Status, Task, TypedContextLink, User
from ftrack_orm import Criterion, Path
from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_criteria

NAMES: dict[str, Any] = {
    **{name: getattr(ftrack_models, name) for name in ftrack_models.__all__},
    "datetime": datetime,
}


@pytest.mark.parametrize(
    "expression",
    [
        "Task.name",
        "Task.link_",
        "Task.project.name",
        "TypedContextLink.from_.id",
        "Task.assignments",
        "Task.assignments.each.resource.as_(User).username",
        "Task.parent.as_(Shot).name",
        "Task.metadata",
        'Task.metadata["say \\"hi\\""]',
        "Task.end_date.desc()",
        "Task.name.asc()",
    ],
)
def test_a_path_prints_as_it_was_read(expression: str) -> None:
    assert repr(eval(expression, NAMES)) == expression  # noqa: S307 # our own texts


@pytest.mark.parametrize(
    "expression",
    [
        'Task.project.name == "bunny"',
        "Task.bid >= 3.5",
        "Task.description != None",
        'Task.name.in_(["a", "b"])',
        "Task.name.not_in([])",
        'Task.name.like("an%")',
        'Task.metadata["source"] == "it\'s"',
        'Task.metadata["source"].in_(["a"])',
        "Task.status.is_(None)",
        "Task.status.is_not(None)",
        'Task.status.has(Status.name == "Done")',
        "Task.notes.any()",
        'Task.assignments.any(Appointment.resource.as_(User).username == "anna")',
        'Task.metadata.any(Metadata.key == "a", Metadata.value == "b")',
        '(Task.name == "a") & (Task.bid > 3) & ~Task.name.like("x%")',
        '((Task.name == "a") | (Task.bid <= 3)) & ~(Task.name != "x")',
        '~((Task.name == "a") & (Task.bid < 3))',
        "Task.created_at > datetime.datetime(2024, 5, 1, 9, 0, tzinfo=datetime.UTC)",
    ],
)
def test_a_condition_prints_as_it_was_written(expression: str) -> None:
    criterion = eval(expression, NAMES)  # noqa: S307 # our own texts

    assert repr(criterion).replace("timezone.utc", "UTC") == expression


def test_parentheses_that_change_nothing_are_not_printed() -> None:
    first, second, third = Task.name == "a", Task.name == "b", Task.name == "c"

    assert repr(first & (second & third)) == repr(first & second & third)


def test_a_long_chain_is_printed_without_recursion() -> None:
    chain = Task.name == "0"
    for number in range(1, 2_000):
        chain |= Task.name == str(number)

    assert repr(chain).count(" | ") == 1_999


def test_a_long_list_is_cut() -> None:
    text = repr(Task.name.in_(str(number) for number in range(1_500)))

    assert text.endswith('"19", … 1,480 more])')


def test_values_of_a_generator_are_printed_and_compiled() -> None:
    criterion = Task.name.in_(name for name in ("a", "b"))

    assert repr(criterion) == 'Task.name.in_(["a", "b"])'
    assert compile_criteria(criterion.node) == 'name in ("a", "b")'


def test_the_name_of_a_subclass_is_printed() -> None:
    class ShotTask(Task):
        """A subclass of a program."""

    assert repr(ShotTask.status.name == "x") == 'ShotTask.status.name == "x"'


def test_a_link_prints_the_entity_it_is_compared_with() -> None:
    status = Status.model_construct(id="s1", name="Done")

    assert repr(Task.status.is_(status)) == f"Task.status.is_({status!r})"


def test_a_path_that_was_not_read_from_another_has_the_names_of_its_steps() -> None:
    path: Any = Task.project.name
    made: Path[Any] = Path(path._root, path._steps, path._attribute)

    assert repr(made) == "Task.project.name"


def test_a_custom_attribute_that_a_package_declares_is_printed_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {"frame_end": "frame end"}
    monkeypatch.setattr(AttributeInfo, "mapped_keys", names, raising=False)

    path = Task.custom_attributes["frame end"]
    assert repr(path > 5) == "Task.custom_attributes.frame_end > 5"
    assert repr(Task.custom_attributes["x"]) == 'Task.custom_attributes["x"]'


def test_a_condition_without_an_expression_prints_as_query_text() -> None:
    node = ast.Comparison(ast.PathExpression.of("name"), "is", ast.LiteralNode("a"))

    assert repr(Criterion._of(Task.__ftrack__, node)) == 'Criterion(Task: name is "a")'


def test_an_error_names_the_path_as_it_was_written() -> None:
    with pytest.raises(Exception, match=r"Task\.assignments\.each\.context") as raised:
        bool(Task.assignments.each.context)
    assert "is_not(None)" in str(raised.value)
    assert repr(TypedContextLink.to.as_(Task).status) == (
        "TypedContextLink.to.as_(Task).status"
    )
    assert repr(Appointment.resource.as_(User)) == "Appointment.resource.as_(User)"
