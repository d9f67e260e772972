# ruff: noqa
# fmt: off
"""Classes of one's own."""

from ftrack_orm import Attr, Entity, Ref, Session, attribute
from ftrack_models import (
    Note,
    Project,
    ProjectSchema,
    Shot,
    Status,
    Task,
)

SHOT = Shot(
    name="010",
    parent=Project(full_name="Bunny", project_schema=ProjectSchema(name="vfx")),
)


class Lighting(Task):
    """A task with a method of its own."""

    @property
    def hours(self) -> float:
        return self.bid / 3600


class Publish(Entity, entity_type="Publish"):
    """A type that the stock server does not have."""

    name: Attr[str] = attribute()
    frames: Attr[int] = attribute()
    task: Ref[Task] = attribute(ref="Task", default=None)


def used(session: Session, lighting: Lighting, publish: Publish) -> None:
    Lighting(nam="key light")  # E: mypy[call-arg] pyright[reportCallIssue]
    Lighting(parent=SHOT, name=3)  # E: mypy[arg-type] pyright[reportArgumentType]
    lighting.hours = 3.0  # E: mypy[misc] pyright[reportAttributeAccessIssue]
    lighting.hours.upper()  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    lighting.id = "bad911de"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    Lighting.status.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Publish(name="v1")  # E: mypy[call-arg] pyright[reportCallIssue]
    Publish(name="v1", frames="24")  # E: mypy[arg-type] pyright[reportArgumentType]
    Publish(name="v1", frames=24, task=Note())  # E: mypy[arg-type] pyright[reportArgumentType]
    publish.frames = "24"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    publish.task = Note()  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    publish.frmaes  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Publish.task.status.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.select(Publish).where(Publish.frames == "24")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(Lighting).one().hors  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    a: Lighting = session.select(Task).one()  # E: mypy[assignment] pyright[reportAssignmentType]
    b: Task = session.select(Publish).one()  # E: mypy[assignment] pyright[reportAssignmentType]
