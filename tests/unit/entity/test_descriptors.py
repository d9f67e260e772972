"""The reads of links by key, and of containers."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Project, Shot, Status, Task, Timelog
from ftrack_orm import AttributeValueError, Entity, EntityState, NotLoadedError
from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.descriptors import ContainerDescriptor, LinkDescriptor
from ftrack_orm.entity.entity import adopt
from ftrack_orm.entity.state import InstanceState
from tests.support.fake_executor import NeverLoading, persistent
from tests.support.incomplete import incomplete


class Loading(NeverLoading):
    """An owner that answers every load with one value.

    Attributes:
        loaded: the names of the loaded attributes.
    """

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value
        self.loaded: list[str] = []

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        self.loaded.append(attribute.name)
        return self.value


APPROVED = persistent(Status, id="approved")
OMITTED = persistent(Status, id="omitted")
PROJECT = persistent(Project, id="p1")
SHOT = persistent(Shot, id="s1")


def task(owner: NeverLoading | None = None, **values: Any) -> Task:
    """Return a task of a session that has the entities above in memory."""
    tables: dict[str, dict[Any, Entity]] = {
        "Status": {"approved": APPROVED, "omitted": OMITTED},
        "Context": {"p1": PROJECT, "s1": SHOT},
    }
    state = InstanceState(
        EntityState.PERSISTENT, owner or NeverLoading(), tables=tables
    )
    made: Task = adopt(Task, {"id": "t1", **values}, state)
    return made


def test_a_link_and_a_container_of_the_class_are_paths() -> None:
    assert str(Task.status.name) == "Task.status.name"
    assert str(Task.timelogs) == "Task.timelogs"


def test_a_link_follows_its_foreign_key() -> None:
    linked = task(status_id="approved")
    assert linked.status is APPROVED
    assert linked.status is APPROVED

    vars(linked)["status_id"] = "omitted"
    assert linked.status is OMITTED

    vars(linked)["status_id"] = None
    assert linked.status is None


def test_a_link_never_returns_an_entity_of_another_type() -> None:
    linked = task(project_id="p1")
    assert linked.project is PROJECT

    vars(linked)["project_id"] = "s1"

    assert linked.project is None


@pytest.mark.parametrize("values", [{}, {"status_id": "elsewhere"}])
def test_a_link_is_loaded_if_its_key_or_its_target_is_not_in_memory(
    values: dict[str, Any],
) -> None:
    owner = Loading(OMITTED)

    assert task(owner, **values).status is OMITTED
    assert owner.loaded == ["status"]


def test_a_container_is_loaded_until_it_is_readable() -> None:
    members = [Timelog(duration=60.0)]
    owner = Loading(members)
    unloaded = task(owner)
    assert unloaded.timelogs is members

    collection = incomplete(Task, name="anim").timelogs
    vars(unloaded)["timelogs"] = collection
    assert unloaded.timelogs is collection
    assert owner.loaded == ["timelogs"]

    collection.is_loaded = False
    assert unloaded.timelogs is members
    assert owner.loaded == ["timelogs", "timelogs"]


def test_a_new_entity_has_an_empty_link_and_one_empty_container() -> None:
    new = incomplete(Task, name="anim")

    assert new.parent is None
    assert list(new.timelogs) == []
    assert new.timelogs is new.timelogs


def test_a_detached_entity_cannot_load() -> None:
    detached = task().model_copy()

    with pytest.raises(NotLoadedError, match="status"):
        _ = detached.status
    with pytest.raises(NotLoadedError, match="timelogs"):
        _ = detached.timelogs


def test_a_descriptor_sets_its_value_through_the_checks_of_the_entity() -> None:
    new, status = incomplete(Task, name="anim"), Status(name="Approved", is_active=True)
    link = LinkDescriptor(Task.__ftrack__.attributes["status"], "status")
    container = ContainerDescriptor(Task.__ftrack__.attributes["timelogs"], "timelogs")

    link.__set__(new, status)
    container.__set__(new, [timelog := Timelog(duration=60.0)])

    assert new.status_id == status.id
    assert timelog.context_id == new.id
    for descriptor in (link, container):
        with pytest.raises(AttributeValueError):
            descriptor.__set__(new, new)
