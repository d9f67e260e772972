# ruff: noqa
# fmt: off
"""Right code with a studio's package: no checker reports it."""

from datetime import UTC, datetime
from typing import reveal_type

import studio_models
from ftrack_orm import CustomKey, Entity, Session
from studio_models import AssetVersion, Context, Project, Sequence, Shot, Status, StudioSession, Task, User
from studio_models.names import StatusName
from studio_models.reference import (
    asset_types, object_types, priorities, project_schemas, states, statuses, types,
)
from studio_models.shot import BunnyShotCustomAttributes, ShotCustomKey, ShotQuality


def reading(shot: Shot, task: Task, project: Project, context: Context) -> None:
    values = shot.custom_attributes
    reveal_type(values.fstart)  # T: float | str
    reveal_type(values.fend)  # T: float
    reveal_type(values.reviewed)  # T: bool
    reveal_type(values.delivery)  # T: datetime | None
    reveal_type(values.page)  # T: str | None
    reveal_type(values.vendor_note)  # T: str
    reveal_type(values.artists)  # T: list[str]
    reveal_type(values.class_)  # T: str
    reveal_type(values["frame-rate"])  # T: float
    reveal_type(values["3d"])  # T: bool
    reveal_type(values["fend"])  # T: float
    reveal_type(values.colour)  # T: str
    reveal_type(values.tone)  # T: str
    reveal_type(task.custom_attributes.tone)  # T: float
    reveal_type(context.custom_attributes.tone)  # T: float | str
    reveal_type(project.custom_attributes.fps)  # T: float
    reveal_type(values.as_(BunnyShotCustomAttributes).fstart)  # T: str
    reveal_type(values.as_(BunnyShotCustomAttributes).plate)  # T: str
    reveal_type(task.status)  # T: Status
    duration = values.fend - values.handles + 1
    reveal_type(duration)  # T: float
    key: str = input()
    print(values.get(key), dict(values.items()), list(values), key in values)
    for quality in values.quality:
        chosen: ShotQuality = quality
        print(chosen)


def comparing(task: Task, shot: Shot) -> int:
    if task.status.name == "Approved" or task.type.name == "Animation":
        return 1
    if "low" in shot.custom_attributes.quality or shot.custom_attributes.reviewed:
        return 2
    wanted: StatusName = "Completed"
    text: str = task.status.name
    return len(text) if task.status.name == wanted else task.status.name.count("a")


def choosing(task: Task, names: list[StatusName]) -> int:
    if task.status.name in ("Approved", "Omitted"):
        return 1
    for name in names:
        if task.status.name == name:
            return 2
    return 3


def matching(task: Task) -> int:
    match task.status.name:
        case "Approved":
            return 4
        case "Omitted" | "On Hold":
            return 5
        case _:
            return 6


def setting(shot: Shot, task: Task, status: Status, version: AssetVersion) -> None:
    values = shot.custom_attributes
    values.fend = 1010
    values.fend += 4
    values.delivery = datetime.now(UTC)
    values.delivery = None
    values.quality = "low"
    values.quality = ["low", 'it\'s "late" 🎬']
    values.quality.append("high")
    values["frame-rate"] = 25
    values["quality"] = "high"
    values.update({"fend": 5})
    del values["fend"], values.fend, values.quality
    shot.custom_attributes = {"fend": 5}
    version.custom_attributes.codec = "exr"
    task.status = statuses.approved
    task.status = statuses["Approved"]
    task.type = types.animation
    task.priority = priorities.high
    status.name = "A new name"
    task.custom_attributes.quality = "any text"
    print(Status(name="Another name", is_active=True), object_types.shot, states.done)
    print(asset_types.geometry.short, project_schemas.vfx, len(statuses), list(types))
    print(Shot(name="a", parent=shot, custom_attributes={"fend": 5}))
    missing = statuses.get(input())
    if missing is not None:
        task.status = missing


def inheriting(shot: Shot) -> None:
    reveal_type(shot.custom_attributes.effective("colour").source)  # T: Entity | None
    reveal_type(shot.effective("fend").value)  # T: str | int | float | bool | datetime | Sequence[str] | dict[str, Any] | None


def passing_keys(session: Session, shot: Shot, task: Task, context: Context, version: AssetVersion) -> None:
    values = shot.custom_attributes
    print(values.is_set("frame-rate"), values.is_set("class"), values.effective("3d"))
    print(values.as_(BunnyShotCustomAttributes).is_set("plate"))
    key: ShotCustomKey = "fend"
    if values.is_set(key):
        del values[key]
    print(shot.effective(key), task.effective("tone"), context.effective("colour"), version.effective("codec"))
    for text in values:
        print(values.is_set(CustomKey(text)), values[CustomKey(text)])
    values[CustomKey(input())] = 5


def keys_for_many(session: Session, shots: list[Shot], task: Task, entities: list[Entity], text: str) -> None:
    session.effective(shots, ["fend", "frame-rate", "colour"])
    session.effective(shots, ("fend", "quality"))
    session.effective(shots, {"fend"})
    session.effective((shot for shot in shots), ["fend"])
    session.effective(session.select(Shot), ["fend"])
    session.effective([*shots, task], ["tone"])
    session.effective([shots[0], task], [CustomKey(text), "colour"])
    session.effective(entities, [text, "any"])
    keys: list[ShotCustomKey] = ["fend", "fps"]
    for row in session.effective(shots, keys):
        reveal_type(row["fend"].source)  # T: Entity | None
    StudioSession().effective(shots, ["fend"])


def keys_for_mixed_types(session: Session, shots: list[Shot], task: Task, sequence: Sequence, version: AssetVersion) -> None:
    session.effective([*shots, task, sequence, version], ["colour", "tone"])
    session.effective([version, sequence], ["colour", CustomKey(input())])
    tasks_and_sequences = [task, sequence]
    session.effective(tasks_and_sequences, ["colour"])
    either: list[Shot | Task] = [task]
    session.effective(either, ["tone"])
    keys: tuple[ShotCustomKey, ...] = ("fend", "fps")
    session.effective([shot for shot in shots if shot.name], [key for key in keys if key != "fps"])


def following(shot: Shot, session: Session) -> None:
    reveal_type(shot.custom_attributes.supervisor)  # T: tuple[User, ...]
    reveal_type(shot.custom_attributes.similar)  # T: tuple[Shot, ...]
    for user in shot.custom_attributes.supervisor:
        print(user.username)
    session.select(Shot).where(
        Shot.custom_attributes.supervisor.any(User.username == "anna"),
        Shot.custom_attributes.similar.any(Shot.status.name == "Approved"),
        Shot.custom_attributes.plates.any(),
    )


def querying(session: Session) -> None:
    reveal_type(Shot.custom_attributes.fend)  # T: MappedItemPath[float]
    reveal_type(Task.status.name)  # T: Path[Literal['Approved', 'Client approved', 'Completed', 'In progress', 'Not started', 'Omitted', 'On Hold', 'Pending Review', 'Ready to start', 'Revise', 'WIP']]
    session.select(Shot).where(
        Shot.custom_attributes.fend > 1000,
        Shot.custom_attributes.fend == 1000,
        Shot.custom_attributes.fend.in_([1, 2.5]),
        Shot.custom_attributes.quality == "low",
        Shot.custom_attributes.quality.in_(["low", "high"]),
        Shot.custom_attributes.reviewed == True,
        Shot.custom_attributes.delivery == None,
        Shot.custom_attributes.vendor_note.like("%a%"),
        Shot.custom_attributes["frame-rate"] == 25,
        Shot.custom_attributes.as_(BunnyShotCustomAttributes).plate == "a",
        Shot.parent.as_(Shot).custom_attributes.fend > 3,
        Shot.status.name == "Approved",
    )
    reveal_type(Shot.custom_attributes["frame-rate"])  # T: MappedItemPath[float]
    reveal_type(Shot.custom_attributes.artists)  # T: ChoicesPath[str]
    reveal_type(session.select(Shot).values(Shot.custom_attributes.artists))  # T: list[tuple[list[str]]]
    reveal_type(session.select(Shot).values(Shot.custom_attributes["artists"]))  # T: list[tuple[list[str]]]
    reveal_type(session.select(Task).values(Task.parent.as_(Shot).custom_attributes.fend.or_none))  # T: list[tuple[float | None]]
    reveal_type(session.select(Task).values(Task.parent.as_(Shot).custom_attributes.artists.or_none))  # T: list[tuple[list[str] | None]]
    reveal_type(Shot.custom_attributes["delivery"])  # T: MappedItemPath[datetime | None]
    reveal_type(Context.custom_attributes["tone"])  # T: MappedItemPath[float | str]
    session.select(Shot).where(
        Shot.custom_attributes["class"] == "a",
        Shot.custom_attributes["3d"] == True,
        Shot.custom_attributes["quality"].in_(["low", "high"]),
        Shot.custom_attributes["delivery"] > datetime.now(UTC),
        Shot.custom_attributes["vendor_note"].like("%a%"),
        Shot.custom_attributes[CustomKey(input())] == "a",
        Shot.custom_attributes.as_(BunnyShotCustomAttributes)["plate"] == "a",
        Shot.parent.as_(Shot).custom_attributes["fend"] > 3,
    )
    session.select(Task).where(
        Task.status.name.in_(["Approved", "Omitted"]),
        Task.status.name.like("%app%"),
        Task.status.is_(statuses.approved),
        Task.type.name != "Animation",
        Task.priority.name == "High",
        Task.status.state.short == "DONE",
        Task.object_type.name == "Task",
    )
    session.select(User).where(User.custom_attributes.crew == "a")
    rows = session.select(Shot).values(Shot.name, Shot.custom_attributes.fend)
    reveal_type(rows)  # T: list[tuple[str, float]]
    print(session.select(Shot).load(Shot.custom_attributes, Shot.status))


def helping(session: StudioSession) -> User:
    return session.me


def sessions() -> None:
    with StudioSession() as session:
        reveal_type(helping(session))  # T: User
    with Session(models=studio_models) as other:
        helping(other)
    same: StudioSession = Session(models=studio_models, page_size=100)
    reveal_type(StudioSession(page_size=100).me)  # T: User
    print(helping(same))
