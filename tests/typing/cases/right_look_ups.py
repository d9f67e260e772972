# ruff: noqa
# fmt: off
"""What look-ups return."""

from ftrack_models import Project, Sequence, Shot, Status, Task, Type
from ftrack_orm import EffectiveValue, Session


def finding(session: Session, sequence: Sequence) -> None:
    reveal_type(session.find(Status, name="Approved"))  # T: Status
    reveal_type(session.find(Status, Status.name == "Approved", is_active=True))  # T: Status
    reveal_type(session.find_or_none(Shot, parent=sequence, name="sh010"))  # T: Shot | None
    reveal_type(session.me)  # T: User
    reveal_type(session.me.username)  # T: str


def finding_or_adding(session: Session, sequence: Sequence) -> None:
    rows = [{"parent": sequence, "name": "sh010"}]
    reveal_type(session.find_or_add(Shot, rows, by=(Shot.parent, Shot.name)))  # T: list[Shot]
    shots = [Shot(parent=sequence, name="sh010")]
    reveal_type(session.find_or_add(Shot, shots, by=(Shot.parent_id, "name")))  # T: list[Shot]
    reveal_type(session.find_or_add(Shot, [], by=Shot.name))  # T: list[Shot]


def projects(project: Project, task: Task, kind: Type) -> None:
    reveal_type(project.statuses_for(Shot))  # T: list[Status]
    reveal_type(project.statuses_for(task))  # T: list[Status]
    reveal_type(project.statuses_for(Task, kind))  # T: list[Status]
    reveal_type(project.types_for(Task))  # T: list[Type]
    task.status = project.statuses_for(task)[0]


def values(session: Session, task: Task) -> None:
    reveal_type(task.effective("fps"))  # T: EffectiveValue
    reveal_type(task.custom_attributes.effective("fps").is_default)  # T: bool
    reveal_type(session.effective([task], ["fps"]))  # T: list[dict[str, EffectiveValue]]


def clones(task: Task, shot: Shot) -> None:
    reveal_type(task.clone(name="x", parent=shot))  # T: Task
