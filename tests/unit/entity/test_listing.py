"""`dir` of entities and paths: the schema's attributes first."""

from __future__ import annotations

import pydoc
from typing import Any

import pytest

from ftrack_models import Project, Status, Task, registry
from ftrack_orm import AttributeKind, Entity
from ftrack_orm.listed_names import PYTHON_NAMES
from tests.support.incomplete import incomplete

DEPRECATED = {
    "construct",
    "copy",
    "dict",
    "from_orm",
    "json",
    "parse_file",
    "parse_obj",
    "parse_raw",
    "schema",
    "schema_json",
    "update_forward_refs",
    "validate",
}


def public(names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


OF_ENTITIES = ["clone", "entity_state", "entity_type", "model_copy", "model_dump"]
OF_ENTITIES += ["model_dump_json", "reference"]
OF_CLASSES = ["model_construct", "model_json_schema", "model_validate"]
OF_CLASSES += ["model_validate_json"]


@pytest.mark.parametrize(
    ("thing", "entity_class", "others"),
    [
        (Task, Task, OF_CLASSES),
        (Project, Project, [*OF_CLASSES, "statuses_for", "types_for"]),
        (incomplete(Task, name="x"), Task, ["effective", *OF_ENTITIES]),
        (incomplete(Status, name="x"), Status, OF_ENTITIES),
        (
            incomplete(Project, name="x"),
            Project,
            ["effective", *OF_ENTITIES, "statuses_for", "types_for"],
        ),
    ],
    ids=["class", "project class", "entity", "row", "project"],
)
def test_the_attributes_of_the_schema_come_first(
    thing: object, entity_class: type[Entity], others: list[str]
) -> None:
    attributes = sorted(entity_class.__ftrack__.attributes)

    assert dir(thing)[: len(attributes)] == attributes
    assert public(dir(thing))[len(attributes) :] == sorted(others)


def test_the_attributes_of_a_links_target_come_first() -> None:
    attributes = sorted(Status.__ftrack__.attributes)

    methods = ["as_", "has", "is_", "is_not"]
    assert dir(Task.status) == [*attributes, *methods, *sorted(PYTHON_NAMES)]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (Task.name, ["asc", "desc", "in_", "like", "not_in", "not_like"]),
        (Task.assignments, ["any", "each"]),
        (Task.metadata, ["any"]),
    ],
    ids=repr,
)
def test_other_paths_list_their_methods(path: object, names: list[str]) -> None:
    assert public(dir(path))[: len(names)] == names


@pytest.mark.parametrize("name", sorted(registry))
def test_names_that_pydantic_no_longer_recommends_are_left_out(name: str) -> None:
    entity_class = registry.resolve(name)
    attributes = set(entity_class.__ftrack__.attributes)

    assert (DEPRECATED - attributes) & {*dir(entity_class), *dir(entity_class())} == (
        set()
    )


def test_every_listed_attribute_can_be_read_on_the_class() -> None:
    for name in public(dir(Task)):
        assert getattr(Task, name) is not None


def test_fields_and_methods_of_a_subclass_are_listed() -> None:
    class ShotTask(Task):
        """A subclass of a program."""

        rating: int = 0

        def rate(self) -> int:
            return self.rating

    assert {"rate", "rating"} <= set(dir(ShotTask)) & set(
        dir(incomplete(ShotTask, name="x"))
    )


def test_collections_and_mappings_list_no_methods_of_the_session() -> None:
    task = incomplete(Task, name="x")

    assert "apply_server_pair" not in dir(task.notes)
    assert {"append", "replace", "is_loaded"} <= set(dir(task.notes))
    assert "store_row" not in dir(task.metadata)
    assert {"items", "is_set", "replace", "read"} <= set(dir(task.metadata))
    assert "effective" not in dir(task.metadata)
    assert {"effective", "read"} <= set(dir(task.custom_attributes))


def test_the_base_class_lists_its_methods() -> None:
    assert "model_validate" in dir(Entity)


def test_help_of_a_class_can_be_rendered() -> None:
    text = pydoc.plain(pydoc.render_doc(Task))

    assert "class Task(" in text
    assert "name: str = ''" in text


def test_listing_loads_no_class_of_a_target() -> None:
    links: list[Any] = [
        attribute
        for attribute in Task.__ftrack__.attributes.values()
        if attribute.kind is AttributeKind.LINK
    ]

    assert {link.name for link in links} <= set(dir(Task))
