"""The conversion of primary keys from users to tuples."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ftrack_models import EntitySetting, Note, Task, TypedContext
from ftrack_orm import EntityKeyError
from ftrack_orm.entity.keys import key_of, keys_of
from ftrack_orm.types import Reference
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete

TEXT = "44dd9fb2-4164-11df-9218-0019bb4983d8"
TASK = Task.__ftrack__
SETTING = EntitySetting.__ftrack__  # its key is (parent_id, group, name)


@pytest.mark.parametrize("key", [TEXT, UUID(TEXT), [TEXT], (UUID(TEXT),), {"id": TEXT}])
def test_a_key_of_one_value_is_accepted_in_every_form(key: Any) -> None:
    assert key_of(TASK, key) == (TEXT,)


def test_the_values_of_a_mapping_are_put_into_the_order_of_the_key() -> None:
    named = {"name": "fps", "parent_id": "p1", "group": "MEDIA"}

    assert key_of(SETTING, named) == ("p1", "MEDIA", "fps")
    assert key_of(SETTING, list(named.values())) == ("fps", "p1", "MEDIA")


def test_an_entity_and_a_reference_of_a_subtype_are_keys_of_the_base() -> None:
    base = TypedContext.__ftrack__

    assert key_of(base, persistent(Task, id="t1")) == ("t1",)
    assert key_of(base, Reference("Task", ("t1",))) == ("t1",)


@pytest.mark.parametrize("other", [Reference("Note", ("n1",)), Note(content="x")])
def test_an_entity_of_another_type_is_refused_with_the_expected_type(
    other: Any,
) -> None:
    with pytest.raises(EntityKeyError, match="Give a Task or its key"):
        key_of(TASK, other)


@pytest.mark.parametrize(
    "wrong", ["", None, True, 1.5, [], ("a", "b"), ("",), {"name": "a"}, {}]
)
def test_another_form_or_number_of_values_is_refused(wrong: Any) -> None:
    with pytest.raises(EntityKeyError) as raised:
        key_of(TASK, wrong)

    assert raised.value.expected == ("id",)
    assert raised.value.given == wrong


def test_several_keys_keep_their_order_and_may_have_different_forms() -> None:
    keys = (key for key in [7, UUID(TEXT), Reference("Task", ("t1",))])

    assert keys_of(TASK, keys) == [(7,), (TEXT,), ("t1",)]


@pytest.mark.parametrize(
    "single",
    ["t1", 5, {"id": "t1"}, Reference("Task", ("t1",)), incomplete(Task, name="anim")],
)
def test_a_single_key_in_place_of_a_list_is_refused(single: Any) -> None:
    with pytest.raises(EntityKeyError, match=r"use get\(\) for one"):
        keys_of(TASK, single)


def test_a_wrong_item_makes_a_list_of_keys_invalid() -> None:
    with pytest.raises(EntityKeyError):
        keys_of(TASK, ["t1", ""])
