# ruff: noqa
# fmt: off
"""What an entity's attributes are, read on an instance."""

from ftrack_models import (
    AssetVersion, CalendarEvent, Component, Event, Job, Note, Project, Shot, Status, Task,
    Timelog, TypedContextLink, User,
)
from ftrack_orm import EntityState


def scalars(task: Task, status: Status, version: AssetVersion, event: Event) -> None:
    reveal_type(task.id)  # T: str
    reveal_type(task.name)  # T: str
    reveal_type(task.description)  # T: str | None
    reveal_type(task.bid)  # T: float
    reveal_type(task.time_logged)  # T: float | None
    reveal_type(task.start_date)  # T: datetime | None
    reveal_type(task.created_at)  # T: datetime | None
    reveal_type(task.status_id)  # T: str
    reveal_type(task.parent_id)  # T: str | None
    reveal_type(task.project_id)  # T: str
    reveal_type(task.thumbnail_url)  # T: dict[str, Any] | None
    reveal_type(task.link)  # T: list[LinkItem]
    reveal_type(task.link[0]["name"])  # T: str
    reveal_type(status.is_active)  # T: bool
    reveal_type(status.sort)  # T: int | None
    reveal_type(version.version)  # T: int
    reveal_type(version.is_latest_version)  # T: bool | None
    reveal_type(event.id)  # T: int


def literals(job: Job, link: TypedContextLink) -> None:
    reveal_type(job.status)  # T: Literal['queued', 'running', 'done', 'failed']
    reveal_type(link.type)  # T: Literal['start_to_start', 'start_to_end', 'end_to_start', 'end_to_end'] | None


def required_times(event: CalendarEvent, timelog: Timelog) -> None:
    reveal_type(event.start)  # T: datetime
    reveal_type(event.end)  # T: datetime
    reveal_type(timelog.duration)  # T: float


def links(task: Task, note: Note, shot: Shot, user: User) -> None:
    reveal_type(task.status)  # T: Status
    reveal_type(task.status.state.short)  # T: str
    reveal_type(task.project)  # T: Project
    reveal_type(task.project.full_name)  # T: str | None
    reveal_type(task.parent)  # T: Context | None
    reveal_type(task.created_by)  # T: User | None
    reveal_type(note.author)  # T: BaseUser
    reveal_type(note.category)  # T: NoteCategory | None
    reveal_type(task.parent.name if task.parent else "-")  # T: str
    reveal_type(shot.object_type.name)  # T: str
    reveal_type(user.first_name)  # T: str | None


def collections(task: Task, note: Note) -> None:
    reveal_type(task.notes)  # T: TrackedList[Note]
    reveal_type(task.notes[0])  # T: Note
    reveal_type(task.notes[0:2])  # T: list[Note]
    reveal_type(task.notes.pop())  # T: Note
    reveal_type([member.content for member in task.notes])  # T: list[str | None]
    reveal_type(task.assignments[0].resource)  # T: Resource
    reveal_type(len(task.children))  # T: int


def mapped(task: Task) -> None:
    reveal_type(task.metadata)  # T: MappedValues[str]
    reveal_type(task.custom_attributes.is_set("fstart"))  # T: bool
    reveal_type(task.metadata["frames"])  # T: str
    reveal_type(task.metadata.get("frames"))  # T: str | None
    reveal_type(task.custom_attributes["fstart"])  # T: Any


def what_the_library_says(task: Task) -> None:
    reveal_type(task.entity_type)  # T: str
    reveal_type(task.entity_state)  # T: EntityState
    reveal_type(task.entity_state is EntityState.PENDING)  # T: bool
    reveal_type(task.reference)  # T: Reference
    reveal_type(task.reference.key)  # T: tuple[str | int, ...]
    reveal_type(task.model_copy())  # T: Task
    reveal_type(task.model_dump())  # T: dict[str, Any]
    reveal_type(Task.model_validate({"name": "lighting"}))  # T: Task
