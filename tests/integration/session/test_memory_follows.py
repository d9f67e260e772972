"""Collections and links in memory follow deletes, moves, expunges and lost answers."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import (
    AssetVersion,
    Note,
    Shot,
    Task,
    Timelog,
    TypedContextList,
    User,
)
from ftrack_orm import EntityState, OutcomeUnknownError, ResponseFormatError, Session
from ftrack_orm.types import Reply
from tests.support.faulty_transport import FaultyTransport
from tests.support.session_programs.production import Production

PRODUCTION = Production()


@pytest.fixture
def wired() -> tuple[Session, FaultyTransport]:
    """Return a session on a clean production of three tasks, and its transport."""
    PRODUCTION.restore()
    return PRODUCTION.session()


@pytest.fixture
def session(wired: tuple[Session, FaultyTransport]) -> Session:
    return wired[0]


def named(session: Session, kind: Any, name: str) -> Any:
    return session.select(kind).where(kind.name == name).one()


def first(session: Session, kind: Any) -> Any:
    entity = session.select(kind).order_by(kind.id).first()
    assert entity is not None
    return entity


# -- deletes -----------------------------------------------------------------------


def test_a_link_to_a_deleted_entity_is_unloaded(session: Session) -> None:
    task = named(session, Task, "task 0")
    version = session.select(AssetVersion).where(AssetVersion.task.is_(task)).one()
    assert version.task_id == task.id
    session.remove(task)
    session.commit()
    # The server clears the keys of optional links (protocol 6.4).
    assert version.task_id is None
    assert version.task is None


def test_a_new_entity_beside_a_delete_has_the_key_that_the_server_has(
    session: Session,
) -> None:
    task = named(session, Task, "task 0")
    asset = first(session, AssetVersion).asset
    version = AssetVersion(asset=asset, task=task)
    session.add(version)
    session.remove(task)
    session.commit()
    assert version.task_id is None


def test_what_belongs_to_an_entity_that_memory_lacks_is_detached(
    session: Session,
) -> None:
    [task_id] = [
        key
        for key, row in PRODUCTION.read().rows.items()
        if row.get("name") == "task 0"
    ]
    note = first(session, Note)
    session.delete(Task, task_id)
    assert note.entity_state is EntityState.DETACHED


def test_a_cascade_goes_by_the_keys_that_the_server_has(session: Session) -> None:
    gone, other = named(session, Task, "task 0"), named(session, Task, "task 1")
    timelog = first(session, Timelog)
    stays = Timelog(context=other, duration=1.0, user=first(session, User))
    session.add(stays)
    session.commit()
    timelog.context = other
    stays.context = gone
    session.delete(Task, gone.id)
    assert timelog.entity_state is EntityState.DETACHED
    assert stays.entity_state is EntityState.PERSISTENT


def test_results_of_a_commit_bring_back_nothing_that_it_deletes(
    session: Session,
) -> None:
    task, listed = named(session, Task, "task 2"), first(session, TypedContextList)
    listed.items.append(task)
    note = first(session, Note)
    note.content = "edited"
    session.remove(task)
    session.remove(named(session, Task, "task 0"))
    session.commit()
    assert task not in listed.items
    assert session.get(Note, note.id) is None
    assert session.get(Task, task.id) is None


# -- entities that leave memory ----------------------------------------------------


def test_a_collection_is_whole_after_a_member_was_expunged(session: Session) -> None:
    task = named(session, Task, "task 0")
    keys = {note.id for note in task.notes}
    session.expunge(task.notes[0])
    assert {note.id for note in task.notes} == keys


def test_a_collection_is_whole_after_a_member_was_expired(session: Session) -> None:
    task = named(session, Task, "task 0")
    notes = list(task.notes)
    session.expire(notes[0])
    assert set(map(id, task.notes)) == set(map(id, notes))


def test_an_edited_membership_keeps_members_that_were_expunged(
    session: Session,
) -> None:
    listed = named(session, TypedContextList, "list 0")
    member, added = named(session, Task, "task 0"), named(session, Task, "task 2")
    assert member in listed.items
    listed.items.append(added)
    session.expunge(member)
    session.commit()
    assert PRODUCTION.read().pairs["items"] == {
        (listed.id, member.id),
        (listed.id, added.id),
    }


def test_an_expunged_member_drops_the_edits_of_its_memberships(
    session: Session,
) -> None:
    listed = named(session, TypedContextList, "list 0")
    member = named(session, Task, "task 0")
    listed.items.remove(member)
    session.expunge(member)
    assert not session.plan()
    assert [task.id for task in listed.items] == [member.id]


# -- both ends ---------------------------------------------------------------------


def test_an_end_that_is_loaded_after_a_removal_brings_nothing_back(
    session: Session,
) -> None:
    task, listed = (
        named(session, Task, "task 0"),
        named(session, TypedContextList, "list 0"),
    )
    task.lists.remove(listed)
    assert task not in listed.items
    assert listed not in task.lists


def test_an_end_follows_pairs_that_another_session_changed(session: Session) -> None:
    task = named(session, Task, "task 0")
    listed = named(session, TypedContextList, "list 0")
    assert listed in task.lists
    other, _ = PRODUCTION.session()
    named(other, TypedContextList, "list 0").items.clear()
    other.commit()
    assert task not in listed.items
    assert listed not in task.lists


def test_refreshing_one_end_keeps_the_edits_made_through_the_other(
    session: Session,
) -> None:
    task, listed = (
        named(session, Task, "task 2"),
        named(session, TypedContextList, "list 0"),
    )
    list(task.lists)
    listed.items.append(task)
    plan = session.plan()
    session.refresh(task)
    assert session.plan() == plan
    assert listed in task.lists
    session.refresh(listed)
    assert not session.plan()
    assert listed not in task.lists


def test_a_key_that_the_server_has_changed_shows_when_its_owner_is_loaded(
    session: Session,
) -> None:
    timelog, user = first(session, Timelog), first(session, Timelog).user
    other, _ = PRODUCTION.session()
    other.delete(Timelog, timelog.id)
    assert timelog not in user.timelogs
    assert vars(timelog).get("user_id") != user.id


# -- lost answers ------------------------------------------------------------------


def test_a_rollback_of_a_lost_commit_unloads_where_it_may_have_moved_things(
    wired: tuple[Session, FaultyTransport],
) -> None:
    session, wire = wired
    shots = session.select(Shot).order_by(Shot.name).all()
    task = named(session, Task, "task 0")
    assert [list(shot.children) for shot in shots][2] == []
    task.parent = shots[2]
    wire.faults.extend(["lost after", "lost before"])
    with pytest.raises(OutcomeUnknownError):
        session.commit()
    session.rollback()
    assert task in shots[2].children
    assert task not in shots[0].children


def test_a_rollback_of_a_lost_delete_unloads_what_may_be_gone(
    wired: tuple[Session, FaultyTransport],
) -> None:
    session, wire = wired
    task = named(session, Task, "task 0")
    version = session.select(AssetVersion).where(AssetVersion.task.is_(task)).one()
    user = first(session, Timelog).user
    assert len(user.timelogs) == 1
    session.remove(task)
    wire.faults.extend(["lost after", "lost before"])
    with pytest.raises(OutcomeUnknownError):
        session.commit()
    session.rollback()
    assert version.task_id is None
    assert user.timelogs == []


# -- malformed rows ----------------------------------------------------------------


def test_an_entity_without_a_key_inside_a_row_is_refused(
    wired: tuple[Session, FaultyTransport], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, wire = wired
    body = (
        b'[{"action": "query", "data": [{"__entity_type__": "Task", "id": "1",'
        b' "status": {"__entity_type__": "Status", "id": null}}]}]'
    )

    def call(*_: object, **__: object) -> Reply:
        return Reply(wire.server_url, 200, "application/json", body)

    monkeypatch.setattr(wire, "call", call)
    with pytest.raises(ResponseFormatError):
        session.query("Task")
    assert len(session._core.identity_map) == 0
