# ruff: noqa
# fmt: off
"""Mistakes in a studio's own words: both checkers report each."""

from ftrack_orm import Session
from studio_models import (
    Asset, AssetVersion, Context, Project, Sequence, Shot, StudioSession, Task, User,
)
from studio_models.names import StatusName, TypeName
from studio_models.reference import priorities, statuses, types
from studio_models.shot import BunnyShotCustomAttributes


def names_in_queries(session: Session) -> None:
    select = session.select(Task)
    select.where(Task.status.name == "Aproved")  # E
    select.where(Task.status.name != "approved")  # E
    select.where(Task.status.name.in_(["Approved", "Omited"]))  # E
    select.where(Task.type.name == "Anim")  # E
    select.where(Task.status.name.in_(name for name in ("Approved", "Omited")))  # E
    select.where(Task.priority.name == "Highest")  # E
    select.where(Task.status.state.short == "done")  # E
    select.where(Task.object_type.name == "Tasks")  # E
    session.select(Project).where(Project.project_schema.name == "Vfx")  # E


def names_in_comparisons(task: Task) -> None:
    if task.status.name == "Aproved":  # E
        pass
    if task.type.name == "Anim":  # E
        pass
    wanted: StatusName = "Aproved"  # E
    kinds: dict[TypeName, int] = {"Anim": 1}  # E
    print(wanted, kinds)


def reference_data(task: Task) -> None:
    task.status = statuses.aproved  # E
    task.status = statuses["Aproved"]  # E
    task.status = types.animation  # E
    task.type = statuses.approved  # E
    task.priority = priorities.highest  # E


def keys_of_custom_attributes(shot: Shot, task: Task, session: Session) -> None:
    print(shot.custom_attributes.fsart)  # E
    print(shot.custom_attributes["fsart"])  # E
    print(task.custom_attributes.fend)  # E
    print(task.custom_attributes["fend"])  # E
    shot.custom_attributes.fsart = 5  # E
    shot.custom_attributes["fsart"] = 5  # E
    print(shot.custom_attributes.plate)  # E
    session.select(Shot).where(Shot.custom_attributes.fsart > 3)  # E
    session.select(Task).where(Task.custom_attributes.fend > 3)  # E
    print(task.custom_attributes.as_(BunnyShotCustomAttributes).plot)  # E


def keys_as_arguments(shot: Shot, asset: Asset, context: Context, key: str) -> None:
    values = shot.custom_attributes
    values.is_set("fsart")  # E
    values.is_set("class_")  # E
    values.is_set("plate")  # E
    values.is_set("supervisor")  # E
    values.is_set(key)  # E
    values.effective("fsart")  # E
    values[key] = 5  # E
    del values["fsart"]  # E
    shot.effective("fsart")  # E
    shot.effective(key)  # E
    context.effective("fend")  # E
    asset.effective("fend")  # E


def keys_for_many(
    session: Session, shots: list[Shot], task: Task, sequence: Sequence, version: AssetVersion, key: str
) -> None:
    session.effective(shots, ["fsart"])  # E
    session.effective(shots, ("fend", "fsart"))  # E
    session.effective(shots, {"plate"})  # E
    session.effective(shots, [key])  # E
    session.effective(shots, (each for each in key))  # E
    session.effective(shots, (each for each in ("fend", "fsart")))  # E
    session.effective([*shots, task], ["fend"])  # E
    session.effective([shots[0]], ["fsart"])  # E
    session.effective([sequence, task], ["fps"])  # E
    session.effective([sequence, version], ["color"])  # E
    session.effective([sequence, task, version], [key])  # E
    session.effective(session.select(Task), ["fend"])  # E
    session.effective(session.select(Shot).where(Shot.name == "a").all(), ["fed"])  # E


def keys_in_queries(session: Session, key: str) -> None:
    select = session.select(Shot)
    select.where(Shot.custom_attributes["fsart"] > 3)  # E
    select.where(Shot.custom_attributes["class_"] == "a")  # E
    select.where(Shot.custom_attributes["plate"] == "a")  # E
    select.where(Shot.custom_attributes["supervisor"] == "anna")  # E
    select.where(Shot.custom_attributes[key] == "a")  # E
    select.where(Shot.custom_attributes["fend"] > "a")  # E
    select.where(Shot.custom_attributes["fend"].in_(["a"]))  # E
    select.where(Shot.custom_attributes["quality"] == "medium")  # E
    select.where(Shot.custom_attributes["quality"].in_(["low", "medium"]))  # E
    select.where(Shot.custom_attributes["reviewed"] == "yes")  # E
    select.where(Shot.custom_attributes["delivery"] > "2026-01-01")  # E
    select.where(Shot.custom_attributes["reviewed"])  # E
    select.where(Shot.parent.as_(Task).custom_attributes["fend"] > 3)  # E
    select.values(Shot.name, Shot.custom_attributes["fsart"])  # E
    session.select(Task).where(Task.custom_attributes["fend"] > 3)  # E
    session.select(User).where(User.custom_attributes["crew"] == 3)  # E


def values_of_custom_attributes(shot: Shot, version: AssetVersion) -> None:
    shot.custom_attributes.fend = "1010"  # E
    shot.custom_attributes["fend"] = "1010"  # E
    shot.custom_attributes.fend = None  # E
    shot.custom_attributes.reviewed = "yes"  # E
    shot.custom_attributes.delivery = "2026-01-01"  # E
    shot.custom_attributes.quality = "medium"  # E
    shot.custom_attributes.quality = ["low", "medium"]  # E
    shot.custom_attributes.quality.append("medium")  # E
    shot.custom_attributes["quality"] = "medium"  # E
    print(shot.custom_attributes.delivery.year)  # E
    print(shot.custom_attributes.fend.upper())  # E
    version.custom_attributes.codec = 3  # E


def links(shot: Shot, session: Session) -> None:
    shot.custom_attributes.supervisor = ()  # E
    print(shot.custom_attributes.supervisor.username)  # E
    print(shot.custom_attributes.supervisors)  # E
    session.select(Shot).where(Shot.custom_attributes.supervisor == "anna")  # E


def values_in_queries(session: Session) -> None:
    select = session.select(Shot)
    select.where(Shot.custom_attributes.fend > "a")  # E
    select.where(Shot.custom_attributes.fend == "a")  # E
    select.where(Shot.custom_attributes.fend.in_(["a"]))  # E
    select.where(Shot.custom_attributes.quality == "medium")  # E
    select.where(Shot.custom_attributes.quality.in_(["medium"]))  # E
    select.where(Shot.custom_attributes.reviewed == "yes")  # E
    select.where(Shot.custom_attributes.delivery > "2026-01-01")  # E
    select.where(Shot.custom_attributes.reviewed)  # E


def sessions(stock: Session, studio: StudioSession) -> None:
    takes_studio(stock)  # E
    takes_studio(studio)
    takes_stock(studio)  # E
    StudioSession(page_size="100")  # E
    user: User = stock.me  # E
    print(user)


def takes_studio(session: StudioSession) -> None: ...


def takes_stock(session: Session) -> None: ...
