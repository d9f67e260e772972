# ruff: noqa
# fmt: off
"""Constructors and setting: what must stay allowed."""

from datetime import datetime, timezone

from ftrack_models import (
    Appointment,
    AssetBuild,
    CalendarEvent,
    Component,
    Job,
    Note,
    Project,
    ProjectSchema,
    Shot,
    Status,
    Task,
    Timelog,
    TypedContextLink,
    User,
)

SHOT = Shot(
    name="010",
    parent=Project(full_name="Bunny", project_schema=ProjectSchema(name="vfx")),
)

now = datetime.now(timezone.utc)


def made(shot: Shot, status: Status, project: Project, user: User) -> None:
    reveal_type(Task(parent=SHOT))  # T: Task
    reveal_type(Task(name="lighting", parent=shot, bid=3 * 3600))  # T: Task
    reveal_type(Task(name="lighting", parent=None, description=None))  # T: Task
    reveal_type(Task(parent=SHOT, status=status, project=project, start_date=now))  # T: Task
    reveal_type(Task(parent=SHOT, status_id="bad911de", parent_id="bad911de"))  # T: Task
    reveal_type(Task.model_validate({"name": "lighting", "parent_id": "bad911de"}))  # T: Task
    reveal_type(Task(parent=SHOT, notes=[Note(content="a note")], metadata={"frames": "24"}))  # T: Task
    reveal_type(Task(parent=SHOT, notes=(Note(content=text) for text in ("a", "b"))))  # T: Task
    reveal_type(Task(parent=SHOT, custom_attributes={"fstart": 24, "tags": ["a"], "due": now}))  # T: Task
    reveal_type(Status(name="Approved", is_active=True))  # T: Status
    reveal_type(Note(author=user, content=None))  # T: Note
    reveal_type(Job(status="queued", user=user))  # T: Job
    reveal_type(TypedContextLink(from_=shot, to=shot, type="start_to_end"))  # T: TypedContextLink
    reveal_type(CalendarEvent(start=now, end=now))  # T: CalendarEvent
    reveal_type(Timelog(duration=3600))  # T: Timelog
    reveal_type(Appointment(type="assignment", resource=user, context=Task(parent=SHOT)))  # T: Appointment
    reveal_type(AssetBuild(parent=SHOT, name="tree", project=project))  # T: AssetBuild


def changed(task: Task, shot: Shot, status: Status, user: User, job: Job, note: Note) -> None:
    task.name = "lighting"
    task.bid = 3
    task.description = None
    task.start_date = now
    task.start_date = None
    task.status = status
    task.status_id = "bad911de"
    task.parent = shot
    task.parent = None
    note.author = user
    job.status = "done"
    task.metadata["frames"] = "24"
    task.metadata = {"frames": "24"}
    task.custom_attributes["fstart"] = 24
    task.custom_attributes["fstart"] = None
    task.notes.append(note)
    task.notes += [note]
    task.notes = [note]
    task.notes = (note,)
    task.notes[0] = note
    task.notes[0:1] = [note]
    task.children.append(shot)
