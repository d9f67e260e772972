"""Collections of new entities in a session: both ends of a relation agree."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_models import AssetVersion, AssetVersionList, Note, Shot, Task
from ftrack_orm import AttributeValueError, FtrackError, Session
from tests.support.incomplete import incomplete
from tests.support.transports import UnusedTransport


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(transport=UnusedTransport(), check_schema="ignore") as session:
        yield session


def shot(session: Session, *names: str) -> Shot:
    """Return a new shot in a session, with a member of each name."""
    made = incomplete(Shot, name="010")
    session.add(made)
    made.children = [incomplete(Task, name=name) for name in names]
    session.add_all(made.children)
    return made


def task(session: Session, name: str = "anim") -> Task:
    made = incomplete(Task, name=name)
    session.add(made)
    return made


def names(owner: Shot) -> list[str]:
    return [one.name for one in owner.children]


def test_a_member_has_its_owner_as_link(session: Session) -> None:
    owner, member = shot(session), task(session)

    owner.children.append(member)

    assert member.parent is owner
    assert member.parent_id == owner.id


def test_a_link_puts_its_entity_into_the_collection(session: Session) -> None:
    owner, member = shot(session), task(session)

    member.parent = owner

    assert list(owner.children) == [member]


def test_a_member_of_another_collection_moves(session: Session) -> None:
    before, after = shot(session, "anim"), shot(session)
    [member] = before.children

    after.children.append(member)

    assert names(before) == []
    assert names(after) == ["anim"]
    assert member.parent is after


def test_a_member_that_leaves_has_no_owner(session: Session) -> None:
    owner = shot(session, "anim", "comp")
    member = owner.children[0]

    owner.children.remove(member)

    assert names(owner) == ["comp"]
    assert member.parent is None
    assert member.parent_id is None


EDITS: list[Callable[[Any, list[Any]], object]] = [
    lambda found, more: found.extend(more),
    lambda found, more: found.insert(1, more[0]),
    lambda found, more: found.pop(),
    lambda found, more: found.pop(0),
    lambda found, more: found.clear(),
    lambda found, more: found.reverse(),
    lambda found, more: found.sort(key=lambda one: one.name, reverse=True),
    lambda found, more: found.__setitem__(0, more[0]),
    lambda found, more: found.__setitem__(slice(0, 2), more),
    lambda found, more: found.__delitem__(1),
    lambda found, more: found.__delitem__(slice(0, 2)),
    lambda found, more: found.__iadd__(more),
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_that_of_a_list_and_every_link_follows(
    session: Session, edit: Callable[[Any, list[Any]], object]
) -> None:
    owner = shot(session, "a", "b", "c")
    plain: list[Any] = list(owner.children)
    everybody = [*plain, *(more := [task(session, "d"), task(session, "e")])]

    edit(owner.children, more)
    edit(plain, more)

    assert list(owner.children) == plain
    for one in everybody:
        assert one.parent is (owner if one in plain else None)


def test_a_member_is_there_once(session: Session) -> None:
    owner = shot(session, "anim")
    [member] = owner.children

    with pytest.raises(AttributeValueError, match="once"):
        owner.children.append(member)

    assert list(owner.children) == [member]


def test_an_entity_of_another_type_is_refused_and_nothing_changes(
    session: Session,
) -> None:
    owner = shot(session, "anim")
    wrong: Any = Note(content="x")

    with pytest.raises(AttributeValueError):
        owner.children.append(wrong)
    with pytest.raises(AttributeValueError):
        owner.children = [incomplete(Task, name="new"), wrong]

    assert names(owner) == ["anim"]


def test_assigning_a_collection_replaces_its_members(session: Session) -> None:
    owner = shot(session, "anim", "comp")
    anim, comp = owner.children

    owner.children = [comp, incomplete(Task, name="fx")]

    assert names(owner) == ["comp", "fx"]
    assert anim.parent is None


def test_a_many_to_many_collection_shows_at_both_ends(session: Session) -> None:
    first, second = incomplete(AssetVersion), incomplete(AssetVersion)
    session.add_all([first, second])

    first.uses_versions.append(second)

    assert list(second.used_in_versions) == [first]
    second.used_in_versions.clear()
    assert list(first.uses_versions) == []


def test_a_copy_of_a_collection_is_a_plain_list(session: Session) -> None:
    owner = shot(session, "anim", "comp")

    copied = copy.copy(owner.children)
    copied.clear()

    assert type(copied) is list
    assert names(owner) == ["anim", "comp"]


def test_a_list_of_versions_takes_versions_alone(session: Session) -> None:
    dailies = incomplete(AssetVersionList, name="dailies")
    wrong: Any = incomplete(Task, name="anim")

    dailies.items.append(incomplete(AssetVersion))

    with pytest.raises(FtrackError):
        dailies.items.append(wrong)
    assert len(dailies.items) == 1
