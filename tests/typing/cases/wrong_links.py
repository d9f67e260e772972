# ruff: noqa
# fmt: off
"""Paths through links: every step is checked."""

from ftrack_orm import Criterion
from ftrack_models import (
    Appointment, Asset, Context, Note, Project, Shot, Status, Task, User,
)


def misspelt(task: Task) -> None:
    Task.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.status.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.status.state.shrot  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.project.fullname  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    task.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    task.status.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    task.project.fullname  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.context_assignments  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]


def of_the_base(task: Task) -> None:
    Task.parent.bid  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Appointment.resource.username  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Note.author.username  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]


def casts() -> None:
    Task.parent.as_(Shot).nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.parent.as_(User).bid  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Appointment.resource.as_("User")  # E: mypy[arg-type] pyright[reportArgumentType]
    Appointment.resource.as_(User()).username  # E: mypy[arg-type, attr-defined] pyright[reportArgumentType]
    Task.name.as_(User)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.notes.as_(Note)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]


def may_lead_nowhere(task: Task, note: Note) -> None:
    task.parent.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    task.created_by.username  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    note.category.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    task.description.upper()  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    task.start_date.year  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    task.created_at.isoformat()  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]


def is_and_has(status: Status, user: User) -> None:
    Task.status.is_("Approved")  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.status.is_(user)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.status.is_not(3)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.status.is_(Status)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.status.has(status)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.status.has(True)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.status.has(Task.status.name)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.name.has(Status.name == "Approved")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.name.is_("lighting")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.notes.is_(None)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
