# ruff: noqa
# fmt: off
"""Mistakes in a studio's words where a program reads, edits and reports."""

from ftrack_orm import Session
from studio_models import (
    Asset, AssetVersion, AssetVersionList, Project, Sequence, Shot, Status, StudioSession, Task, Timelog,
    TypedContext,
)
from studio_models.names import ListCategoryName, StatusName, TypeName
from studio_models.reference import (
    asset_types, list_categories, object_types, priorities, project_schemas, states, statuses, types,
)
from studio_models.shot import BunnyShotCustomAttributes, ShotCustomKey, ShotQuality


def queries(session: Session) -> None:
    session.select(TypedContext).where(TypedContext.object_type.name == "shot")  # E
    session.select(TypedContext).where(TypedContext.type.name.in_({"Animation", "Lightning"}))  # E
    session.select(Asset).where(Asset.type.name == "Geometri")  # E
    session.select(AssetVersion).where(AssetVersion.asset.type.short == "geom")  # E
    session.select(AssetVersion).where(AssetVersion.status.name == "approved")  # E
    session.select(AssetVersionList).where(AssetVersionList.category.name == "Daily")  # E
    session.select(Task).where(Task.parent.as_(Shot).custom_attributes.quality == "med")  # E
    session.select(Task).where(Task.status.is_(types.animation))  # E
    session.select(Task).where(Task.status == statuses.approved)  # E
    session.select(Shot).where(Shot.custom_attributes == {"fend": 1})  # E
    session.select(Shot).where(Shot.custom_attributes.fend.is_(None))  # E
    session.select(Shot).where(Shot.custom_attributes["duration"].in_([5]))  # E
    session.select(Shot).where(Shot.custom_attributes.as_(BunnyShotCustomAttributes)["plat"] == "a")  # E
    session.select(Shot).where(Shot.custom_attributes.as_(BunnyShotCustomAttributes)["fstart"] > 3)  # E
    session.find(Status, Status.name == "Aproved")  # E
    session.find(Shot, Shot.custom_attributes["fedn"] == 3)  # E
    session.select(Status).where(Status.state.name == "done")  # E
    session.select(Timelog).where(Timelog.context.as_(Task).type.name == "Anim")  # E


def reports(session: Session) -> None:
    session.select(Shot).values(Shot.custom_attributes.fendd)  # E
    session.select(Task).values(Task.name, Task.custom_attributes["tonee"])  # E
    session.select(Shot).load(Shot.custom_attributes["fedn"])  # E
    session.select(Shot).order_by(Shot.custom_attributes.fedn)  # E
    session.select(Shot).load(Shot.custom_attributes.supervisors)  # E
    rows: list[tuple[str, str]] = session.select(Shot).values(Shot.name, Shot.custom_attributes["fend"])  # E
    print(rows)


def edits(task: Task, shot: Shot, version: AssetVersion, project: Project) -> None:
    task.status = priorities.high  # E
    task.priority = states.done  # E
    task.type = asset_types.geometry  # E
    version.status = types.animation  # E
    version.asset.type = types.animation  # E
    project.project_schema = project_schemas.vfxx  # E
    shot.custom_attributes.artists = [task]  # E
    shot.custom_attributes["quality"] = ["med"]  # E
    shot.custom_attributes.quality[0] = "med"  # E
    shot.custom_attributes["frame-rate"] = "25"  # E
    shot.custom_attributes["3d"] = "yes"  # E
    shot.custom_attributes.as_(BunnyShotCustomAttributes).fstart = 1001  # E
    shot.custom_attributes.as_(BunnyShotCustomAttributes)["plat"] = "a"  # E
    task.metadata["reviewed"] = True  # E
    task.metadata.update({"reviewed": 5})  # E
    del shot.custom_attributes.fedn  # E


def new_entities(shot: Shot, sequence: Sequence) -> None:
    Task(name="a", parent=shot, status=statuses["Aproved"])  # E
    Task(name="a", parent=shot, type=statuses.approved)  # E
    Task(name="a", parent=shot, priority="High")  # E
    Task(name="a", parent=shot, metadata={"a": 5})  # E
    Shot(name="a", parent=sequence, custom_attributes=[("fend", 5)])  # E
    AssetVersionList(name="a", category=list_categories.daily, project=shot.project)  # E
    print(object_types.shott, asset_types["Geometri"], states.don)  # E


def names_and_keys() -> None:
    category: ListCategoryName = "Daily"  # E
    finished: frozenset[StatusName] = frozenset({"Approved", "Complete"})  # E
    hours: dict[TypeName, int] = {"Animation": 1, "Anim": 2}  # E
    columns: tuple[ShotCustomKey, ...] = ("fend", "fps", "framerate")  # E
    qualities: list[ShotQuality] = ["low", "medium"]  # E
    print(category, finished, hours["Light"], columns, qualities)  # E


def values(shot: Shot, task: Task, session: StudioSession) -> None:
    print(shot.custom_attributes.frame_rate)  # E
    print(shot.custom_attributes["supervisor"])  # E
    print(shot.effective("fend").valu)  # E
    print(shot.custom_attributes.similar[0].custom_attributes.fedn)  # E
    print(task.custom_attributes.as_(BunnyShotCustomAttributes).plat)  # E
    print(session.me.custom_attributes.crews)  # E
    if task.type.name == "Anim":  # E
        pass
