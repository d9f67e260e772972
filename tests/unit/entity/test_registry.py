"""Entity classes by the name of their type."""

from __future__ import annotations

import pytest

from ftrack_models import Task
from ftrack_orm import Attr, Entity, Registry, UnknownEntityTypeError
from ftrack_orm.entity.declarations import attribute


def test_a_registry_has_its_types_without_importing_the_package() -> None:
    registry = Registry("absent_package", {"Task": "task", "Shot": "shot"})

    assert list(registry) == ["Task", "Shot"]
    assert "Shot" in registry
    assert "Note" not in registry
    assert not registry.has("Shot")
    with pytest.raises(ModuleNotFoundError, match="absent_package"):
        registry.resolve("Shot")


def test_a_class_is_imported_from_the_module_of_its_type() -> None:
    registry = Registry(
        "ftrack_models", {"Task": "task", "Work": "task"}, class_names={"Work": "Task"}
    )

    assert registry.resolve("Task") is Task
    assert registry.resolve("Work") is Task


def test_an_unknown_type_is_refused_with_similar_names() -> None:
    registry = Registry("absent_package", {"Task": "task", "Note": "note"})

    with pytest.raises(UnknownEntityTypeError, match="Task") as raised:
        registry.resolve("Taks")

    assert raised.value.entity_type == "Taks"
    assert list(raised.value.suggestions) == ["Task"]


def test_a_declared_class_registers_itself_and_the_first_class_stays() -> None:
    registry = Registry("declared")

    class Tray(Entity, entity_type="Tray", key=("id",), registry=registry):
        id: Attr[str] = attribute()

    class Labelled(Tray):
        pass

    registry.register(Labelled)

    assert registry.has("Tray")
    assert registry.resolve("Tray") is Tray
    assert list(registry) == ["Tray"]


def test_the_schema_has_all_types_in_the_order_of_their_names() -> None:
    registry = Registry("declared")

    class Tray(Entity, entity_type="Tray", key=("name",), registry=registry):
        name: Attr[str] = attribute()

    class Box(Entity, entity_type="Box", key=("code",), registry=registry):
        code: Attr[str] = attribute()

    schema = registry.schema()

    assert [(one.name, one.primary_key) for one in schema] == [
        ("Box", ("code",)),
        ("Tray", ("name",)),
    ]
