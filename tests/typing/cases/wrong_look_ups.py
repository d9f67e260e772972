# ruff: noqa
# fmt: off
"""Mistakes in look-ups."""

from ftrack_models import Project, Shot, Status, Task, Type
from ftrack_orm import Session


def finding(session: Session) -> None:
    session.find("Status", name="Approved")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.find(Status, "Approved")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.find(Status, Status.name == 5)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.find(Status, name="Approved").nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.find_or_none(Status, name="Approved").name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    session.me = session.find(Status, name="Approved")  # E: mypy[misc, assignment] pyright[reportAttributeAccessIssue]


def finding_or_adding(session: Session, task: Task) -> None:
    session.find_or_add(Shot, {"name": "sh010"}, by=Shot.name)  # E: mypy[dict-item] pyright[reportArgumentType]
    session.find_or_add(Shot, [], by=(Shot.notes,))  # E: mypy[arg-type] pyright[reportArgumentType]


def projects(project: Project, task: Task, status: Status) -> None:
    project.statuses_for("Shot")  # E: mypy[arg-type] pyright[reportArgumentType]
    project.statuses_for(Task, status)  # E: mypy[arg-type] pyright[reportArgumentType]
    task.status = project.types_for(task)[0]  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.statuses_for(Shot)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]


def values(task: Task) -> None:
    task.effective(5)  # E: mypy[arg-type] pyright[reportArgumentType]
    task.effective("fps").vlaue  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    task.clone("x")  # E: mypy[call-arg] pyright[reportCallIssue]
