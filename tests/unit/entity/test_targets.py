"""The checks of link targets and members."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Shot, Status, Task
from ftrack_orm import AttributeValueError, DetachedEntityError, EntityKeyError
from ftrack_orm.entity.targets import require_session, target_of
from ftrack_orm.types import Reference
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete

STATUS = Task.__ftrack__.attributes["status"]
PARENT = Task.__ftrack__.attributes["parent"]
CHILDREN = Shot.__ftrack__.attributes["children"]


def test_an_entity_is_the_target_with_its_type_and_key() -> None:
    shot = persistent(Shot, id="s1")

    target = target_of(PARENT, shot)

    assert target.entity is shot
    assert target.type_info is Shot.__ftrack__
    assert target.reference == Reference("Shot", ("s1",))


@pytest.mark.parametrize(
    "value",
    [Reference("Status", ("s1",)), {"__entity_type__": "Status", "id": "s1"}],
)
def test_a_reference_in_either_form_is_a_target_without_an_entity(value: Any) -> None:
    target = target_of(STATUS, value)

    assert target.entity is None
    assert target.type_info is Status.__ftrack__
    assert target.reference == Reference("Status", ("s1",))


def test_an_entity_without_a_complete_key_has_no_reference() -> None:
    shot = persistent(Shot, id="s1")
    del vars(shot)["id"]

    assert target_of(PARENT, shot).reference is None


@pytest.mark.parametrize(
    "value",
    [
        "s1",
        5,
        {"id": "s1"},
        incomplete(Shot, name="010"),
        Reference("Shot", ("s1",)),
        Reference("Statsu", ("s1",)),
        {"__entity_type__": "Nothing", "id": "s1"},
    ],
)
def test_a_value_of_another_type_is_refused(value: Any) -> None:
    with pytest.raises(AttributeValueError) as raised:
        target_of(STATUS, value)

    assert (raised.value.entity_type, raised.value.attribute) == (
        "Task",
        "status",
    )
    assert raised.value.expected == "a Status"
    assert raised.value.value is value


def test_a_wrong_member_is_refused_with_the_type_of_the_list() -> None:
    with pytest.raises(AttributeValueError, match="expected a list of Context"):
        target_of(CHILDREN, Status(name="Approved", is_active=True))


@pytest.mark.parametrize(
    "value",
    [
        Reference("Status", ()),
        Reference("Status", ("s1", "s2")),
        {"__entity_type__": "Status"},
        {"__entity_type__": "Status", "id": ""},
    ],
)
def test_a_reference_with_an_incomplete_key_is_refused(value: Any) -> None:
    with pytest.raises(EntityKeyError):
        target_of(STATUS, value)


def test_an_entity_of_another_session_is_refused() -> None:
    task, status = persistent(Task, id="t1"), persistent(Status, id="s1")

    with pytest.raises(DetachedEntityError, match=r"set Task\.status"):
        require_session(task, STATUS, target_of(STATUS, status))
    require_session(task, STATUS, target_of(STATUS, status.reference))
    require_session(incomplete(Task, name="anim"), STATUS, target_of(STATUS, status))


def test_a_detached_entity_needs_a_key_and_a_new_one_does_not() -> None:
    task, new = persistent(Task, id="t1"), Status(name="Approved", is_active=True)
    detached = persistent(Status, name="Approved").model_copy()
    del vars(new)["id"]

    require_session(task, STATUS, target_of(STATUS, new))
    with pytest.raises(EntityKeyError):
        require_session(task, STATUS, target_of(STATUS, detached))
