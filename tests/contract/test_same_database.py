"""The same work through both clients leaves the same database.

And ours has sent no more requests and no more operations than the official one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from ftrack_models import (
    Appointment,
    Asset,
    AssetType,
    AssetVersion,
    AssetVersionLink,
    AssetVersionList,
    ListCategory,
    Note,
    NoteLabel,
    NoteLabelLink,
    Project,
    ProjectSchema,
    Recipient,
    Sequence,
    Shot,
    Status,
    Task,
    Timelog,
    Type,
    TypedContextLink,
    User,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.database_content import Content
from tests.support.incomplete import incomplete
from tests.support.official_client import connect
from tests.support.schemas import recorded

NOW: Final = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


class Scenario:
    """A piece of work, once with each client.

    `prepare` is done by ours for both, and not counted.
    """

    def prepare(self, session: Session) -> None:
        """Make what the work needs."""

    def ours(self, session: Session) -> None:
        """Do the work with this library."""
        raise NotImplementedError

    def theirs(self, session: Any) -> None:
        """Do the work with the official client."""
        raise NotImplementedError


def plant(session: Session) -> None:
    """Make a production: two sequences of two shots with two tasks each."""
    schema = session.select(ProjectSchema).where(ProjectSchema.name == "VFX").one()
    project = Project(name="bunny", full_name="Bunny", project_schema=schema)
    session.add(project)
    animation = session.select(Type).where(Type.name == "Animation").one()
    for outer in range(2):
        sequence = Sequence(name=f"sq{outer}", parent=project)
        session.add(sequence)
        for inner in range(2):
            shot = Shot(name=f"sh{outer}{inner}", parent=sequence)
            session.add(shot)
            for name in ("anim", "comp"):
                session.add(Task(name=name, parent=shot, type=animation))
    user = User(username="jane", email="jane@example.com")
    session.add(user)
    session.commit()


class MakesAProduction(Scenario):
    """Project, sequences, shots and tasks, with metadata and custom attributes."""

    def ours(self, session: Session) -> None:
        schema = session.select(ProjectSchema).where(ProjectSchema.name == "VFX").one()
        kinds = {kind.name: kind for kind in session.select(Type)}
        project = Project(name="new", full_name="New", project_schema=schema)
        session.add(project)
        project.metadata["client"] = "Blue"
        for outer in range(2):
            sequence = Sequence(name=f"sq{outer}", parent=project)
            session.add(sequence)
            for inner in range(3):
                shot = Shot(name=f"sh{outer}{inner}", parent=sequence)
                session.add(shot)
                shot.custom_attributes["fstart"] = 1001
                shot.custom_attributes["fend"] = 1010 + inner
                shot.metadata["edit"] = f"v{inner}"
                for name in ("Animation", "Compositing"):
                    task = Task(name=name, parent=shot, type=kinds[name], bid=3600)
                    session.add(task)
        session.commit()

    def theirs(self, session: Any) -> None:
        schema = session.query('ProjectSchema where name is "VFX"').one()
        kinds = {kind["name"]: kind for kind in session.query("Type")}
        values = {"name": "new", "full_name": "New", "project_schema": schema}
        project = session.create("Project", values)
        project["metadata"]["client"] = "Blue"
        for outer in range(2):
            values = {"name": f"sq{outer}", "parent": project}
            sequence = session.create("Sequence", values)
            for inner in range(3):
                values = {"name": f"sh{outer}{inner}", "parent": sequence}
                shot = session.create("Shot", values)
                shot["custom_attributes"]["fstart"] = 1001
                shot["custom_attributes"]["fend"] = 1010 + inner
                shot["metadata"]["edit"] = f"v{inner}"
                for name in ("Animation", "Compositing"):
                    values = {"name": name, "parent": shot, "type": kinds[name]}
                    session.create("Task", {**values, "bid": 3600})
        session.commit()


class EditsTasks(Scenario):
    """New statuses, dates, descriptions; a shot is moved; custom attributes."""

    def prepare(self, session: Session) -> None:
        plant(session)

    def ours(self, session: Session) -> None:
        done = session.select(Status).where(Status.name == "Approved").one()
        for task in session.select(Task).where(Task.name == "anim"):
            task.status = done
            task.description = "Nice."
            task.end_date = datetime(2024, 6, 1, 12, tzinfo=UTC)
        shot = session.select(Shot).where(Shot.name == "sh00").one()
        shot.parent = session.select(Sequence).where(Sequence.name == "sq1").one()
        shot.custom_attributes["handles"] = 8
        session.commit()

    def theirs(self, session: Any) -> None:
        done = session.query('Status where name is "Approved"').one()
        for task in session.query('Task where name is "anim"'):
            task["status"] = done
            task["description"] = "Nice."
            task["end_date"] = datetime(2024, 6, 1, 12, tzinfo=UTC)
        shot = session.query('Shot where name is "sh00"').one()
        shot["parent"] = session.query('Sequence where name is "sq1"').one()
        shot["custom_attributes"]["handles"] = 8
        session.commit()


class ChangesMetadata(Scenario):
    """Metadata is added, changed and removed."""

    def prepare(self, session: Session) -> None:
        plant(session)
        for shot in session.select(Shot):
            shot.metadata["old"] = "1"
            shot.metadata["kept"] = "2"
        session.commit()

    def ours(self, session: Session) -> None:
        for shot in session.select(Shot).load(Shot.metadata):
            del shot.metadata["old"]
            shot.metadata["kept"] = "3"
            shot.metadata["new"] = "4"
        session.commit()

    def theirs(self, session: Any) -> None:
        for shot in session.query("select metadata from Shot"):
            del shot["metadata"]["old"]
            shot["metadata"]["kept"] = "3"
            shot["metadata"]["new"] = "4"
        session.commit()


class AssignsPeople(Scenario):
    """A user is assigned to all tasks of a shot, then taken off one."""

    def prepare(self, session: Session) -> None:
        plant(session)

    def ours(self, session: Session) -> None:
        jane = session.select(User).where(User.username == "jane").one()
        tasks = session.select(Task).where(Task.parent.name == "sh01")
        made = [
            Appointment(context=task, resource=jane, type="assignment")
            for task in tasks.order_by(Task.name)
        ]
        session.add_all(made)
        session.commit()
        session.remove(made[0])
        session.commit()

    def theirs(self, session: Any) -> None:
        jane = session.query('User where username is "jane"').one()
        made = [
            session.create(
                "Appointment", {"context": task, "resource": jane, "type": "assignment"}
            )
            for task in session.query(
                'Task where parent.name is "sh01" order by name'
            ).all()
        ]
        session.commit()
        session.delete(made[0])
        session.commit()


class WritesNotes(Scenario):
    """A note with a recipient and a label, and a reply to it."""

    def prepare(self, session: Session) -> None:
        plant(session)

    def ours(self, session: Session) -> None:
        jane = session.select(User).where(User.username == "jane").one()
        label = session.select(NoteLabel).where(NoteLabel.name == "Internal").one()
        task = session.select(Task).where(
            Task.name == "anim", Task.parent.name == "sh00"
        )
        found = task.one()
        note = Note(
            content="Hold longer.",
            author=jane,
            parent_id=found.id,
            parent_type=found.entity_type,
        )
        session.add(note)
        session.add(incomplete(Recipient, note_id=note.id, resource_id=jane.id))
        session.add(incomplete(NoteLabelLink, note_id=note.id, label_id=label.id))
        reply = Note(content="Yes.", author=jane, in_reply_to=note)
        session.add(reply)
        session.commit()

    def theirs(self, session: Any) -> None:
        jane = session.query('User where username is "jane"').one()
        label = session.query('NoteLabel where name is "Internal"').one()
        task = session.query('Task where name is "anim" and parent.name is "sh00"')
        note = task.one().create_note(
            "Hold longer.", author=jane, recipients=[jane], labels=[label]
        )
        note.create_reply("Yes.", author=jane)
        session.commit()


class PublishesVersions(Scenario):
    """An asset with two versions that use each other, in a list."""

    def prepare(self, session: Session) -> None:
        plant(session)

    def ours(self, session: Session) -> None:
        kind = session.select(AssetType).where(AssetType.short == "geo").one()
        task = session.select(Task).where(Task.parent.name == "sh00").first()
        assert task is not None
        assert task.parent is not None
        category = session.select(ListCategory).limit(1).one()
        asset = Asset(name="hero", type=kind, parent=task.parent)
        session.add(asset)
        versions = [AssetVersion(asset=asset, task=task, comment=text) for text in "ab"]
        session.add_all(versions)
        session.commit()
        session.add(
            incomplete(AssetVersionLink, from_id=versions[0].id, to_id=versions[1].id)
        )
        dailies = AssetVersionList(
            name="dailies", project=task.project, category=category
        )
        session.add(dailies)
        dailies.items.extend(versions)
        session.commit()

    def theirs(self, session: Any) -> None:
        kind = session.query('AssetType where short is "geo"').one()
        task = session.query('Task where parent.name is "sh00"').first()
        category = session.query("ListCategory").first()
        asset = session.create(
            "Asset", {"name": "hero", "type": kind, "parent": task["parent"]}
        )
        versions = [
            session.create(
                "AssetVersion", {"asset": asset, "task": task, "comment": text}
            )
            for text in "ab"
        ]
        session.commit()
        session.create("AssetVersionLink", {"from": versions[0], "to": versions[1]})
        dailies = session.create(
            "AssetVersionList",
            {"name": "dailies", "project": task["project"], "category": category},
        )
        dailies["items"].extend(versions)
        session.commit()


class LinksTasksAndLogsTime(Scenario):
    """Tasks in an order, and hours on one of them."""

    def prepare(self, session: Session) -> None:
        plant(session)

    def ours(self, session: Session) -> None:
        jane = session.select(User).where(User.username == "jane").one()
        tasks = session.select(Task).where(Task.parent.name == "sh00")
        first, second = tasks.order_by(Task.name)
        session.add(TypedContextLink(from_=first, to=second))
        session.add(
            Timelog(
                context=first,
                user=jane,
                duration=5400,
                start=datetime(2024, 5, 2, 9, tzinfo=UTC),
            )
        )
        session.commit()

    def theirs(self, session: Any) -> None:
        jane = session.query('User where username is "jane"').one()
        first, second = session.query(
            'Task where parent.name is "sh00" order by name'
        ).all()
        session.create("TypedContextLink", {"from": first, "to": second})
        session.create(
            "Timelog",
            {
                "context": first,
                "user": jane,
                "duration": 5400,
                "start": datetime(2024, 5, 2, 9, tzinfo=UTC),
            },
        )
        session.commit()


class Deletes(Scenario):
    """A task, then a shot with what is below it, then an entity made and dropped."""

    def prepare(self, session: Session) -> None:
        plant(session)

    def ours(self, session: Session) -> None:
        session.remove(
            session.select(Task)
            .where(Task.name == "comp", Task.parent.name == "sh00")
            .one()
        )
        session.remove(session.select(Shot).where(Shot.name == "sh11").one())
        parent = session.select(Shot).where(Shot.name == "sh01").one()
        fleeting = Task(name="fleeting", parent=parent)
        session.add(fleeting)
        session.remove(fleeting)
        session.commit()

    def theirs(self, session: Any) -> None:
        session.delete(
            session.query('Task where name is "comp" and parent.name is "sh00"').one()
        )
        session.delete(session.query('Shot where name is "sh11"').one())
        parent = session.query('Shot where name is "sh01"').one()
        fleeting = session.create("Task", {"name": "fleeting", "parent": parent})
        session.delete(fleeting)
        session.commit()


class Ensures(Scenario):
    """A user that is there is changed, another is made."""

    def prepare(self, session: Session) -> None:
        plant(session)

    def ours(self, session: Session) -> None:
        for name in ("jane", "john"):
            data = {"username": name, "first_name": "J"}
            session.ensure(User, data, identifying_keys=["username"])

    def theirs(self, session: Any) -> None:
        for name in ("jane", "john"):
            data = {"username": name, "first_name": "J"}
            session.ensure("User", data, identifying_keys=["username"])


@pytest.fixture
def emulators() -> Iterator[list[Emulator]]:
    """Two servers with nothing but the standard seed, at the same moment."""
    made = [Emulator(schema=recorded(), clock=lambda: NOW) for _ in range(2)]
    yield made
    for emulator in made:
        emulator.close()


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(kind(), id=kind.__name__) for kind in Scenario.__subclasses__()],
)
def test_both_clients_leave_the_same_database(
    emulators: list[Emulator], scenario: Scenario, tmp_path: Path
) -> None:
    before = emulators[0].snapshot()
    with Session(transport=emulators[0].transport()) as session:
        scenario.prepare(session)
    emulators[1].restore(emulators[0].snapshot())
    ours, theirs = emulators
    for emulator in emulators:
        emulator.call_log.clear()

    with Session(transport=ours.transport()) as session:
        scenario.ours(session)
    theirs.start()
    official = connect(theirs, tmp_path)
    scenario.theirs(official)
    official.close()

    left, right = Content(ours, before).rows, Content(theirs, before).rows
    assert sorted((left - right).elements()) == sorted((right - left).elements())
    assert left
    assert len(ours.calls) <= len(theirs.calls)
    assert len(ours.call_log.operations) <= len(theirs.call_log.operations)


def test_databases_that_differ_are_told_apart(emulators: list[Emulator]) -> None:
    before = emulators[0].snapshot()
    for emulator, name in zip(emulators, ("a", "b"), strict=True):
        with Session(transport=emulator.transport()) as session:
            plant(session)
            first = session.select(Task).where(Task.name == "anim").first()
            assert first is not None
            first.description = name
            session.commit()
    left, right = (Content(emulator, before).rows for emulator in emulators)
    assert len(left - right) >= 1
    assert sum(left.values()) == sum(right.values())
