"""Giving memory back and renewing it: expire, refresh, expunge, close, cascades."""

from __future__ import annotations

import gc
import weakref
from typing import Any, cast

import pytest

from ftrack_models import Note, Shot, Task, TypedContextList, User
from ftrack_orm import DetachedEntityError, EntityState, NotLoadedError, Session
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, state_of
from tests.support.incomplete import incomplete


def test_many_entities_are_refreshed_in_one_request(
    session: Session, other: Session
) -> None:
    tasks = session.select(Task).limit(50).load(Task.status, Task.metadata).all()
    for theirs in other.select(Task).limit(50):
        theirs.description = f"changed {theirs.name}"
        theirs.metadata["seen"] = "yes"
    other.commit()
    held = [task.metadata for task in tasks]
    tasks[0].description = "mine"
    before = session.requests

    session.refresh(*tasks)

    assert session.requests == before + 1
    assert [task.description for task in tasks] == [
        f"changed {task.name}" for task in tasks
    ]
    # The mappings that were taken before show the server's rows.
    assert [dict(metadata)["seen"] for metadata in held] == ["yes"] * len(tasks)
    for task, mapping in zip(tasks, held, strict=True):
        assert task.metadata is mapping
    assert session.requests == before + 1
    assert not session.plan()


def test_refreshing_names_the_entity_that_is_gone_and_renews_the_others(
    session: Session, other: Session
) -> None:
    kept, gone = a_task(session), a_task(session, "layout")
    other.delete(Task, gone.id)
    other.update(Task, kept.id, {"description": "theirs"})

    with pytest.raises(NotLoadedError, match="layout"):
        session.refresh(gone, kept)

    assert kept.description == "theirs"


def test_expired_values_load_again_and_edits_stay(
    session: Session, other: Session
) -> None:
    task = a_task(session)
    children = a_shot(session).children
    task.description = "mine"
    other.update(Task, task.id, {"bid": 5.0, "description": "theirs"})
    other.create(Task, {"name": "new one", "parent_id": task.parent_id})

    session.expire()

    assert task.bid == 5.0
    assert task.description == "mine"
    assert a_shot(session).children is children
    assert "new one" in [child.name for child in children]
    session.rollback()
    assert task.description == "theirs"


def test_expiring_one_entity_keeps_the_others(session: Session) -> None:
    first, second = session.select(Task).limit(2).all()
    session.expire(first)
    before = session.requests

    assert second.description == ""
    assert session.requests == before
    assert first.description == ""
    assert session.requests == before + 1


def test_only_entities_of_the_session_are_refreshed_or_expired(
    session: Session, other: Session
) -> None:
    mine, theirs = a_task(session), a_task(other)
    mine.description = "mine"

    for method in (session.refresh, session.expire):
        with pytest.raises(DetachedEntityError):
            method(mine, theirs)
        with pytest.raises(DetachedEntityError):
            method(incomplete(Task, name="new"))
    assert mine.description == "mine"


def test_expunging_everything_frees_it_and_detaches_what_is_held(
    session: Session,
) -> None:
    kept = session.select(Task).load(Task.status, Task.parent).first()
    assert kept is not None
    name = kept.status.name
    others = [weakref.ref(task) for task in session.select(Task)]
    pending = Task(name="new", parent=kept.parent)
    session.add(pending)

    session.expunge_all()
    gc.collect()

    alive = [task for reference in others if (task := reference()) is not None]
    assert alive == [kept]
    assert kept.entity_state is EntityState.DETACHED
    assert pending.entity_state is EntityState.TRANSIENT
    # Held entities keep what was loaded, links included.
    assert kept.status.name == name
    assert not session.plan()
    again = session.get(Task, kept.id)
    assert again is not None
    assert again is not kept


def test_a_result_goes_on_after_everything_was_expunged(emulator: Emulator) -> None:
    with Session(
        transport=emulator.transport(), check_schema="ignore", page_size=5
    ) as session:
        tasks = iter(session.select(Task).order_by(Task.id))
        first = next(tasks)
        session.expunge_all()
        rest = list(tasks)

        assert first.entity_state is EntityState.DETACHED
        late = rest[-1]
        assert late.entity_state is EntityState.PERSISTENT
        assert session.get(Task, late.id) is late
        assert late.status.name


def test_links_can_be_read_after_the_session_is_closed(emulator: Emulator) -> None:
    with Session(transport=emulator.transport(), check_schema="ignore") as session:
        task = session.select(Task).load(Task.status, Task.parent).first()
        assert task is not None
        names = task.status.name, task.parent and task.parent.name

    assert (task.status.name, task.parent and task.parent.name) == names
    with pytest.raises(NotLoadedError):
        _ = task.priority


@pytest.mark.parametrize("at_once", [True, False])
def test_what_the_server_deletes_with_an_entity_leaves_memory(
    session: Session, other: Session, at_once: bool
) -> None:
    shot = a_shot(session)
    project = shot.project
    children = list(shot.children)
    notes = list(children[0].notes)
    author = session.select(User).where(User.username == "anna").one()
    note = Note(content="seen", author=author)
    session.add(note)
    children[0].notes.append(note)
    listed = session.select(TypedContextList).load(TypedContextList.items).first()
    assert listed is not None
    items = cast("list[Any]", listed.items)
    if shot not in items:
        items.append(shot)
    session.commit()

    if at_once:
        session.delete(Shot, shot.id)
    else:
        session.remove(shot)
        session.commit()

    for entity in (shot, *children, note, *notes):
        assert state_of(entity) is EntityState.DETACHED
    assert session.get(Task, children[0].id) is None
    assert shot not in items
    assert shot not in project.descendants
    fresh = other.get(TypedContextList, listed.id)
    assert fresh is not None
    assert [one.id for one in fresh.items] == [one.id for one in listed.items]


def test_results_of_immediate_operations_reach_collections(session: Session) -> None:
    first, second = a_shot(session), a_shot(session, "sq010_sh020")
    assert len(first.children) == len(second.children) == 4

    made = session.create(Task, {"name": "at once", "parent": first}).data
    assert made in first.children
    session.update(Task, made.id, {"parent": second})
    assert made not in first.children
    assert made in second.children
    assert made.parent is second
    session.delete(Task, made.id)
    assert made not in second.children
    assert state_of(made) is EntityState.DETACHED
