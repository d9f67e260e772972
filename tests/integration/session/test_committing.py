"""What a commit sends, in which order, and what it leaves in memory."""

from __future__ import annotations

import json

import pytest

from ftrack_models import (
    Appointment,
    AssetVersion,
    AssetVersionList,
    Folder,
    Group,
    Membership,
    Note,
    Project,
    ProjectSchema,
    Sequence,
    Shot,
    Status,
    Task,
    TypedContextLink,
    User,
)
from ftrack_orm import (
    CircularReferenceError,
    DetachedEntityError,
    EntityState,
    PlanChangedError,
    Session,
)
from ftrack_orm.codec import encode_batch
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, project, state_of
from tests.support.emulator_records import data_of, sql, stored, writes, written
from tests.support.incomplete import incomplete


def test_nothing_changed_sends_nothing(emulator: Emulator, session: Session) -> None:
    a_task(session)
    with emulator.expect_calls(0):
        assert not session.commit()


def test_a_tree_is_created_in_one_request_each_after_its_parent(
    emulator: Emulator, session: Session
) -> None:
    schema = session.select(ProjectSchema).where(ProjectSchema.name == "VFX").one()
    show = Project(name="new", full_name="New", project_schema=schema)
    sequence = Sequence(name="sq010", parent=show)
    shots = [Shot(name=f"sh{number}", parent=sequence) for number in range(3)]
    tasks = [Task(name="fx", parent=shot) for shot in shots]
    # Added in the order that would fail.
    session.add_all([*tasks, *shots, sequence, show])
    emulator.call_log.clear()

    with emulator.expect_calls(1):
        session.commit()

    # The caller's order stays where nothing forces another: each task follows its shot.
    assert written(emulator) == [
        ("create", "Project"),
        ("create", "Sequence"),
        *[("create", "Shot"), ("create", "Task")] * 3,
    ]
    assert sql(
        emulator,
        """select count(*) from Context task join Context shot
        on shot.id = task.parent_id join Context sequence
        on sequence.id = shot.parent_id where sequence.parent_id = :project""",
        project=show.id,
    ) == [(3,)]
    assert tasks[0].project_id == show.id
    assert all(task.entity_state is EntityState.PERSISTENT for task in tasks)


def test_members_are_deleted_before_what_holds_them(
    emulator: Emulator, session: Session
) -> None:
    shot = a_shot(session)
    tasks = session.select(Task).where(Task.parent_id == shot.id).all()
    session.remove(shot)
    for task in tasks:
        session.remove(task)
    created = Task(name="new", parent=a_shot(session, "sq010_sh020"))
    session.add(created)
    emulator.call_log.clear()

    session.commit()

    assert written(emulator) == [
        *[("delete", "Task")] * 4,
        ("delete", "Shot"),
        ("create", "Task"),
    ]
    assert stored(emulator, "Shot", shot.id) is None
    assert state_of(shot) is EntityState.DETACHED
    assert session.get(Shot, shot.id) is None


def test_what_leaves_is_updated_before_what_it_left_is_deleted(
    emulator: Emulator, session: Session
) -> None:
    first, second = a_shot(session), a_shot(session, "sq010_sh020")
    task = a_task(session)
    task.parent, task.name = second, "moved"
    session.remove(first)
    emulator.call_log.clear()

    session.commit()

    assert written(emulator) == [("update", "Task"), ("delete", "Shot")]
    assert stored(emulator, "Task", task.id) is not None


def test_an_entity_added_and_removed_leaves_no_trace(
    emulator: Emulator, session: Session
) -> None:
    task = Task(name="dust", parent=a_shot(session))
    session.add(task)
    session.remove(task)

    with emulator.expect_calls(0):
        assert not session.commit()
    assert state_of(task) is EntityState.TRANSIENT


def test_an_entity_removed_and_added_again_stays(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    session.remove(task)
    session.add(task)

    with emulator.expect_calls(0):
        assert not session.commit()
    assert state_of(task) is EntityState.PERSISTENT


def test_a_value_set_back_sends_nothing(emulator: Emulator, session: Session) -> None:
    task = a_task(session)
    status, name = task.status, task.name
    approved = session.select(Status).where(Status.name == "Omitted").one()
    task.name, task.status = "anim", approved
    task.name, task.status = name, status

    with emulator.expect_calls(0):
        assert not session.plan()
        session.commit()


def test_several_edits_are_one_operation_with_what_changed(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.name = "a"
    task.name = "b"
    task.bid = 7200
    task.description = "c"
    emulator.call_log.clear()

    session.commit()

    [step] = writes(emulator)
    assert step["entity_key"] == [task.id]
    assert data_of(step) == {"bid": 7200, "description": "c", "name": "b"}
    assert not session.plan()


def test_edits_of_a_new_entity_are_part_of_its_creation(
    emulator: Emulator, session: Session
) -> None:
    task = Task(name="a", parent=a_shot(session))
    session.add(task)
    task.name = "b"
    emulator.call_log.clear()

    session.commit()

    [step] = writes(emulator)
    assert step["action"] == "create"
    assert data_of(step)["name"] == "b"


def test_what_the_server_filled_is_there_after_a_create(
    emulator: Emulator, session: Session
) -> None:
    task = Task(name="dust", parent=a_shot(session))
    session.add(task)
    session.commit()

    with emulator.expect_calls(0):
        assert task.project_id
        assert task.status_id
        assert task.created_at is not None
        assert task.created_at.tzinfo is not None
        assert task.bid == 0


def test_a_link_and_its_foreign_key_agree_and_are_sent_once(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    omitted = session.select(Status).where(Status.name == "Omitted").one()
    task.status = omitted
    assert task.status_id == omitted.id
    emulator.call_log.clear()

    session.commit()

    [step] = writes(emulator)
    assert data_of(step) == {"status_id": omitted.id}

    approved = session.select(Status).where(Status.name == "Approved").one()
    task.status_id = approved.id
    assert task.status is approved


def test_moving_a_task_changes_both_parents_and_one_row(
    emulator: Emulator, session: Session
) -> None:
    first, second = a_shot(session), a_shot(session, "sq010_sh020")
    task = a_task(session)
    assert len(first.children) == len(second.children) == 4
    second.children.append(task)
    task.name = "moved"
    assert task.parent is second
    assert task not in first.children
    emulator.call_log.clear()

    session.commit()

    [step] = writes(emulator)
    assert data_of(step) == {"name": "moved", "parent_id": second.id}
    assert not session.plan()


def test_a_move_rolled_back_restores_both_ends(session: Session) -> None:
    first, second = a_shot(session), a_shot(session, "sq010_sh020")
    task = a_task(session)
    before = list(first.children), list(second.children)
    task.parent = second

    session.rollback()

    assert task.parent is first
    assert (list(first.children), list(second.children)) == before
    assert not session.plan()


def the_dailies(session: Session) -> AssetVersionList:
    lists = session.select(AssetVersionList).load(AssetVersionList.items)
    return lists.where(AssetVersionList.name == "dailies").one()


def test_a_collection_without_an_inverse_sends_its_full_membership(
    emulator: Emulator, session: Session
) -> None:
    dailies = the_dailies(session)
    members = list(dailies.items)
    assert len(members) > 1
    others = session.select(AssetVersion).order_by(AssetVersion.id)
    more = next(one for one in others if one not in members)
    dailies.items.remove(members[0])
    dailies.items.append(more)
    emulator.call_log.clear()

    session.commit()

    [step] = writes(emulator)
    assert step["entity_type"] == "AssetVersionList"
    expected = [*(member.id for member in members[1:]), more.id]
    assert data_of(step) == {
        "items": [{"__entity_type__": "AssetVersion", "id": one} for one in expected]
    }
    assert sorted(
        row[0]
        for row in sql(
            emulator,
            "select entity_id from ListObject where list_id = :id",
            id=dailies.id,
        )
    ) == sorted(expected)


def test_members_in_another_order_are_no_change(session: Session) -> None:
    dailies = the_dailies(session)
    first, *rest = list(dailies.items)
    dailies.items.remove(first)
    dailies.items.append(first)

    assert [one.id for one in dailies.items] == [one.id for one in (*rest, first)]
    assert not session.plan()


def test_new_rows_between_entities_are_created_with_them(
    emulator: Emulator, session: Session
) -> None:
    group = Group(name="Paint", local=True)
    user = session.select(User).where(User.username == "anna").one()
    membership = Membership(group=group, user=user)
    task = Task(name="paint", parent=a_shot(session))
    assignment = Appointment(type="assignment", context=task, resource=user)
    wait = TypedContextLink(from_=a_task(session), to=task)
    session.add_all([wait, assignment, membership, task, group])
    emulator.call_log.clear()

    session.commit()

    order = [entity_type for _, entity_type in written(emulator)]
    assert order.index("Group") < order.index("Membership")
    assert order.index("Task") < order.index("Appointment")
    assert order.index("Task") < order.index("TypedContextLink")
    assert sql(
        emulator,
        "select resource_id from Appointment where context_id = :id",
        id=task.id,
    ) == [(user.id,)]


def test_a_plan_is_exactly_what_is_sent(emulator: Emulator, session: Session) -> None:
    task = a_task(session)
    shot = a_shot(session)
    task.name = "anim"
    shot.metadata["source"] = "edit"
    note = Note(content="hi", parent_id=task.id, parent_type="Task")
    note.author = a_user(session)
    session.add(note)
    session.remove(a_task(session, "layout"))
    emulator.call_log.clear()

    plan = session.plan()
    assert session.plan() == plan
    assert str(session.plan()) == str(plan)
    assert session.commit() == plan

    [call] = emulator.calls
    sent = json.loads(encode_batch(plan.operations, session._core.models.primary_key))
    assert [dict(step) for step in call.operations] == sent
    assert "'animation' -> 'anim'" in str(plan)


def a_user(session: Session) -> User:
    return session.select(User).where(User.username == "anna").one()


def test_a_plan_that_changed_is_refused_and_nothing_is_sent(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.name = "anim"
    shown = session.plan()
    task.name = "anim2"

    with emulator.expect_calls(0), pytest.raises(PlanChangedError) as raised:
        session.commit(expect=shown)

    assert "anim2" in raised.value.difference
    assert session.commit(expect=session.plan())


def test_planning_asks_and_changes_nothing(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.name = "anim"
    with emulator.expect_calls(0):
        session.plan()
        session.plan()

    session.rollback()
    assert task.name == "animation"


def test_new_entities_that_require_each_other_are_named(
    emulator: Emulator, session: Session
) -> None:
    folder = Folder(name="a", parent=project(session))
    inner = Folder(name="b", parent=folder)
    folder.parent = inner
    session.add_all([folder, inner])

    with emulator.expect_calls(0), pytest.raises(CircularReferenceError) as raised:
        session.commit()
    assert any(folder.id in one for one in raised.value.cycle)


def test_a_link_to_an_entity_that_was_not_added_is_refused(
    emulator: Emulator, session: Session
) -> None:
    shot = Shot(name="new", parent=a_shot(session).parent)
    task = Task(name="fx", parent=shot)
    session.add(task)

    with emulator.expect_calls(0), pytest.raises(DetachedEntityError):
        session.commit()


def test_a_member_that_was_not_added_is_refused_rather_than_forgotten(
    emulator: Emulator, session: Session
) -> None:
    shot = a_shot(session)
    shot.children.append(incomplete(Task, name="new"))

    with pytest.raises(DetachedEntityError):
        session.commit()
    assert written(emulator) == []
    session.add(shot.children[-1])
    session.commit()
    assert written(emulator) == [("create", "Task")]


def test_what_is_removed_leaves_the_collections_in_memory(session: Session) -> None:
    shot = a_shot(session)
    assert len(shot.children) == 4
    new = Task(name="new", parent=shot)
    session.add(new)
    assert new in shot.children
    session.remove(new)
    assert new not in shot.children
    session.add(new)
    assert new in shot.children
    session.remove(new)
    gone = a_task(session)
    session.remove(gone)

    session.commit()

    assert len(shot.children) == 3
    assert gone not in shot.children


def test_entities_of_another_session_are_refused(
    session: Session, other: Session
) -> None:
    mine, theirs = a_task(session), a_task(other)

    with pytest.raises(DetachedEntityError):
        session.add(theirs)
    with pytest.raises(DetachedEntityError):
        session.remove(theirs)
    with pytest.raises(DetachedEntityError):
        session.refresh(theirs)
    with pytest.raises(DetachedEntityError):
        session.expunge(theirs)
    with pytest.raises(DetachedEntityError):
        mine.parent = theirs.parent
    assert not session.plan()


def test_an_expunged_entity_keeps_its_values_and_sends_nothing(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.name = "anim"
    session.expunge(task)

    with emulator.expect_calls(0):
        assert not session.commit()
        assert task.name == "anim"
    assert state_of(task) is EntityState.DETACHED
    assert session.get(Task, task.id) is not task


def test_rollback_puts_back_everything_and_asks_nothing(
    emulator: Emulator, session: Session
) -> None:
    shot = a_shot(session)
    task, gone = a_task(session), a_task(session, "layout")
    show = project(session)
    assert show.metadata["delivery"]
    children = list(shot.children)
    session.load([shot], Shot.custom_attributes)
    fend = shot.custom_attributes["fend"]
    new = Task(name="new", parent=shot)
    session.add(new)
    task.name, task.bid = "anim", 1.0
    show.metadata["delivery"] = "other"
    show.metadata["more"] = "x"
    shot.custom_attributes["fend"] = 3
    session.remove(gone)

    with emulator.expect_calls(0):
        session.rollback()
        assert task.name == "animation"
        assert dict(show.metadata) == {"delivery": "DCP 2K flat"}
        assert shot.custom_attributes["fend"] == fend
        assert state_of(gone) is EntityState.PERSISTENT
        assert state_of(new) is EntityState.TRANSIENT
        assert not session.commit()
    assert list(shot.children) == children
