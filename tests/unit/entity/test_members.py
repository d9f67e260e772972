"""Edits of collections: the keys of the members follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_models import Appointment, Asset, Note, Shot, Task, Timelog
from ftrack_orm import (
    AttributeValueError,
    DetachedEntityError,
    EntityState,
    ReadOnlyAttributeError,
    Session,
)
from ftrack_orm.entity.members import (
    MembersEdit,
    add_members,
    adopt_members,
    member_of,
    remove_members,
    require_writable,
)
from ftrack_orm.types import Reference
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete
from tests.support.transports import UnusedTransport


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(transport=UnusedTransport(), check_schema="ignore") as session:
        yield session


def shot(session: Session, *members: Any) -> Shot:
    """Return a new shot of the session with members that are in the session too."""
    made = incomplete(Shot, name="010")
    session.add_all([made, *members])
    add_members(made.children, members)
    return made


def task(name: str, **values: Any) -> Task:
    return Task(name=name, **values)


def test_one_wrong_or_repeated_member_leaves_all_keys_as_they_were(
    session: Session,
) -> None:
    anim, comp = task("anim"), task("comp")
    owner = shot(session, anim)
    session.add(comp)

    for added in ([comp, anim], [comp, comp], [comp, Note(content="x")]):
        with pytest.raises(AttributeValueError):
            add_members(owner.children, added)
    for replacement in ([comp, comp], [comp, Note(content="x")]):
        with pytest.raises(AttributeValueError):
            MembersEdit(owner.children, replacement)

    assert list(owner.children) == [anim]
    assert comp.parent_id is None


def test_a_replacement_is_checked_before_it_is_written(session: Session) -> None:
    anim, comp, fx = task("anim"), task("comp"), task("fx")
    owner = shot(session, anim, comp)
    session.add(fx)

    edit = MembersEdit(owner.children, [fx, comp])
    assert list(owner.children) == [anim, comp]
    edit.write()

    assert list(owner.children) == [fx, comp]
    assert (anim.parent_id, fx.parent_id) == (None, owner.id)


def test_a_member_that_requires_an_owner_cannot_be_removed(session: Session) -> None:
    owner, asset = incomplete(Shot, name="010"), incomplete(Asset, name="hero")
    session.add_all([owner, asset])
    add_members(owner.assets, [asset])

    with pytest.raises(AttributeValueError, match="context_id cannot be None"):
        remove_members(owner.assets, [asset])
    with pytest.raises(AttributeValueError, match="context_id cannot be None"):
        MembersEdit(owner.assets, [])

    assert list(owner.assets) == [asset]
    assert asset.context_id == owner.id


def test_a_removed_member_has_no_owner_and_is_not_deleted(session: Session) -> None:
    anim, comp = task("anim"), task("comp")
    owner = shot(session, anim, comp)

    remove_members(owner.children, [anim])

    assert list(owner.children) == [comp]
    assert anim.parent_id is None
    assert anim.entity_state is EntityState.PENDING


def test_a_new_member_gets_the_values_that_all_members_have(session: Session) -> None:
    owner = shot(session)
    appointment = incomplete(Appointment, type="allocation")
    session.add(appointment)

    add_members(owner.assignments, [appointment])

    assert appointment.context_id == owner.id
    assert appointment.type == "assignment"


def test_a_reference_becomes_the_entity_of_the_session_if_there_is_one(
    session: Session,
) -> None:
    anim = task("anim")
    owner, alone = shot(session, anim), incomplete(Shot, name="020")

    assert member_of(owner.children, Reference("Task", (anim.id,))) is anim
    bare = member_of(alone.children, Reference("Task", ("t1",)))

    assert type(bare) is Task
    assert (bare.id, bare.entity_state) == ("t1", EntityState.DETACHED)


@pytest.mark.parametrize("name", ["ancestors", "descendants"])
def test_members_that_the_server_computes_are_read_only(name: str) -> None:
    entity = incomplete(Shot, name="010")

    with pytest.raises(ReadOnlyAttributeError, match="the server computes it"):
        require_writable(entity, Shot.__ftrack__.attributes[name])
    require_writable(entity, Shot.__ftrack__.attributes["children"])


def test_members_from_before_the_session_get_the_key_of_their_owner(
    session: Session,
) -> None:
    owner, timelog = incomplete(Shot, name="010"), Timelog(duration=60.0)
    vars(owner)["timelogs"] = owner.timelogs
    owner.timelogs.put(timelog)
    owner.timelogs.put(persistent(Timelog, id="foreign"))

    with pytest.raises(DetachedEntityError):
        adopt_members(owner)
    assert timelog.context_id is None

    owner.timelogs.remove_object(owner.timelogs[1])
    session.add(owner)
    assert list(owner.timelogs) == [timelog]
    assert timelog.context_id == owner.id
