# ruff: noqa
# fmt: off
"""Programs with a studio's words that are right: no checker reports a line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ftrack_orm import Criterion, CustomKey, Entity, Path, Session, VariableValue
from studio_models import (
    Asset, AssetVersion, AssetVersionList, Context, Project, Sequence, Shot, Status, Task, Type, TypedContext, User,
)
from studio_models.names import StatusName
from studio_models.reference import list_categories, statuses
from studio_models.shot import (
    BunnyShotCustomAttributes, ShotCustomAttributes, ShotCustomKey, ShotQuality,
)

C = TypeVar("C", bound=Context)
COLUMNS: tuple[ShotCustomKey, ...] = ("fend", "handles", "frame-rate")
DONE: frozenset[StatusName] = frozenset({"Approved", "Completed"})


@dataclass
class Line:
    quality: list[ShotQuality]
    status: StatusName


def export(shots: Iterable[Shot]) -> list[dict[str, object]]:
    return [{"name": s.name, **{key: s.custom_attributes[key] for key in COLUMNS}} for s in shots]


def named(session: Session, model: type[C], name: str) -> C | None:
    return session.select(model).where(model.name == name).first()


def colours(session: Session, contexts: Iterable[Context]) -> list[VariableValue]:
    return [row["colour"].value for row in session.effective(contexts, ["colour"])]


def fill(values: ShotCustomAttributes) -> None:
    values.fend = 5


def reading(session: Session, shot: Shot, task: Task, user: User) -> None:
    print(export(session.select(Shot).limit(2)), named(session, Shot, "sh010"))
    print(colours(session, [shot]), colours(session, session.select(Task)))
    print(Line(list(shot.custom_attributes.quality), task.status.name))
    print(Counter(each.status.name for each in session.select(Task)))
    if task.status.name in DONE and task.status == statuses.approved:
        print("done")
    row: dict[str, VariableValue] = dict(shot.custom_attributes.items())
    row["name"] = shot.name
    print(set(shot.custom_attributes) - {"fend"}, sorted(shot.custom_attributes), row)
    for key in COLUMNS:
        print(shot.custom_attributes[key], shot.effective(key).value)
    by_status: dict[str, list[Task]] = {}
    by_status.setdefault(task.status.name, []).append(task)
    by_quality: defaultdict[ShotQuality, list[Shot]] = defaultdict(list)
    for quality in shot.custom_attributes.quality:
        by_quality[quality].append(shot)
    bunny = shot.custom_attributes.as_(BunnyShotCustomAttributes)
    print(bunny.plate, bunny["plate"], bunny.is_set("plate"), bunny["fend"])
    print(user.custom_attributes["crew"])


def reading_by_key(session: Session, shot: Shot, other: Shot, key: ShotCustomKey) -> VariableValue:
    columns: dict[str, VariableValue] = {each: shot.custom_attributes[each] for each in COLUMNS}
    other.custom_attributes[CustomKey(key)] = shot.custom_attributes[key]
    print(columns, session.select(Shot).values(Shot.name, Shot.custom_attributes[key]))
    return shot.custom_attributes[key]


def generators(session: Session, shot: Shot, task: Task, names: Iterable[StatusName], text: list[str]) -> None:
    session.select(Task).where(Task.status.name.in_(name for name in names))
    session.select(Task).where(Task.status.name.not_in(each.name for each in session.select(Status)))
    session.select(Shot).where(Shot.custom_attributes.quality.in_(each for each in shot.custom_attributes.quality))
    session.select(Shot).where(Shot.id.in_(each.id for each in session.select(Shot)))
    print(session.effective([shot], (key for key in COLUMNS)), session.effective([shot], (CustomKey(key) for key in text)))
    print(session.effective([shot, task], (key for key in ("colour", "tone"))))


def inheriting(session: Session, shot: Shot, task: Task, entities: list[Entity]) -> None:
    for key, value in session.effective([shot], COLUMNS)[0].items():
        print(key, value.source)
    print([c.effective("tone") for c in session.select(TypedContext) if isinstance(c, (Shot, Task))])
    print(session.effective(entities, ["colour"]))
    print(session.effective(shot.parent.children if shot.parent else [], ["colour"]))
    print(session.effective([s for s in session.get_many(Shot, [shot.id]) if s], ["fend"]))
    print(session.effective({shot, task}, ["tone"]), session.effective(tuple(shot.assets), ["colour"]))
    print([name for name in shot.custom_attributes if shot.custom_attributes.is_set(CustomKey(name))])


def queries(session: Session, text: str) -> None:
    path: Path[float] = Shot.custom_attributes["fend"]
    criteria: list[Criterion] = [path > 3, Shot.status.name == "Approved"]
    print(session.select(Shot).where(*criteria).count())
    session.select(Shot).where(Shot.custom_attributes["quality"].in_(("low", "high")), Shot.custom_attributes["3d"] == False)
    print(session.select(Shot).values(Shot.name, Shot.custom_attributes["quality"], Shot.custom_attributes[CustomKey("fps")]))
    session.select(Task).where(Task.parent.as_(Shot).custom_attributes["fend"] > 3, Task.status.name.in_(DONE))
    session.select(Shot).where(Shot.custom_attributes.as_(BunnyShotCustomAttributes)["fstart"] == "1001")
    session.select(Task).where(Task.status.is_(session.find(Status, name=text)))
    session.select(Task).where(Task.status_id.in_([statuses.approved.id]))
    session.select(Asset).where(Asset.type.name == "Geometry", Asset.custom_attributes["colour"] == "red")
    session.select(AssetVersionList).where(AssetVersionList.category.name == "Dailies")
    session.select(Shot).load(Shot.custom_attributes).order_by(Shot.status.sort, Shot.name).limit(3).all()
    print(session.find(Type, Type.name == "Animation"))
    row = statuses.get(text)
    if row is not None:
        session.select(Task).where(Task.status.name == row.name)


def edits(session: Session, shot: Shot, task: Task, sequence: Sequence, version: AssetVersion) -> None:
    values: dict[str, VariableValue] = {"fend": 3}
    shot.custom_attributes.update(values)
    shot.custom_attributes.update({"fend": 5, "quality": ["low"]})
    shot.custom_attributes.fend += 1
    shot.custom_attributes["fend"] += 1
    shot.custom_attributes.quality.append("high")
    del shot.custom_attributes["fend"], shot.custom_attributes.quality
    version.custom_attributes["codec"] = "exr"
    fill(shot.custom_attributes)
    session.add(shot.clone(name="b", custom_attributes={"fend": 4}))
    session.add(Shot(name="a", parent=sequence, custom_attributes={"fend": 4.0}))
    session.add(AssetVersionList(name="a", category=list_categories.dailies, project=shot.project))
    session.ensure(Task, {"name": "x", "parent": shot, "status": statuses.approved}, ["name", "parent"])
    session.find_or_add(
        Shot, [{"name": "a", "parent": sequence, "custom_attributes": {"fend": 3}}], by=(Shot.parent, Shot.name)
    )
    task.metadata["a"] = "b"
    task.metadata.update(c="d", e="f")
    session.load([shot], Shot.custom_attributes, Shot.status)


def workflow(project: Project, task: Task) -> None:
    for status in project.statuses_for(Shot):
        if status.name == "Approved":
            task.status = status
