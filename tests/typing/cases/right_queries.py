# ruff: noqa
# fmt: off
"""Paths, conditions and what a select returns."""

from datetime import datetime
from typing import Any

from ftrack_models import (
    Appointment, Asset, Job, Note, Project, Shot, Status, Task, TypedContext, User,
)
from ftrack_orm import Path, Select, Session

now = datetime.now()


def paths() -> None:
    reveal_type(Task.name)  # T: Path[str]
    reveal_type(Task.description)  # T: Path[str | None]
    reveal_type(Task.bid)  # T: Path[float]
    reveal_type(Task.end_date)  # T: Path[datetime | None]
    reveal_type(Job.status)  # T: Path[Literal['queued', 'running', 'done', 'failed']]
    reveal_type(Task.status)  # T: type[Status]
    reveal_type(Task.status.state)  # T: type[State]
    reveal_type(Task.status.state.short)  # T: Path[str]
    reveal_type(Task.parent)  # T: type[Context]
    reveal_type(Task.parent.parent.name)  # T: Path[str]
    reveal_type(Task.parent.as_(Shot))  # T: type[Shot]
    reveal_type(Task.parent.as_(Shot).status.name)  # T: Path[str]
    reveal_type(Appointment.resource.as_(User).username)  # T: Path[str]
    reveal_type(Task.notes)  # T: CollectionPath[Note]
    reveal_type(Task.assignments.each.resource)  # T: type[Resource]
    reveal_type(Task.metadata)  # T: MappedPath[str]
    reveal_type(Task.metadata["frames"])  # T: MappedItemPath[str | None]


def conditions(status: Status, user: User, anyone: User | None) -> None:
    reveal_type(Task.name == "lighting")  # T: Criterion
    reveal_type(Task.name != "lighting")  # T: Criterion
    reveal_type(Task.description == None)  # T: Criterion
    reveal_type(Task.name == None)  # T: Criterion
    reveal_type(Task.bid > 3)  # T: Criterion
    reveal_type(Task.bid <= 3.5)  # T: Criterion
    reveal_type(Task.end_date < now)  # T: Criterion
    reveal_type(Job.status == "done")  # T: Criterion
    reveal_type(Task.name.in_(["lighting", "comp"]))  # T: Criterion
    reveal_type(Task.name.not_in({"lighting"}))  # T: Criterion
    reveal_type(Job.status.in_(["done", "failed"]))  # T: Criterion
    reveal_type(Task.name.like("light%"))  # T: Criterion
    reveal_type(Task.description.not_like("%old%"))  # T: Criterion
    reveal_type(Task.created_at.like("2026-01%"))  # T: Criterion
    reveal_type(Task.custom_attributes["fstart"].like("1%"))  # T: Criterion
    reveal_type(Task.custom_attributes["fstart"] > 24)  # T: Criterion
    reveal_type(Task.metadata["frames"] == "24")  # T: Criterion
    reveal_type(Task.status.is_(status))  # T: Criterion
    reveal_type(Task.parent.is_(None))  # T: Criterion
    reveal_type(Task.created_by.is_not(anyone))  # T: Criterion
    reveal_type(Note.author.is_(user))  # T: Criterion
    reveal_type(Task.status.has(Status.name == "Approved"))  # T: Criterion
    reveal_type(Task.notes.any())  # T: Criterion
    reveal_type(Task.notes.any(Note.content.like("%fix%")))  # T: Criterion
    reveal_type(Task.assignments.any(Appointment.resource.as_(User).username == "anna"))  # T: Criterion
    reveal_type((Task.name == "lighting") & (Task.bid > 3) | ~(Task.bid < 1))  # T: Criterion
    reveal_type(Task.end_date.desc())  # T: OrderKey
    reveal_type(Task.name.asc())  # T: OrderKey


def selects(session: Session, status: Status) -> None:
    select = session.select(Task)
    reveal_type(select)  # T: Select[Task]
    reveal_type(select.where(Task.name == "lighting", Task.status.is_(status)))  # T: Select[Task]
    reveal_type(select.where(TypedContext.name == "lighting"))  # T: Select[Task]
    reveal_type(select.where(Task.id.in_(session.select(Task).only(Task.id))))  # T: Select[Task]
    reveal_type(select.order_by(Task.end_date.desc(), Task.name))  # T: Select[Task]
    reveal_type(select.load(Task.status, Task.parent, Task.notes, Task.metadata))  # T: Select[Task]
    reveal_type(select.load(Task.assignments.each.resource, Task.description))  # T: Select[Task]
    reveal_type(select.only(Task.name).limit(200).offset(10))  # T: Select[Task]
    reveal_type(select.expression)  # T: str
    reveal_type(select.first())  # T: Task | None
    reveal_type(select.one())  # T: Task
    reveal_type(select.one_or_none())  # T: Task | None
    reveal_type(select.count())  # T: int
    reveal_type(select.exists())  # T: bool
    reveal_type(select.all())  # T: list[Task]
    reveal_type(select[0])  # T: Task
    reveal_type(select[0:3])  # T: list[Task]
    reveal_type([task.name for task in select])  # T: list[str]
    for task in select:
        reveal_type(task)  # T: Task
        reveal_type(task.status.name)  # T: str


def rows(session: Session, paths: list[Path[Any]]) -> None:
    select = session.select(Task)
    reveal_type(select.values(Task.name))  # T: list[tuple[str]]
    reveal_type(select.values(Task.name, Task.status.name, Task.bid))  # T: list[tuple[str, str, float]]
    reveal_type(select.values(Task.name, Task.description, Task.end_date, Task.sort))  # T: list[tuple[str, str | None, datetime | None, float]]
    reveal_type(select.values(Task.id, Task.name, Task.bid, Task.sort, Task.project.name))  # T: list[tuple[str, str, float, float, str]]
    reveal_type(select.values(Task.id, Task.name, Task.bid, Task.sort, Task.type.name, Task.id))  # T: list[tuple[str, str, float, float, str, str]]
    reveal_type(select.values(Task.id, Task.name, Task.bid, Task.sort, Task.id, Task.id, Task.status.is_active))  # T: list[tuple[str, str, float, float, str, str, bool]]
    reveal_type(select.values(Task.id, Task.name, Task.bid, Task.sort, Task.id, Task.id, Task.id, Task.end_date))  # T: list[tuple[str, str, float, float, str, str, str, datetime | None]]
    reveal_type(select.values(Task.id, Task.id, Task.id, Task.id, Task.id, Task.id, Task.id, Task.id, Task.bid))  # T: list[tuple[Any, ...]]
    reveal_type(select.values(Task.name, Task.metadata["frames"]))  # T: list[tuple[str, str | None]]
    reveal_type(select.values(Task.parent.as_(Shot).metadata["frames"]))  # T: list[tuple[str | None]]
    for (start,) in select.values(Shot.custom_attributes["fstart"]):
        if isinstance(start, float):
            reveal_type(start)  # T: float
    reveal_type(select.values(*paths))  # T: list[tuple[Any, ...]]
    for name, bid in select.values(Task.name, Task.bid):
        reveal_type(name)  # T: str
        reveal_type(bid)  # T: float
