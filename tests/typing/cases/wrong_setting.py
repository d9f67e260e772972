# ruff: noqa
# fmt: off
"""Setting an attribute of an entity refuses values of another type."""

from ftrack_models import (
    Component, Context, Job, Note, Project, Shot, State, Status, Task,
    TypedContextLink, User,
)


def scalars(task: Task, job: Job, link: TypedContextLink, component: Component) -> None:
    task.name = 3  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.name = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.nmae = "lighting"  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    task.bid = "3h"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.bid = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.start_date = "2026-01-01"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.description = 3  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.project_id = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    component.size = 1.5  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    job.status = "waiting"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    job.status = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    link.type = "start-to-start"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]


def links(task: Task, shot: Shot, note: Note, user: User, context: Context) -> None:
    task.status = State()  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.status = "Approved"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.status = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.status = Status  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.parent = user  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.parent = "bad911de"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.project = shot  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.project = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    note.author = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    note.author = task  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    note.category = "Internal"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]


def rows(task: Task) -> None:
    task.metadata = ["frames"]  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.metadata = {"frames": 24}  # E: mypy[dict-item] pyright[reportAttributeAccessIssue]
    task.metadata = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.custom_attributes = {3: "x"}  # E: mypy[dict-item] pyright[reportAttributeAccessIssue]
