from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import AssetVersion, Metadata, Note, Project, Shot, Task
from ftrack_orm import Entity, EntityState, MissingValueError
from ftrack_orm.entity.type_info import TypeInfo
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.changes import CreateChange, collect_changes
from ftrack_orm.unit_of_work.required_values import require_values
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete

TYPES: dict[str, type[Entity]] = {
    model.__ftrack__.name: model
    for model in (AssetVersion, Metadata, Note, Project, Shot, Task)
}


def check(entity: Entity) -> None:
    entity.__ftrack_state__.state = EntityState.PENDING
    require_values(collect_changes([entity]), _type_info)


def _type_info(name: str) -> TypeInfo | None:
    model = TYPES.get(name)
    return None if model is None else model.__ftrack__


@pytest.mark.parametrize(
    ("entity", "message"),
    [
        (incomplete(Task, name="anim"), "Task 'anim' has no parent, "),
        (incomplete(Task, name="anim", parent=None), "Task 'anim' has no parent, "),
        (incomplete(AssetVersion), "The new AssetVersion has no asset, "),
        (incomplete(Project, name="bunny"), "Project 'bunny' has no full_name, "),
    ],
)
def test_a_missing_value_is_refused_with_the_entity_and_the_attribute(
    entity: Entity, message: str
) -> None:
    with pytest.raises(MissingValueError) as raised:
        check(entity)

    assert str(raised.value).startswith(message)
    assert raised.value.attribute in message


def test_the_error_names_the_key_of_a_missing_link() -> None:
    with pytest.raises(MissingValueError, match="Set it or parent_id before") as raised:
        check(incomplete(Task, name="anim"))
    assert raised.value.foreign_key == "parent_id"

    with pytest.raises(MissingValueError, match="Set it before") as other:
        check(incomplete(Project, name="bunny"))
    assert other.value.foreign_key is None


@pytest.mark.parametrize(
    "values",
    [
        {"parent": persistent(Shot, id="s1")},
        {"parent": Reference("Shot", ("s1",))},
        {"parent_id": "s1"},
    ],
)
def test_a_link_is_given_by_its_target_or_its_key(values: dict[str, Any]) -> None:
    check(incomplete(Task, name="anim", **values))


def test_an_attribute_that_the_server_fills_may_be_missing() -> None:
    check(Note(content="fine"))


def test_an_unknown_type_requires_nothing() -> None:
    require_values([CreateChange(Reference("Rig", ("r1",)), "", {})], lambda name: None)
