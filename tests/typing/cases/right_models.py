# ruff: noqa
# fmt: off
"""What comes from the models, object types and the server, with its honest type."""

import ftrack_models
from ftrack_models import (
    Appointment, AssetVersion, Context, CustomAttributeConfiguration, Folder, Note, Project, Sequence, Shot, Status,
    Task, TypedContext, User,
)
from ftrack_orm import Session


def contexts(context: TypedContext, task: Task, shot: Shot, sequence: Sequence, status: Status) -> None:
    reveal_type(context.status)  # T: Status | None
    reveal_type(context.priority_id)  # T: str | None
    reveal_type(task.status.name)  # T: str
    reveal_type(task.type.name)  # T: str
    reveal_type(task.priority.name)  # T: str
    reveal_type(shot.status.name)  # T: str
    reveal_type(shot.type)  # T: Type | None
    reveal_type(sequence.status)  # T: Status | None
    reveal_type(sequence.priority.name)  # T: str
    reveal_type(sequence.status_id)  # T: str | None
    if context.status is not None:
        reveal_type(context.status.name)  # T: str
    context.status = status
    context.status = None
    shot.status = status
    reveal_type(TypedContext.status.name)  # T: Path[str]
    reveal_type(Sequence.status.state.short == "DONE")  # T: Criterion


def values(session: Session) -> None:
    reveal_type(Shot.type.name.or_none)  # T: Path[str | None]
    reveal_type(session.select(Shot).values(Shot.name, Shot.type.name.or_none))  # T: list[tuple[str, str | None]]
    reveal_type(session.select(AssetVersion).values(AssetVersion.asset.name, AssetVersion.task.name.or_none))  # T: list[tuple[str, str | None]]
    reveal_type(session.select(Note).values(Note.category.name.or_none))  # T: list[tuple[str | None]]
    reveal_type(session.select(Task).values(Task.parent.as_(Shot).status.name.or_none))  # T: list[tuple[str | None]]
    reveal_type(session.select(Shot).where(Shot.type.name.or_none == "Generic").first())  # T: Shot | None
    reveal_type(session.select(Shot).order_by(Shot.type.name.or_none.desc()))  # T: Select[Shot]


def required(project: Project, shot: Shot, user: User) -> None:
    reveal_type(Task(name="lighting", parent=shot))  # T: Task
    reveal_type(Folder(parent=project))  # T: Folder
    reveal_type(Note(content="a note"))  # T: Note
    reveal_type(Appointment(type="assignment", context=shot, resource=user))  # T: Appointment


def results(session: Session, shot: Shot, version: AssetVersion) -> None:
    component, place, upload = session.create_component("plate.png", data={"version": version})
    reveal_type(component.data)  # T: FileComponent
    reveal_type(component.data.size)  # T: int | None
    reveal_type(place.data)  # T: ComponentLocation
    reveal_type(place.data.resource_identifier)  # T: str | None
    shot.thumbnail = component.data
    version.thumbnail_id = component.data.id
    reveal_type(session.encode_media(component.data, version=version))  # T: Job
    reveal_type(session.delayed_job("DELETE").status)  # T: Literal['queued', 'running', 'done', 'failed']
    reveal_type(Session(models=ftrack_models).delayed_job("DELETE"))  # T: Job
    reveal_type(Session(models=ftrack_models.registry).delayed_job("DELETE"))  # T: Job


def types_of_run_time(session: Session, name: str) -> None:
    reveal_type(session.model(name, Context))  # T: type[Context]
    reveal_type(session.model(name, Context).name)  # T: Path[str]
    reveal_type(session.select(session.model(name, TypedContext)).one())  # T: TypedContext


def keys(session: Session, shot: Shot) -> None:
    reveal_type(session.ensure(Status, {"name": "Approved"}, [Status.name]))  # T: Status
    reveal_type(session.ensure(Task, {"name": "lighting", "parent": shot}, [Task.name, Task.parent]))  # T: Task
    reveal_type(session.ensure(Task, {"name": "lighting", "parent": shot}, ["name", Task.parent_id]))  # T: Task


def configurations(session: Session, config: CustomAttributeConfiguration, task: Task) -> None:
    reveal_type(config.entity_type)  # T: str
    config.entity_type = "show"
    reveal_type(CustomAttributeConfiguration.entity_type)  # T: Path[str]
    reveal_type(session.select(CustomAttributeConfiguration).where(CustomAttributeConfiguration.entity_type == "task"))  # T: Select[CustomAttributeConfiguration]
    reveal_type(task.entity_type)  # T: str
    reveal_type(config.reference.entity_type)  # T: str


def custom_attributes(session: Session, shot: Shot) -> None:
    reveal_type(shot.custom_attributes["fend"] - shot.custom_attributes["fstart"] + 1)  # T: Any
    reveal_type(float(shot.custom_attributes["fps"]))  # T: float
    reveal_type(shot.custom_attributes.get("fps"))  # T: Any
    reveal_type(shot.custom_attributes.read("fps", float))  # T: float
    reveal_type(shot.custom_attributes.read("fstart", int) + 1)  # T: int
    reveal_type(shot.metadata["source"])  # T: str
    reveal_type(shot.metadata.get("source"))  # T: str | None
    reveal_type(shot.metadata.read("source", str))  # T: str
    shot.custom_attributes["fstart"] = 1001
    if shot.custom_attributes["fstart"] > 1000:
        pass
    for name, start in session.select(Shot).values(Shot.name, Shot.custom_attributes["fstart"]):
        reveal_type(start + 1)  # T: Any
    reveal_type(Shot.custom_attributes["fstart"] > 1000)  # T: Criterion
    reveal_type(Shot.custom_attributes["fstart"].in_([1, 2]))  # T: Criterion
