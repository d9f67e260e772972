"""The values of new entities, and the updates of copies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ftrack_models import CustomAttributeConfiguration, Note, Shot, Task, Timelog
from ftrack_orm import (
    Attr,
    AttributeValueError,
    Entity,
    EntityState,
    ReadOnlyAttributeError,
    Registry,
    UnknownAttributeError,
)
from ftrack_orm.entity.construction import (
    fill,
    fill_validated,
    make_key,
    update_copy,
)
from ftrack_orm.entity.declarations import attribute
from ftrack_orm.entity.entity import adopt
from ftrack_orm.entity.state import InstanceState
from tests.support.incomplete import incomplete


def empty(entity_class: type[Any]) -> Any:
    """Return an entity as it is before its constructor fills it."""
    return adopt(entity_class, {}, InstanceState(EntityState.TRANSIENT))


def test_all_values_are_checked_before_the_first_is_set() -> None:
    task, timelog = empty(Task), Timelog(duration=60.0)

    for wrong in ({"bid": "long"}, {"nmae": "anim"}, {"created_at": None}):
        with pytest.raises(
            (AttributeValueError, UnknownAttributeError, ReadOnlyAttributeError)
        ):
            fill(task, {"name": "anim", "timelogs": [timelog], **wrong})

    assert "name" not in vars(task)
    assert timelog.context_id is None


def test_members_get_the_key_that_the_client_creates() -> None:
    task, timelog = empty(Task), Timelog(duration=60.0)

    fill(task, {"timelogs": [timelog]})

    assert str(UUID(task.id)) == task.id
    assert task.__ftrack_state__.has_made_key
    assert timelog.context_id == task.id


def test_a_key_that_the_caller_gives_stays() -> None:
    task = empty(Task)

    fill(task, {"id": "t1"})
    make_key(task)

    assert task.id == "t1"
    assert not task.__ftrack_state__.has_made_key


def test_two_keys_differ_and_a_key_of_several_attributes_is_not_made() -> None:
    class Drawer(
        Entity, entity_type="Drawer", key=("id", "side"), registry=Registry(__name__)
    ):
        id: Attr[str] = attribute(default="{uid}")
        side: Attr[str] = attribute()

    first, second, drawer = empty(Task), empty(Task), empty(Drawer)

    for entity in (first, second, drawer):
        make_key(entity)

    assert first.id != second.id
    assert vars(drawer) == {}


def test_validated_data_may_be_the_dump_of_an_entity() -> None:
    task = empty(Task)
    data = {
        "__entity_type__": "Task",
        "id": "t1",
        "name": "anim",
        "context_type": "task",
        "description": None,
    }

    fill_validated(task, data, context=None)

    assert (task.id, task.name, task.context_type) == ("t1", "anim", "task")
    for wrong in (incomplete(Shot, name="010"), ["anim"], None):
        with pytest.raises(ValueError, match="expected a Task or a mapping"):
            fill_validated(empty(Task), wrong, context=None)


def test_an_update_of_a_copy_has_python_or_server_names_and_moves_links() -> None:
    owner = incomplete(Shot, name="010")
    task = incomplete(Task, name="anim")

    update_copy(task, {"name": "fx", "parent": owner})

    assert (task.name, task.parent_id) == ("fx", owner.id)
    with pytest.raises(UnknownAttributeError, match="nmae"):
        update_copy(task, {"nmae": "comp"})
    with pytest.raises(AttributeValueError):
        update_copy(task, {"parent": Note(content="x")})


def test_the_former_name_of_entity_type_is_accepted() -> None:
    configuration = empty(CustomAttributeConfiguration)
    fill(configuration, {"key": "x", "entity_type_": "task"})
    assert configuration.entity_type == "task"
    with pytest.raises(UnknownAttributeError, match="Task has no attribute"):
        fill(empty(Task), {"entity_type_": "task"})
