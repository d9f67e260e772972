# ruff: noqa
# fmt: off
"""Constructors refuse what the schema refuses."""

from datetime import datetime

from ftrack_models import (
    Appointment, AssetBuild, CalendarEvent, Job, Note, Shot, State, Status, Task,
    Timelog, TypedContextLink, User,
)

now = datetime.now()

Task(nam="lighting")  # E: mypy[call-arg] pyright[reportCallIssue]
Task("lighting")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(name=3)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(name=None)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(bid="3h")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(bid=None)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(start_date="2026-01-01")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(id="bad911de")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(time_logged=3.0)  # E: mypy[call-arg] pyright[reportCallIssue]
Task(created_at=now)  # E: mypy[call-arg] pyright[reportCallIssue]
Task(link=[])  # E: mypy[call-arg] pyright[reportCallIssue]
Task(object_type_id="11c137c0")  # E: mypy[call-arg] pyright[reportCallIssue]
Task(status=State())  # E: mypy[arg-type] pyright[reportArgumentType]
Task(status="Approved")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(status=None)  # E: mypy[arg-type] pyright[reportArgumentType]
Task(parent="bunny")  # E: mypy[arg-type] pyright[reportArgumentType]
Task(notes=Note())  # E: mypy[arg-type] pyright[reportArgumentType]
Task(notes=[Status(is_active=True)])  # E: mypy[list-item] pyright[reportArgumentType]
Task(metadata={"frames": 24})  # E: mypy[dict-item] pyright[reportArgumentType]
Task(metadata="frames")  # E: mypy[arg-type] pyright[reportArgumentType]
Status()  # E: mypy[call-arg] pyright[reportCallIssue]
Status(name="Approved")  # E: mypy[call-arg] pyright[reportCallIssue]
Status(is_active="yes")  # E: mypy[arg-type] pyright[reportArgumentType]
Appointment()  # E: mypy[call-arg] pyright[reportCallIssue]
CalendarEvent(name="holiday", start=now)  # E: mypy[call-arg] pyright[reportCallIssue]
Timelog()  # E: mypy[call-arg] pyright[reportCallIssue]
Job(status="waiting")  # E: mypy[arg-type] pyright[reportArgumentType]
TypedContextLink(type="start-to-start")  # E: mypy[arg-type] pyright[reportArgumentType]
Shot(bid=3.0)  # E: mypy[call-arg] pyright[reportCallIssue]
AssetBuild(start_date=now)  # E: mypy[call-arg] pyright[reportCallIssue]
User(resource_type="user")  # E: mypy[call-arg] pyright[reportCallIssue]
