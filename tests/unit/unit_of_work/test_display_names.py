"""Names of entities for people, from the entities and changes in memory."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ftrack_models import Asset, AssetVersion, Note, Project, Shot, Task, registry
from ftrack_orm import Entity, UnknownEntityTypeError
from ftrack_orm.entity.type_info import TypeInfo
from ftrack_orm.tables import WIDTH, printable
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.display_names import Memory, Names, short
from ftrack_orm.unit_of_work.identity_map import IdentityMap
from tests.support.fake_executor import persistent

LONG_ID = "3f9c2a71-0000-4000-8000-000000000000"
TASK = Reference("Task", ("t1",))


def type_info(name: str) -> TypeInfo:
    return registry.resolve(name).__ftrack__


def names(
    *entities: Entity, changes: Sequence[Change] = (), removed: Sequence[Entity] = ()
) -> Names:
    identity_map = IdentityMap(type_info)
    for entity in entities:
        identity_map.add(entity)
    return Names(changes, Memory(identity_map.tables, removed, type_info))


def production() -> list[Entity]:
    return [
        persistent(Project, id="p1", name="film"),
        persistent(Shot, id="s1", name="sh010", parent_id="p1"),
        persistent(Task, id="t1", name="anim", parent_id="s1"),
    ]


def test_a_title_is_the_path_of_the_entities_in_memory() -> None:
    project, shot, task = production()

    assert names(project, shot, task).title(TASK) == "film/sh010/anim"
    assert names(task, shot).title(TASK) == "sh010/anim"
    assert names(task, shot, removed=[project]).title(TASK) == "film/sh010/anim"
    assert names(project, shot).title(TASK) == "t1"


def test_a_version_is_named_by_its_number_below_its_asset() -> None:
    entities = [
        *production(),
        persistent(Asset, id="a1", name="plate", context_id="s1"),
        persistent(AssetVersion, id="v1", version=7, asset_id="a1"),
    ]

    title = names(*entities).title(Reference("AssetVersion", ("v1",)))

    assert title == "film/sh010/plate/v007"


def test_names_are_those_before_the_changes() -> None:
    project, shot, task = production()
    assert isinstance(shot, Shot)
    shot.name = "sh020"
    update = UpdateChange(shot.reference, "sh020", {"name": "sh020"}, {"name": "sh010"})

    renamed = names(project, shot, task, changes=[update])

    assert renamed.title(TASK) == "film/sh010/anim"
    assert renamed.value("s1", "name") == "sh010"


def test_a_deleted_entity_has_the_name_and_parent_before_its_edits() -> None:
    project, shot, task = production()
    other = persistent(Shot, id="s2", name="sh020", parent_id="p1")
    assert isinstance(task, Task)
    task.name = "edited"
    task.parent_id = "s2"

    found = names(project, shot, other, task, changes=[DeleteChange(TASK, "edited")])

    assert found.title(TASK) == "film/sh010/anim"


def test_a_new_entity_is_named_by_its_change() -> None:
    project, shot, _ = production()
    create = CreateChange(TASK, "anim", {"name": "anim", "parent_id": "s1"})
    unkeyed = CreateChange(Reference("Task", ()), "anim", {"name": "anim"})

    found = names(project, shot, changes=[create, unkeyed])

    assert found.title(TASK) == "film/sh010/anim"
    assert found.title(unkeyed.reference) == "(new)"
    assert not found.has(unkeyed.reference.key)
    assert found.entity_type("t1") == "Task"


def test_parents_in_a_circle_end() -> None:
    one, two = (Reference("Folder", (key,)) for key in ("f1", "f2"))
    changes = [
        CreateChange(one, "a", {"name": "a", "parent_id": "f2"}),
        CreateChange(two, "b", {"name": "b", "parent_id": "f1"}),
    ]

    assert names(changes=changes).title(one) == "b/a"


def test_an_entity_without_a_name_has_the_start_of_its_id() -> None:
    note = persistent(Note, id=LONG_ID, content="secret")

    found = names(note)

    assert found.title(note.reference) == "3f9c2a71…"
    assert found.target(LONG_ID) == "3f9c2a71…"
    assert found.target((LONG_ID, "key")) == "3f9c2a71…, key"


def test_entities_that_are_not_in_memory_have_no_values() -> None:
    found = names(*production())

    assert found.has("t1")
    assert not found.has("t2")
    assert found.entity_type("s1") == "Shot"
    assert found.entity_type("t2") is None
    assert found.value("t1", "name") == "anim"
    assert found.value("t1", "bid") is found.value("t2", "name") is NOT_LOADED


def test_a_type_that_the_models_lack_has_no_information() -> None:
    def unknown(name: str) -> TypeInfo:
        raise UnknownEntityTypeError(name)

    assert Names([], Memory(type_info=unknown)).type_info("Odd") is None
    assert names().type_info("Task") is Task.__ftrack__


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\x1b[31m", "a\\nb\\x1b[31m"),
        ("x" * WIDTH, "x" * WIDTH),
        ("x" * (WIDTH + 1), "x" * (WIDTH - 1) + "…"),
    ],
)
def test_a_name_is_shown_on_one_line_of_bounded_length(text: str, shown: str) -> None:
    assert printable(text) == short(text) == shown
