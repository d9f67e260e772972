"""The members that uncommitted edits have given to an owner."""

from __future__ import annotations

from ftrack_models import Shot, Task
from ftrack_orm import Session
from ftrack_orm.entity.moves import is_moved_here, moves_to
from ftrack_orm.entity.relation_storage import ReverseStorage
from ftrack_orm.entity.state import LoadGroup
from tests.support.fake_executor import FakeExecutor
from tests.support.incomplete import incomplete
from tests.support.transports import UnusedTransport


def children() -> ReverseStorage:
    storage = Shot.__ftrack__.attributes["children"].collection_storage
    assert isinstance(storage, ReverseStorage)
    return storage


def loaded() -> tuple[Shot, Task, Task]:
    """Return a shot of a session, its task, and a task of another shot."""
    executor = FakeExecutor()
    [shot] = executor.build_entities(
        [{"__entity_type__": "Shot", "id": "s1"}], LoadGroup(), Shot
    )
    rows = [
        {"__entity_type__": "Task", "id": "t1", "parent_id": "s1"},
        {"__entity_type__": "Task", "id": "t2", "parent_id": "s2"},
    ]
    child, stranger = executor.build_entities(rows, LoadGroup(), Task)
    return shot, child, stranger


def test_a_member_that_the_server_lists_was_not_moved() -> None:
    shot, child, _ = loaded()

    assert not is_moved_here(child, children(), "s1")
    assert moves_to(shot, children(), "s1") == []


def test_a_member_with_an_edited_key_was_moved_to_that_owner_only() -> None:
    shot, _, stranger = loaded()

    stranger.parent_id = "s1"

    assert is_moved_here(stranger, children(), "s1")
    assert not is_moved_here(stranger, children(), "s2")
    assert moves_to(shot, children(), "s1") == [stranger]


def test_a_member_that_moved_on_is_no_move_to_the_first_owner() -> None:
    shot, _, stranger = loaded()
    stranger.parent_id = "s1"

    stranger.parent_id = "s3"

    assert moves_to(shot, children(), "s1") == []
    assert moves_to(shot, children(), "s3") == [stranger]


def test_a_pending_member_exists_by_an_edit_alone() -> None:
    with Session(transport=UnusedTransport(), check_schema="ignore") as session:
        shot = incomplete(Shot, name="010")
        # Values that are not checked are not recorded as edits either.
        task = Task.model_construct(name="anim", parent_id=shot.id)
        session.add_all([shot, task])

        assert is_moved_here(task, children(), shot.id)
        assert moves_to(shot, children(), shot.id) == [task]


def test_an_owner_without_a_session_has_no_moves() -> None:
    shot = incomplete(Shot, name="010")
    task = incomplete(Task, name="anim")
    task.parent = shot

    assert moves_to(shot, children(), shot.id) == []
