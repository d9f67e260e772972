# ruff: noqa
# fmt: off
"""What a session takes and returns."""

from uuid import uuid4

from ftrack_models import (
    Metadata,
    Note,
    Project,
    ProjectSchema,
    Shot,
    Status,
    Task,
    TypedContext,
    User,
)
from ftrack_orm import Attr, Entity, FlushPlan, Ref, Select, Session, attribute
from ftrack_orm.operations import Create, Query

SHOT = Shot(
    name="010",
    parent=Project(full_name="Bunny", project_schema=ProjectSchema(name="vfx")),
)


def options(name: str) -> None:
    reveal_type(Session())  # T: Session[FileComponent, ComponentLocation, Job, User]
    reveal_type(Session("https://studio.example", "anna", "key"))  # T: Session[FileComponent, ComponentLocation, Job, User]
    reveal_type(Session(load="strict", check_schema="error", timeout=10))  # T: Session[FileComponent, ComponentLocation, Job, User]
    reveal_type(Session(models="studio_models", additional_headers={"x": "y"}))  # T: Session[FileComponent, ComponentLocation, Job, User]
    with Session() as session:
        reveal_type(session)  # T: Session[FileComponent, ComponentLocation, Job, User]
        reveal_type(session.server_url)  # T: str


def reading(session: Session) -> None:
    reveal_type(session.get(Task, "bad911de"))  # T: Task | None
    reveal_type(session.get(Shot, ("bad911de",)))  # T: Shot | None
    reveal_type(session.get(Task, uuid4()))  # T: Task | None
    reveal_type(session.get(Metadata, {"parent_id": uuid4(), "key": "frames"}))  # T: Metadata | None
    reveal_type(session.get(Task, Task(parent=SHOT)))  # T: Task | None
    reveal_type(session.get_many(Task, [uuid4(), Task(parent=SHOT), "c0ffee00"]))  # T: list[Task | None]
    reveal_type(session.get_many(Task, ["bad911de", "c0ffee00"]))  # T: list[Task | None]
    reveal_type(session.model("Task"))  # T: type[Entity]
    reveal_type(session.select(session.model("Task")).first())  # T: Entity | None
    reveal_type(session.load([Task(parent=SHOT)], Task.status, Task.notes))  # T: None


def unit_of_work(session: Session, task: Task, note: Note) -> None:
    plan = session.plan()
    reveal_type(plan)  # T: FlushPlan
    reveal_type(plan.operations)  # T: tuple[Create | Update | Delete, ...]
    reveal_type(plan.changes[0])  # T: CreateChange | UpdateChange | DeleteChange
    reveal_type(len(plan))  # T: int
    reveal_type(str(plan))  # T: str
    reveal_type(session.commit(expect=plan))  # T: FlushPlan
    session.add(task)
    session.add_all([task, note])
    session.remove(note)
    session.refresh(task)
    session.expunge(task)
    session.rollback()
    session.close()


def direct_operations(session: Session, task: Task) -> None:
    reveal_type(session.query("select id from Task"))  # T: Response[list[Entity]]
    reveal_type(session.query("select id from Task", Task))  # T: Response[list[Task]]
    reveal_type(session.query("select id from Task", Task).data[0].name)  # T: str
    reveal_type(session.query("select id from Task", "Task"))  # T: Response[list[Entity]]
    reveal_type(session.query("select id from Task").metadata.next.offset)  # T: int | None
    reveal_type(session.create(Task, {"name": "lighting"}))  # T: Response[Task]
    reveal_type(session.create(Task, task))  # T: Response[Task]
    reveal_type(session.create("Task", {"name": "lighting"}))  # T: Response[Entity]
    reveal_type(session.update(Task, "bad911de", {"name": "comp"}))  # T: Response[Task]
    reveal_type(session.update("Task", ["bad911de"], {"name": "comp"}).data)  # T: Entity
    reveal_type(session.delete(Task, "bad911de"))  # T: Response[bool]
    reveal_type(session.delete("Task", "bad911de").data)  # T: bool
    reveal_type(session.call([Query("select id from Task"), {"action": "query_schemas"}]))  # T: list[Response[Any]]
    reveal_type(session.search(Task, "anim 010"))  # T: Response[list[Task]]
    reveal_type(session.search("Task", ["anim"], context_id=task).data)  # T: list[Entity]
    reveal_type(session.ensure(Task, {"name": "lighting"}, ["name"]))  # T: Task
    reveal_type(session.ensure(Task, task).name)  # T: str
    reveal_type(session.ensure("Task", {"name": "lighting"}))  # T: Entity
    reveal_type(session.encode_operations([Query("Task")]))  # T: str
    reveal_type(session.get_schema(Task))  # T: EntitySchema | None
    reveal_type(session.get_primary_key_attributes("Task"))  # T: list[str] | None
    reveal_type(session.get_identifying_key(task))  # T: str | None
    reveal_type(session.get_widget_url("info", task, "dark"))  # T: str
    reveal_type(session.delayed_job("DELETE", {"entity_type": "Task", "entity_key": task.id}))  # T: Job
    reveal_type(session.generate_signed_url("bad911de"))  # T: str
    reveal_type(Create("Task", {"name": "lighting"}).entity_key)  # T: tuple[str | int, ...] | None


class Lighting(Task):
    """A task with a method of its own."""

    @property
    def hours(self) -> float:
        return self.bid / 3600


class Publish(Entity, entity_type="Publish"):
    """A type that the stock server does not have."""

    name: Attr[str] = attribute()
    frames: Attr[int | None] = attribute(default=None)
    task: Ref[Task] = attribute(ref="Task", default=None)


def tasks_of(session: Session, kind: type[Task]) -> Select[Task]:
    return session.select(kind).where(kind.name == "lighting")


def classes_of_ones_own(session: Session, publish: Publish) -> None:
    reveal_type(Lighting(parent=SHOT, name="key light", bid=3600).hours)  # T: float
    reveal_type(Lighting.status.name)  # T: Path[str]
    reveal_type(session.select(Lighting).one())  # T: Lighting
    reveal_type(session.select(Lighting).where(Task.name == "key light").first())  # T: Lighting | None
    reveal_type(Publish(name="v1"))  # T: Publish
    reveal_type(publish.frames)  # T: int | None
    reveal_type(publish.task.status.name)  # T: str
    reveal_type(Publish.frames)  # T: Path[int | None]
    reveal_type(Publish.task)  # T: type[Task]
    reveal_type(session.select(Publish).values(Publish.name, Publish.frames))  # T: list[tuple[str, int | None]]
