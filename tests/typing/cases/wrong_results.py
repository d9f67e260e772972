# ruff: noqa
# fmt: off
"""What a session and a select return."""

from datetime import datetime
from uuid import uuid4

from ftrack_orm import FlushPlan, Response, Session
from ftrack_models import (
    Note,
    Project,
    ProjectSchema,
    Shot,
    Status,
    Task,
    User,
)

SHOT = Shot(
    name="010",
    parent=Project(full_name="Bunny", project_schema=ProjectSchema(name="vfx")),
)


def of_a_select(session: Session) -> None:
    select = session.select(Task)
    a: Task = select.first()  # E: mypy[assignment] pyright[reportAssignmentType]
    b: Shot = select.one()  # E: mypy[assignment] pyright[reportAssignmentType]
    c: list[Shot] = select.all()  # E: mypy[assignment] pyright[reportAssignmentType]
    d: Shot = select[0]  # E: mypy[assignment] pyright[reportAssignmentType]
    e: Task = select[0:3]  # E: mypy[assignment] pyright[reportAssignmentType]
    f: Task = select.one_or_none()  # E: mypy[assignment] pyright[reportAssignmentType]
    select.first().name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    select.one().nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    select.all().name  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    select["lighting"]  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    b1: str = select.count()  # E: mypy[assignment] pyright[reportAssignmentType]
    b2: Task = select.exists()  # E: mypy[assignment] pyright[reportAssignmentType]
    select.count(Task.name)  # E: mypy[call-arg] pyright[reportCallIssue]
    len(select)  # E: mypy[arg-type] pyright[reportArgumentType]
    for shot in select:
        shot.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.select("Task")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(Task(parent=SHOT))  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(str)  # E: mypy[type-var] pyright[reportArgumentType]
    session.select()  # E: mypy[call-arg] pyright[reportCallIssue]


def of_values(session: Session) -> None:
    select = session.select(Task)
    a: list[tuple[int]] = select.values(Task.name)  # E: mypy[arg-type] pyright[reportAssignmentType]
    b: list[tuple[str, str]] = select.values(Task.name, Task.bid)  # E: mypy[arg-type] pyright[reportAssignmentType]
    c: list[tuple[str]] = select.values(Task.description)  # E: mypy[arg-type] pyright[reportAssignmentType]
    d: list[tuple[str, str]] = select.values(Task.name)  # E: mypy[assignment] pyright[reportAssignmentType]
    e: list[Task] = select.values(Task.name)  # E: mypy[assignment] pyright[reportAssignmentType]
    select.values()  # E: mypy[call-overload] pyright[reportCallIssue]
    select.values("name")  # E: mypy[call-overload] pyright[reportArgumentType]
    select.values(Task.status)  # E: mypy[call-overload] pyright[reportArgumentType]
    select.values(Task.notes)  # E: mypy[call-overload] pyright[reportArgumentType]
    select.values(Task.name, Task.nmae)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    f: list[tuple[str]] = select.values(Task.metadata["frames"])  # E: mypy[arg-type] pyright[reportAssignmentType]
    select.values(Task.metadata)  # E: mypy[call-overload] pyright[reportArgumentType]
    for (frames,) in select.values(Task.metadata["frames"]):
        frames.upper()  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    for name, bid in select.values(Task.name, Task.bid):
        name.year  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
        bid.upper()  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    for name, bid, sort in select.values(Task.name, Task.bid):  # E: mypy[misc] pyright[reportAssignmentType]
        pass


def of_get(session: Session) -> None:
    a: Task = session.get(Task, "bad911de")  # E: mypy[assignment] pyright[reportAssignmentType]
    b: Shot | None = session.get(Task, "bad911de")  # E: mypy[assignment] pyright[reportAssignmentType]
    c: list[Task] = session.get_many(Task, ["bad911de"])  # E: mypy[assignment] pyright[reportAssignmentType]
    session.get(Task, "bad911de").name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    session.get(Task, 1.5)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.get(Task, None)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.get_many(Task, uuid4())  # E: mypy[arg-type] pyright[reportArgumentType]
    session.get(Task)  # E: mypy[call-arg] pyright[reportCallIssue]
    session.get("Task", "bad911de")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.get_many(Task, 3)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.model(Task)  # E: mypy[call-overload] pyright[reportArgumentType]
    session.model("Task").name  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
