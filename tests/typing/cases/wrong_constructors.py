# ruff: noqa
# fmt: off
"""Constructors refuse what the schema refuses."""

from datetime import datetime

from ftrack_models import (
    Appointment,
    Asset,
    AssetVersion,
    CustomAttributeConfiguration,
    NoteComponent,
    AssetBuild,
    CalendarEvent,
    Job,
    Note,
    Project,
    ProjectSchema,
    Shot,
    State,
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

now = datetime.now()

Task(nam="lighting")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(name="lighting", parent_id="bad911de")  # E: mypy[call-arg] pyright[reportCallIssue]
Task("lighting")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(parent=SHOT, name=3)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, name=None)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, bid="3h")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, bid=None)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, start_date="2026-01-01")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(id="bad911de")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(time_logged=3.0)  # E: mypy[call-arg] pyright[reportCallIssue]
Task(created_at=now)  # E: mypy[call-arg] pyright[reportCallIssue]
Task(link=[])  # E: mypy[call-arg] pyright[reportCallIssue]
Task(object_type_id="11c137c0")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(parent=SHOT, status=State())  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, status="Approved")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, status=None)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent="bunny")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, notes=Note())  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent=SHOT, notes=[Status(is_active=True)])  # E: mypy[list-item] pyright[reportArgumentType]
Task(parent=SHOT, metadata={"frames": 24})  # E: mypy[dict-item] pyright[reportArgumentType]
Task(parent=SHOT, metadata="frames")  # E: mypy[arg-type] pyright[reportArgumentType]
Status()  # E: mypy[call-arg] pyright[reportCallIssue]
Status(name="Approved")  # E: mypy[call-arg] pyright[reportCallIssue]
Status(is_active="yes")  # E: mypy[arg-type] pyright[reportArgumentType]
Appointment(type="assignment")  # E: mypy[call-arg] pyright[reportCallIssue]
CalendarEvent(name="holiday", start=now)  # E: mypy[call-arg] pyright[reportCallIssue]
Timelog()  # E: mypy[call-arg] pyright[reportCallIssue]
Job(status="waiting")  # E: mypy[arg-type] pyright[reportArgumentType]
TypedContextLink(from_=SHOT, to=SHOT, type="start-to-start")  # E: mypy[arg-type] pyright[reportArgumentType]
Shot(parent=SHOT, bid=3.0)  # E: mypy[call-arg] pyright[reportCallIssue]
AssetBuild(parent=SHOT, start_date=now)  # E: mypy[call-arg] pyright[reportCallIssue]
User(resource_type="user")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(name="lighting")  # E: mypy[call-arg] pyright[reportCallIssue]
Shot(name="010", description="first")  # E: mypy[call-arg] pyright[reportCallIssue]
Project(name="bunny")  # E: mypy[call-arg] pyright[reportCallIssue]
Asset(name="lighting")  # E: mypy[call-arg] pyright[reportCallIssue]
AssetVersion(comment="first")  # E: mypy[call-arg] pyright[reportCallIssue]
NoteComponent()  # E: mypy[call-arg] pyright[reportCallIssue]
CustomAttributeConfiguration(key="fps", config="{}")  # E: mypy[call-arg] pyright[reportCallIssue]
