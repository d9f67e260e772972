"""Edits written for both clients, each of which one commit sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ftrack_models import (
    Appointment,
    Asset,
    AssetType,
    AssetVersion,
    AssetVersionList,
    FileComponent,
    ListCategory,
    Note,
    Sequence,
    Shot,
    Status,
    Task,
    Timer,
    User,
)
from ftrack_orm import Entity, Session
from tests.support.demo_production import a_shot, a_task, project


@dataclass(frozen=True)
class Scenario:
    """The same edits for both clients; neither function commits."""

    ours: Callable[[Session], None]
    official: Callable[[Any], None]


SCENARIOS: list[Scenario] = []


def as_official(official: Callable[[Any], None]) -> Callable[[Any], Any]:
    """Register a scenario: the decorated function is ours."""

    def register(ours: Callable[[Session], None]) -> Callable[[Session], None]:
        SCENARIOS.append(Scenario(ours, official))
        return ours

    return register


def the_task(session: Any, name: str = "animation", shot: str = "sq010_sh010") -> Any:
    """Return a task, in the official client."""
    return session.query(
        f'Task where name is "{name}" and parent.name is "{shot}"'
    ).one()


def the_shot(session: Any, name: str = "sq010_sh010") -> Any:
    return session.query(f'Shot where name is "{name}"').one()


def the_user(session: Any, name: str = "anna") -> Any:
    return session.query(f'User where username is "{name}"').one()


def the_version(session: Any) -> Any:
    """Return the version of the lowest key, in the official client."""
    return session.query("AssetVersion order by id").first()


def a_user(session: Session, name: str = "anna") -> User:
    return session.select(User).where(User.username == name).one()


def a_version(session: Session) -> AssetVersion:
    version = session.select(AssetVersion).order_by(AssetVersion.id).first()
    assert version is not None
    return version


def same_name_twice(session: Any) -> None:
    shot = the_shot(session)
    session.delete(the_task(session))
    session.create("Task", {"name": "animation", "parent": shot})


@as_official(same_name_twice)
def a_task_is_replaced_by_one_of_its_name(session: Session) -> None:
    session.remove(a_task(session))
    session.add(Task(name="animation", parent=a_shot(session)))


def rename_and_create(session: Any) -> None:
    the_task(session)["name"] = "animation_old"
    session.create("Task", {"name": "animation", "parent": the_shot(session)})


@as_official(rename_and_create)
def a_task_is_renamed_and_another_takes_its_name(session: Session) -> None:
    a_task(session).name = "animation_old"
    session.add(Task(name="animation", parent=a_shot(session)))


def hand_names_on(session: Any) -> None:
    first, second = the_task(session), the_task(session, "layout")
    first["description"] = "tracked first"
    second["name"] = "layout_old"
    first["name"] = "layout"


@as_official(hand_names_on)
def a_name_is_handed_on_though_its_taker_was_edited_first(session: Session) -> None:
    first, second = a_task(session), a_task(session, "layout")
    first.description = "tracked first"
    second.name = "layout_old"
    first.name = "layout"


def take_name_of_deleted(session: Any) -> None:
    first = the_task(session)
    first["description"] = "tracked first"
    session.delete(the_task(session, "layout"))
    first["name"] = "layout"


@as_official(take_name_of_deleted)
def the_name_of_a_deleted_task_is_taken(session: Session) -> None:
    first = a_task(session)
    first.description = "tracked first"
    session.remove(a_task(session, "layout"))
    first.name = "layout"


def trade_places(session: Any) -> None:
    first = the_task(session)
    second = the_task(session, shot="sq010_sh020")
    second["name"] = "animation_2"
    second["parent"] = the_shot(session)
    first["parent"] = the_shot(session, "sq010_sh020")


@as_official(trade_places)
def tasks_of_one_name_trade_their_shots(session: Session) -> None:
    first = a_task(session)
    shot = a_shot(session, "sq010_sh020")
    second = (
        session.select(Task)
        .where(Task.parent.is_(shot), Task.name == "animation")
        .one()
    )
    second.name = "animation_2"
    second.parent = a_shot(session)
    first.parent = shot


def empty_and_delete(session: Any) -> None:
    first, second = the_shot(session), the_shot(session, "sq010_sh020")
    for task in session.query('Task where parent.name is "sq010_sh010"').all():
        task["name"] += "_moved"
        task["parent"] = second
    session.delete(first)


@as_official(empty_and_delete)
def children_move_out_of_a_shot_that_is_deleted(session: Session) -> None:
    first, second = a_shot(session), a_shot(session, "sq010_sh020")
    for task in session.select(Task).where(Task.parent.is_(first)).all():
        task.name += "_moved"
        task.parent = second
    session.remove(first)


def delete_upwards(session: Any) -> None:
    for task in session.query('Task where parent.name is "sq010_sh010"').all():
        session.delete(task)
    session.delete(the_shot(session))


@as_official(delete_upwards)
def tasks_are_deleted_and_then_their_shot(session: Session) -> None:
    shot = a_shot(session)
    for task in session.select(Task).where(Task.parent.is_(shot)).all():
        session.remove(task)
    session.remove(shot)


@as_official(delete_upwards)
def a_shot_is_deleted_and_then_its_tasks(session: Session) -> None:
    shot = a_shot(session)
    tasks = session.select(Task).where(Task.parent.is_(shot)).all()
    session.remove(shot)
    for task in tasks:
        session.remove(task)


def version_with_thumbnail(session: Any) -> None:
    known = the_version(session)
    version = session.create(
        "AssetVersion", {"asset": known["asset"], "task": known["task"]}
    )
    component = session.create(
        "FileComponent", {"name": "thumb", "file_type": ".jpg", "version": version}
    )
    version["thumbnail_id"] = component["id"]


@as_official(version_with_thumbnail)
def a_version_shows_its_own_component_as_thumbnail(session: Session) -> None:
    known = a_version(session)
    version = AssetVersion(asset=known.asset, task=known.task)
    component = FileComponent(name="thumb", file_type=".jpg", version=version)
    version.thumbnail = component
    session.add_all([version, component])


@as_official(version_with_thumbnail)
def a_component_is_added_before_the_version_it_is_of(session: Session) -> None:
    known = a_version(session)
    version = AssetVersion(asset=known.asset, task=known.task)
    component = FileComponent(name="thumb", file_type=".jpg", version=version)
    version.thumbnail = component
    session.add_all([component, version])


def several_versions(session: Any) -> None:
    kind = session.query("AssetType order by id").first()
    asset = session.create(
        "Asset", {"name": "fresh", "parent": the_shot(session), "type": kind}
    )
    for comment in ("one", "two", "three"):
        session.create("AssetVersion", {"asset": asset, "comment": comment})


@as_official(several_versions)
def versions_of_a_new_asset_are_numbered_as_they_were_made(session: Session) -> None:
    kind = session.select(AssetType).order_by(AssetType.id).first()
    assert kind is not None
    asset = Asset(name="fresh", parent=a_shot(session), type=kind)
    versions = [AssetVersion(asset=asset, comment=one) for one in ("one", "two")]
    session.add_all(versions)
    session.add(asset)
    session.add(AssetVersion(asset=asset, comment="three"))


def versions_used(session: Any) -> None:
    asset = the_version(session)["asset"]
    first = session.create("AssetVersion", {"asset": asset, "comment": "one"})
    second = session.create("AssetVersion", {"asset": asset, "comment": "two"})
    first["uses_versions"].append(second)


@as_official(versions_used)
def a_version_uses_one_that_is_made_after_it(session: Session) -> None:
    asset = a_version(session).asset
    first = AssetVersion(asset=asset, comment="one")
    second = AssetVersion(asset=asset, comment="two")
    session.add_all([first, second])
    first.uses_versions.append(second)


def version_waits(session: Any) -> None:
    asset = the_version(session)["asset"]
    task = session.create("Task", {"name": "late", "parent": the_shot(session)})
    for comment, its in (("one", task), ("two", None)):
        session.create(
            "AssetVersion", {"asset": asset, "comment": comment, "task": its}
        )


@as_official(version_waits)
def a_version_of_a_task_that_is_added_later_keeps_its_number(session: Session) -> None:
    asset = a_version(session).asset
    task = Task(name="late", parent=a_shot(session))
    session.add(AssetVersion(asset=asset, comment="one", task=task))
    session.add(AssetVersion(asset=asset, comment="two"))
    session.add(task)


def metadata_of_new(session: Any) -> None:
    task = session.create("Task", {"name": "dust", "parent": the_shot(session)})
    task["metadata"]["source"] = "edit"
    the_shot(session)["metadata"]["source"] = "edit"


@as_official(metadata_of_new)
def new_and_old_entities_get_metadata(session: Session) -> None:
    task = Task(name="dust", parent=a_shot(session))
    session.add(task)
    task.metadata["source"] = "edit"
    a_shot(session).metadata["source"] = "edit"


def new_tree(session: Any) -> None:
    show = session.query('Project where name is "bunny"').one()
    sequence = session.create("Sequence", {"name": "sq900", "parent": show})
    for name in ("sh010", "sh020"):
        shot = session.create("Shot", {"name": name, "parent": sequence})
        task = session.create("Task", {"name": "fx", "parent": shot})
        session.create(
            "Appointment",
            {"context": task, "resource": the_user(session), "type": "assignment"},
        )


@as_official(new_tree)
def a_tree_with_assignments_is_added_leaves_first(session: Session) -> None:
    sequence = Sequence(name="sq900", parent=project(session))
    entities: list[Entity] = []
    for name in ("sh010", "sh020"):
        shot = Shot(name=name, parent=sequence)
        task = Task(name="fx", parent=shot)
        user = a_user(session)
        entities += [
            Appointment(context=task, resource=user, type="assignment"),
            task,
            shot,
        ]
    session.add_all([*entities, sequence])


def timer_replaced(session: Any) -> None:
    user, task = the_user(session), the_task(session)
    for timer in session.query('Timer where user.username is "anna"').all():
        session.delete(timer)
    session.create("Timer", {"user": user, "context": task, "comment": "new"})


@as_official(timer_replaced)
def the_running_timer_of_a_user_is_replaced(session: Session) -> None:
    for timer in session.select(Timer).where(Timer.user.username == "anna").all():
        session.remove(timer)
    session.add(Timer(user=a_user(session), context=a_task(session), comment="new"))


def assignment_replaced(session: Any) -> None:
    task = the_task(session)
    for appointment in task["appointments"]:
        session.delete(appointment)
    for user in ("anna", "admin"):
        session.create(
            "Appointment",
            {
                "context": task,
                "resource": the_user(session, user),
                "type": "assignment",
            },
        )


@as_official(assignment_replaced)
def assignments_are_replaced_by_ones_of_the_same_user(session: Session) -> None:
    task = a_task(session)
    for appointment in list(task.appointments):
        session.remove(appointment)
    for name in ("anna", "admin"):
        user = a_user(session, name)
        session.add(Appointment(context=task, resource=user, type="assignment"))


def notes(session: Any) -> None:
    task, author = the_task(session), the_user(session)
    note = task.create_note("first", author)
    note.create_reply("second", author)


@as_official(notes)
def a_note_is_appended_with_its_reply(session: Session) -> None:
    task, author = a_task(session), a_user(session)
    note = Note(content="first", author=author)
    reply = Note(content="second", author=author, in_reply_to=note)
    session.add_all([reply, note])
    task.notes.append(note)
    reply.parent_id, reply.parent_type = note.id, "Note"


def list_of_new(session: Any) -> None:
    version = the_version(session)
    new = session.create(
        "AssetVersionList",
        {
            "name": "fresh",
            "owner": the_user(session),
            "project": session.query('Project where name is "bunny"').one(),
            "category": session.query("ListCategory order by id").first(),
        },
    )
    made = session.create(
        "AssetVersion", {"asset": version["asset"], "comment": "for the list"}
    )
    new["items"].append(version)
    new["items"].append(made)


@as_official(list_of_new)
def a_new_list_holds_a_version_that_is_made_after_it(session: Session) -> None:
    version = a_version(session)
    category = session.select(ListCategory).order_by(ListCategory.id).first()
    assert category is not None
    new = AssetVersionList(
        name="fresh", owner=a_user(session), project=project(session), category=category
    )
    made = AssetVersion(asset=version.asset, comment="for the list")
    session.add_all([new, made])
    new.items.append(version)
    new.items.append(made)


def edits(session: Any) -> None:
    approved = session.query('Status where name is "Approved"').first()
    for task in session.query('Task where parent.name is "sq010_sh010"').all():
        task["status"] = approved
        task["description"] = "approved"


@as_official(edits)
def several_tasks_get_two_values_each(session: Session) -> None:
    approved = session.select(Status).where(Status.name == "Approved").first()
    assert approved is not None
    for task in session.select(Task).where(Task.parent.is_(a_shot(session))).all():
        task.status = approved
        task.description = "approved"
