# ruff: noqa
# fmt: off
"""Wrong code that no checker can see: it is refused when it runs."""

from collections.abc import Callable
from datetime import datetime

from ftrack_models import (
    Appointment,
    Context,
    Note,
    Project,
    ProjectSchema,
    Shot,
    Status,
    Task,
    User,
)
from ftrack_orm import CriterionError, EntityError, FlushPlan, FtrackError, QueryError, Session

SHOT = Shot(
    name="010",
    parent=Project(full_name="Bunny", project_schema=ProjectSchema(name="vfx")),
)

Act = Callable[[Session], object]


def plan_with(session: Session, task: Task) -> FlushPlan:
    session.add(task)
    return session.plan()


UNSEEN: dict[str, tuple[Act, type[FtrackError]]] = {
    "and between conditions": (lambda session: (Task.name == "a") and (Task.bid > 3), CriterionError),
    "or between conditions": (lambda session: (Task.name == "a") or (Task.bid > 3), CriterionError),
    "a chain of comparisons": (lambda session: 1 < Task.bid < 3, CriterionError),
    "a condition on another type": (lambda session: session.select(Task).where(Note.content == "a"), CriterionError),
    "conditions on two types": (lambda session: (Task.name == "a") & (Note.content == "a"), CriterionError),
    "members of another type": (lambda session: Task.notes.any(Task.name == "a"), CriterionError),
    "a linked entity of another type": (lambda session: Task.status.has(Task.name == "a"), CriterionError),
    "order by another type": (lambda session: session.select(Task).order_by(Note.date), CriterionError),
    "load of another type": (lambda session: session.select(Task).load(Note.author), CriterionError),
    "load of a class": (lambda session: session.select(Task).load(Status), CriterionError),
    "values of another type": (lambda session: session.select(Task).values(Note.content), CriterionError),
    "a link as a type it never leads to": (lambda session: Task.parent.as_(User), CriterionError),
    "a text as a list of values": (lambda session: Task.name.in_("lighting"), CriterionError),
    "is_ on a class": (lambda session: Status.is_(None), CriterionError),
    "a read-only link set": (lambda session: setattr(Task(parent=SHOT), "created_by", User()), EntityError),
    "a wrong number of key values": (lambda session: session.get(Task, ["a", "b"]), FtrackError),
    "an unknown name in data": (lambda session: session.create(Task, {"nmae": "a"}), FtrackError),
    "a wrong value in data": (lambda session: session.create(Task, {"bid": "3h"}), FtrackError),
    "an entity of another type as data": (lambda session: session.create(Task, Note()), FtrackError),
    "an attribute deleted": (lambda session: Task(parent=SHOT).__delattr__("name"), EntityError),
    "a value through a link that may be null": (lambda session: session.select(Shot).values(Shot.type.name), QueryError),
    "a value through a cast": (lambda session: session.select(Appointment).values(Appointment.resource.as_(User).username), QueryError),
    "a parent that is None": (lambda session: plan_with(session, Task(name="a", parent=None)), EntityError),
    "a type that is no subtype of the base": (lambda session: session.model("Note", Context), QueryError),
    "an identifying path of another type": (lambda session: session.ensure(Task, {"name": "a"}, [Status.name]), EntityError),
    "an identifying path through a link": (lambda session: session.ensure(Task, {"name": "a"}, [Task.status.name]), EntityError),
    "a custom attribute read as another type": (lambda session: Task(parent=SHOT, custom_attributes={"fps": 24}).custom_attributes.read("fps", str), EntityError),
    "the name of a type read on a class": (lambda session: Task.entity_type, EntityError),
    "yes as a number": (lambda session: Task(parent=SHOT, bid=True), EntityError),
}
