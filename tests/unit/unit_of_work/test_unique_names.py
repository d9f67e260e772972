"""Names that one entity gives up and another takes in one commit (protocol 6.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ftrack_models import Project, Shot, Status, Task, User
from ftrack_orm import Entity, EntityState
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.changes import collect_changes
from ftrack_orm.unit_of_work.unique_names import name_predecessors
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete


def predecessors(*entities: Entity) -> dict[Reference, list[Reference]]:
    return name_predecessors(entities, collect_changes(entities))


def pending(entity: Entity) -> Entity:
    entity.__ftrack_state__.state = EntityState.PENDING
    return entity


def deleted(entity: Entity) -> Entity:
    entity.__ftrack_state__.state = EntityState.DELETED
    return entity


def shot(key: str, name: str, parent_id: str = "p1") -> Shot:
    return persistent(Shot, id=key, name=name, parent_id=parent_id)


def test_a_new_entity_waits_for_the_one_that_is_renamed_or_deleted() -> None:
    renamed = shot("s1", "a")
    renamed.name = "b"
    removed = deleted(shot("s2", "c"))
    first = pending(incomplete(Shot, name="a", parent_id="p1"))
    second = pending(incomplete(Shot, name="c", parent_id="p1"))

    assert predecessors(first, second, renamed, removed) == {
        first.reference: [renamed.reference],
        second.reference: [removed.reference],
    }


def test_an_entity_that_was_renamed_and_then_deleted_gives_up_its_first_name() -> None:
    removed = shot("s1", "a")
    removed.name = "b"
    deleted(removed)
    new = pending(incomplete(Shot, name="a", parent_id="p1"))
    other = pending(incomplete(Shot, name="b", parent_id="p1"))

    assert predecessors(new, removed) == {new.reference: [removed.reference]}
    assert predecessors(other, removed) == {}


def test_entities_that_exchange_their_names_wait_for_each_other() -> None:
    one, two = shot("s1", "a"), shot("s2", "b")
    one.name, two.name = "b", "a"

    assert predecessors(one, two) == {
        one.reference: [two.reference],
        two.reference: [one.reference],
    }


def test_a_name_is_unique_below_one_parent_only() -> None:
    renamed = shot("s1", "a")
    renamed.name = "b"
    elsewhere = pending(incomplete(Shot, name="a", parent_id="p2"))

    assert predecessors(renamed, elsewhere) == {}


def test_a_moved_entity_gives_up_its_name_below_the_old_parent() -> None:
    moved = shot("s1", "a")
    moved.parent_id = "p2"
    successor = pending(incomplete(Task, name="a", parent_id="p1"))

    # Shots and tasks have one base type, whose names are unique together.
    assert predecessors(moved, successor) == {successor.reference: [moved.reference]}


def test_projects_and_users_have_unique_names_without_a_parent() -> None:
    project = persistent(Project, id="p1", name="a")
    user = persistent(User, id="u1", username="a")
    project.name, user.username = "b", "b"
    new_project, new_user = (
        pending(incomplete(Project, name="a")),
        pending(User(username="a")),
    )

    of_user = {new_user.reference: [user.reference]}
    assert predecessors(user, new_user) == of_user
    assert predecessors(project, user, new_project, new_user) == {
        new_project.reference: [project.reference],
        **of_user,
    }


def unloaded() -> Sequence[Entity]:
    # The parents of the two are not loaded, and may differ.
    one, two = persistent(Shot, id="s1", name="a"), persistent(Shot, id="s2", name="b")
    one.name, two.name = "c", "a"
    return one, two, pending(incomplete(Shot, name="a", parent_id="p1"))


def types_without_rule() -> Sequence[Entity]:
    renamed = persistent(Status, id="x1", name="a")
    renamed.name = "b"
    return renamed, pending(Status(name="a", is_active=True))


def restored() -> Sequence[Entity]:
    same = shot("s1", "a")
    same.name = "b"
    same.name = "a"
    return same, pending(incomplete(Shot, name="a", parent_id="p1"))


@pytest.mark.parametrize("make", [unloaded, types_without_rule, restored])
def test_other_entities_wait_for_none(make: Callable[[], Sequence[Entity]]) -> None:
    assert predecessors(*make()) == {}
