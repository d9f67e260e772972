"""A plan for people: names in place of ids, as they are in memory when it is made."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ftrack_models import (
    Appointment,
    Asset,
    AssetVersion,
    AssetVersionList,
    ContextCustomAttributeValue,
    FileComponent,
    Metadata,
    Note,
    Sequence,
    Shot,
    Status,
    Task,
    Timelog,
    User,
)
from ftrack_orm import (
    ConflictingChangesError,
    Entity,
    PlanChangedError,
    Session,
    TrackedList,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.unit_of_work.changes import Change
from ftrack_orm.unit_of_work.display_names import Memory
from tests.support.demo_production import a_shot, a_task
from tests.support.emulator_records import writes
from tests.support.incomplete import incomplete


def the_task(session: Session) -> Task:
    """Return a task whose status and shot are in memory; its sequence is not."""
    return (
        session.select(Task)
        .where(Task.parent.name == "sq010_sh010", Task.name == "animation")
        .load(Task.status, Task.parent)
        .one()
    )


def a_status(session: Session, name: str) -> Status:
    return session.select(Status).where(Status.name == name).one()


def a_user(session: Session) -> User:
    return session.select(User).where(User.username == "anna").one()


def test_a_link_is_shown_by_the_names_of_its_targets(session: Session) -> None:
    task = the_task(session)
    assert task.status.name == "Completed"
    task.status = a_status(session, "Approved")

    assert str(session.plan()) == (
        "~ Task sq010_sh010/animation  status: Completed -> Approved"
    )


def test_a_foreign_key_that_is_set_itself_is_shown_the_same(session: Session) -> None:
    task = the_task(session)
    task.status_id = a_status(session, "Approved").id

    assert str(session.plan()).endswith("status: Completed -> Approved")


def test_a_target_that_is_not_in_memory_is_the_start_of_its_id(
    session: Session,
) -> None:
    task = a_task(session)
    before = task.status_id
    task.status_id = "44de097a-4164-11df-9218-0019bb4983d8"

    assert str(session.plan()) == (
        f"~ Task animation  status: {before[:8]}… -> 44de097a…"
    )


def test_a_path_goes_as_far_up_as_memory_does(session: Session) -> None:
    task = the_task(session)
    session.select(Sequence).where(Sequence.name == "sq010").one()
    task.description = "new"

    assert str(session.plan()) == (
        "~ Task sq010/sq010_sh010/animation  description: '' -> 'new'"
    )


def test_a_renamed_and_moved_entity_is_titled_by_the_path_it_has_on_the_server(
    session: Session,
) -> None:
    task = the_task(session)
    task.name = "anim"
    task.parent = a_shot(session, "sq010_sh020")

    assert str(session.plan()).splitlines() == [
        "~ Task sq010_sh010/animation",
        "    name: 'animation' -> 'anim'",
        "    parent: sq010_sh010 -> sq010_sh020",
    ]


def test_rows_of_mappings_are_shown_as_values_of_their_owner(session: Session) -> None:
    shot = session.select(Shot).load(Shot.custom_attributes, Shot.metadata).first()
    assert shot is not None
    shot.custom_attributes["fstart"] = 950
    shot.metadata["source"] = "edit"
    session.commit()
    shot.custom_attributes["fstart"] = 1001
    shot.metadata["source"] = "cut"
    shot.metadata["client"] = "Sky"

    plan = session.plan()

    assert sorted(str(plan).splitlines()) == [
        f"+ Shot {shot.name}  metadata[client]: 'Sky'",
        f"~ Shot {shot.name}  custom_attributes[fstart]: 950 -> 1001",
        f"~ Shot {shot.name}  metadata[source]: 'edit' -> 'cut'",
    ]
    session.rollback()
    del shot.metadata["source"]
    assert str(session.plan()) == f"- Shot {shot.name}  metadata[source]"


def test_creates_and_deletes_are_titled_by_their_links_too(session: Session) -> None:
    task, anna = the_task(session), a_user(session)
    first = session.select(Appointment).where(Appointment.context.is_(task)).first()
    assert first is not None
    session.remove(first)
    new = Task(name="dust", parent=a_shot(session))
    session.add(new)
    session.add(Appointment(context=new, resource=anna, type="assignment"))

    lines = str(session.plan()).splitlines()

    assert lines[0].startswith(f"- Appointment {first.id[:8]}… (")
    assert "context sq010_sh010/animation" in lines[0]
    created = next(index for index, line in enumerate(lines) if line[0] == "+")
    assert lines[created] == "+ Task sq010_sh010/dust"
    assert "    parent: sq010_sh010" in lines
    assert lines[-3:] == [
        "    context: sq010_sh010/dust",
        "    resource: anna",
        "    type: 'assignment'",
    ]


def test_the_parent_of_a_note_is_shown_though_its_type_is_another_attribute(
    session: Session,
) -> None:
    task = the_task(session)
    note = Note(content="hi", author=a_user(session))
    session.add(note)
    task.notes.append(note)

    assert str(session.plan()).splitlines() == [
        f"+ Note sq010_sh010/animation/{note.id[:8]}…",
        "    content: 'hi'",
        "    parent: sq010_sh010/animation",
        "    parent_type: 'Task'",
        "    author: anna",
    ]


def test_versions_are_named_by_asset_and_number(session: Session) -> None:
    version = session.select(AssetVersion).load(AssetVersion.asset).first()
    assert version is not None
    version.comment = "new"
    asset = version.asset
    assert isinstance(asset, Asset)

    title = str(session.plan()).split("  ")[0]

    assert title == f"~ AssetVersion {asset.name}/v{version.version:03}"


def test_members_are_shown_by_name(session: Session) -> None:
    lists = session.select(AssetVersionList).load(AssetVersionList.items)
    dailies = lists.where(AssetVersionList.name == "dailies").one()
    first = dailies.items[0]
    others = session.select(AssetVersion).order_by(AssetVersion.id)
    more = next(one for one in others if one not in dailies.items)
    session.load([first, more], AssetVersion.asset)
    dailies.items.remove(first)
    dailies.items.append(more)

    assert str(session.plan()) == (
        "~ AssetVersionList dailies  items: "
        f"+{more.asset.name}/v{more.version:03}, "
        f"-{first.asset.name}/v{first.version:03}"
    )


# -- a plan owns its names ---------------------------------------------------------


def test_later_edits_change_no_plan_that_was_made(session: Session) -> None:
    task = the_task(session)
    approved = a_status(session, "Approved")
    task.status = approved
    plan = session.plan()
    printed = "~ Task sq010_sh010/animation  status: Completed -> Approved"

    approved.name = "renamed"
    a_shot(session).name = "renamed"
    session.close()

    assert str(plan) == printed


def test_the_plan_that_a_commit_returns_prints_as_it_was_expected(
    session: Session,
) -> None:
    task, gone = the_task(session), a_task(session, "layout")
    task.name = "anim"
    session.remove(gone)
    plan = session.plan()

    sent = session.commit(expect=plan)

    assert sent == plan
    assert str(sent) == str(plan)


def test_the_plan_of_a_commit_that_was_not_seen_before_prints_the_same(
    session: Session,
) -> None:
    task, gone = the_task(session), a_task(session, "layout")
    task.name = "anim"
    session.remove(gone)
    expected = str(session.plan())

    assert str(session.commit()) == expected
    assert "- Task sq010_sh010/layout" in expected


def test_printing_sends_nothing_whatever_the_state_of_the_session(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.status_id = "44de097a-4164-11df-9218-0019bb4983d8"
    session.remove(a_shot(session, "sq010_sh020"))
    plan = session.plan()
    session.expunge_all()

    with emulator.expect_calls(0):
        lazy = session.plan()
        session.close()
        for one in (plan, lazy):
            str(one)
            one.summary()
            one._repr_html_()
        assert str(pickle.loads(pickle.dumps(plan))) == str(plan)  # noqa: S301 # ours


def test_a_changed_plan_is_refused_with_both_values_and_the_name(
    session: Session,
) -> None:
    task = the_task(session)
    task.status = a_status(session, "Approved")
    plan = session.plan()
    task.status = a_status(session, "Omitted")

    with pytest.raises(PlanChangedError) as raised:
        session.commit(expect=plan)

    assert raised.value.difference.splitlines() == [
        "--- expected",
        "+++ now",
        "-~ Task sq010_sh010/animation  status: Completed -> Approved",
        "+~ Task sq010_sh010/animation  status: Completed -> Omitted",
    ]


def test_a_large_commit_describes_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    described: list[object] = []

    def describe(changes: Iterable[Change], memory: Memory) -> tuple[()]:
        described.append((changes, memory))
        return ()

    monkeypatch.setattr("ftrack_orm.unit_of_work.description.describe", describe)
    task = a_task(session)
    task.name = "anim"

    session.commit()
    assert described == []
    task.name = "animation"
    session.plan()
    assert len(described) == 1


# -- one reference once ------------------------------------------------------------


def remove_metadata_row(session: Session, task: Task) -> None:
    row = session.select(Metadata).where(Metadata.parent_id == task.id).one()
    session.remove(row)


def set_metadata(session: Session, task: Task) -> None:
    task.metadata["source"] = "cut"


def set_metadata_row(session: Session, task: Task) -> None:
    row = session.select(Metadata).where(Metadata.parent_id == task.id).one()
    row.value = "other"


def delete_metadata(session: Session, task: Task) -> None:
    del task.metadata["source"]


Edit = Callable[[Session, Task], None]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (remove_metadata_row, set_metadata),
        (set_metadata_row, set_metadata),
        (set_metadata_row, delete_metadata),
    ],
)
@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_metadata_row_that_is_changed_in_two_ways_is_refused(
    emulator: Emulator, session: Session, first: Edit, second: Edit, is_swapped: bool
) -> None:
    task = a_task(session)
    task.metadata["source"] = "edit"
    session.commit()
    emulator.call_log.clear()
    for edit in (second, first) if is_swapped else (first, second):
        edit(session, task)

    with pytest.raises(ConflictingChangesError, match="Metadata"):
        session.plan()
    with pytest.raises(ConflictingChangesError, match="Metadata"):
        session.commit()

    assert writes(emulator) == []
    session.rollback()
    assert task.metadata["source"] == "edit"


def test_a_metadata_row_that_is_removed_in_two_ways_is_deleted_once(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.metadata["source"] = "edit"
    session.commit()
    delete_metadata(session, task)
    remove_metadata_row(session, task)
    emulator.call_log.clear()

    session.commit()

    assert [step["action"] for step in writes(emulator)] == ["delete"]
    assert "source" not in task.metadata


@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_custom_attribute_that_is_reset_and_set_is_refused(
    emulator: Emulator, session: Session, is_swapped: bool
) -> None:
    shot = a_shot(session)
    assert shot.custom_attributes["fstart"] == 1001
    row = (
        session.select(ContextCustomAttributeValue)
        .where(
            ContextCustomAttributeValue.entity_id == shot.id,
            ContextCustomAttributeValue.configuration.key == "fstart",
        )
        .one()
    )
    if is_swapped:
        shot.custom_attributes["fstart"] = 950
        session.remove(row)
    else:
        session.remove(row)
        shot.custom_attributes["fstart"] = 950

    with pytest.raises(ConflictingChangesError, match="CustomAttributeValue"):
        session.commit()

    assert writes(emulator) == []
    session.rollback()
    assert shot.custom_attributes["fstart"] == 1001


# -- two sessions ------------------------------------------------------------------


def test_two_sessions_that_append_notes_lose_none(
    session: Session, other: Session
) -> None:
    for each, content in ((session, "ours"), (other, "theirs")):
        task = (
            each.select(Task).load(Task.notes).where(Task.name == "animation").first()
        )
        assert task is not None
        note = Note(content=content, author=a_user(each))
        each.add(note)
        task.notes.append(note)
    plans = session.plan(), other.plan()

    session.commit()
    other.commit()

    # The note is sent with its parent; the membership of all notes is not.
    for plan in plans:
        [change] = plan
        assert change.reference.entity_type == "Note"
        assert "notes" not in plan.operations[0].entity_data  # type: ignore[union-attr] # a create
    session.expunge_all()
    task = session.select(Task).where(Task.name == "animation").first()
    assert task is not None
    assert {"ours", "theirs"} <= {note.content for note in task.notes}


def a_component(session: Session) -> tuple[TrackedList[Any], Entity]:
    version = session.select(AssetVersion).load(AssetVersion.components).first()
    assert version is not None
    return version.components, FileComponent(name="extra")


def a_version(session: Session) -> tuple[TrackedList[Any], Entity]:
    asset = session.select(Asset).load(Asset.versions).first()
    assert asset is not None
    return asset.versions, incomplete(AssetVersion)


def a_child(session: Session) -> tuple[TrackedList[Any], Entity]:
    shot = session.select(Shot).load(Shot.children).first()
    assert shot is not None
    return shot.children, Task(name="extra", parent=shot)


def a_timelog(session: Session) -> tuple[TrackedList[Any], Entity]:
    task = session.select(Task).load(Task.timelogs).first()
    assert task is not None
    return task.timelogs, Timelog(duration=60.0, user=a_user(session))


def a_reply(session: Session) -> tuple[TrackedList[Any], Entity]:
    note = session.select(Note).load(Note.replies).first()
    assert note is not None
    return note.replies, Note(content="reply", author=a_user(session))


@pytest.mark.parametrize("make", [a_component, a_version, a_child, a_timelog, a_reply])
def test_a_member_is_sent_with_its_owner_and_not_the_membership(
    emulator: Emulator,
    session: Session,
    make: Callable[[Session], tuple[TrackedList[Any], Entity]],
) -> None:
    collection, member = make(session)
    key = collection.owner.reference.key[0]
    session.add(member)
    if member not in collection:
        collection.append(member)
    emulator.call_log.clear()

    session.commit()

    [step] = writes(emulator)
    assert step["action"] == "create"
    assert step["entity_type"] == member.entity_type
    assert key in step["entity_data"].values()
    assert not any(isinstance(value, list) for value in step["entity_data"].values())
