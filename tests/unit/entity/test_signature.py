"""The signature of an entity class: the arguments of its constructor."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import Any

import pytest

from ftrack_models import Shot, Status, Task
from ftrack_orm import Entity
from tests.support.incomplete import incomplete


def test_every_settable_attribute_is_an_argument() -> None:
    settable = {
        attribute.name
        for attribute in Task.__ftrack__.attributes.values()
        if not attribute.read_only
    }

    assert set(signature(Task).parameters) == settable
    assert "bid" not in signature(Shot).parameters


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", "name: str = ''"),
        ("bid", "bid: float = ..."),
        ("description", "description: str | None = ..."),
        ("status", "status: Status = ..."),
        ("notes", "notes: Iterable[Note] = ..."),
        ("metadata", "metadata: Mapping[str, str] = ..."),
    ],
)
def test_an_argument_has_the_type_and_default_of_the_attribute(
    name: str, text: str
) -> None:
    parameter = signature(Task).parameters[name]

    assert str(parameter) == text
    assert parameter.kind is Parameter.KEYWORD_ONLY


def test_building_the_class_for_pydantic_keeps_the_signature() -> None:
    before = signature(Status)
    Status.model_rebuild(force=True)

    assert signature(Status) == before


def test_fields_of_a_subclass_are_arguments() -> None:
    class ShotTask(Task):
        """A subclass of a program."""

        rating: int
        tags: tuple[str, ...] = ()

    parameters = signature(ShotTask).parameters

    assert parameters["rating"].default is Parameter.empty
    assert parameters["tags"].default == ()
    assert "name" in parameters


def test_a_constructor_of_a_subclass_keeps_its_parameters() -> None:
    class ShotTask(Task):
        """A subclass of a program."""

        def __init__(self, shot: str, **data: Any) -> None:
            super().__init__(name=f"{shot}_task", **data)

    class NamedTask(Task):
        """A subclass of a program."""

        def __init__(self, name: str) -> None:
            super().__init__(name=name, parent=None)

    names = list(signature(ShotTask).parameters)
    assert names[0] == "shot"
    assert "bid" in names
    assert "data" not in names
    assert list(signature(NamedTask).parameters) == ["name"]


def test_entities_have_no_signature() -> None:
    with pytest.raises(TypeError, match="not a callable"):
        signature(incomplete(Task, name="x"))  # type: ignore[arg-type] # the mistake of the test


def test_the_base_class_accepts_any_argument() -> None:
    assert [one.kind for one in signature(Entity).parameters.values()] == [
        Parameter.VAR_KEYWORD
    ]
