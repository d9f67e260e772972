"""A plan that is about some projects changes no entity of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ftrack_models import (
    Asset,
    AssetType,
    AssetVersion,
    Note,
    Project,
    Sequence,
    Shot,
    Status,
    Task,
)
from ftrack_orm import Session
from ftrack_orm.cli.project_bounds import lint_projects
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Planner
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan_function import make_plan


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Return a session on two projects with the same structure."""
    with (
        Emulator(seed="demo") as emulator,
        Session(transport=emulator.transport()) as session,
    ):
        bunny = session.find(Project, name="bunny")
        other = Project(
            name="other", full_name="Other", project_schema=bunny.project_schema
        )
        shot = Shot(name="first", parent=other)
        task = Task(name="anim", parent=shot)
        task.metadata["k"] = "v"
        session.add_all([other, shot, task])
        session.commit()
        yield session


def found(session: Session, up: Callable[[Planner], None]) -> list[Finding]:
    ids = {"bunny": session.find(Project, name="bunny").id}
    schema = RunClient(session).fetch_schema()
    with make_plan(session, up) as plan:
        return list(lint_projects(plan, session, schema, ids))


def test_entities_of_the_project_are_no_finding(session: Session) -> None:
    """Contexts, their values and metadata, versions, and new entities below them."""

    def up(plan: Planner) -> None:
        fstart = plan.values("fstart", of=Shot, kind=float)
        upload = plan.find(AssetType, AssetType.short == "upload")
        shots = plan.select(Shot).where(Shot.project.name == "bunny")
        for shot in plan.each(shots.limit(3)):
            fstart.set(shot, 7.0)
            shot.metadata["seen"] = "yes"
            task = plan.add(Task(name="extra", parent=shot))
            plan.add(Note(content="x", parent_id=task.id, parent_type="Task"))
            asset = plan.add(Asset(name="a", parent=shot, type=upload))
            plan.add(AssetVersion(asset=asset))
        versions = plan.select(AssetVersion)
        bunny = plan.find(Project, Project.name == "bunny")
        of_bunny = AssetVersion.asset.parent.project_id == bunny.id
        for version in plan.each(versions.where(of_bunny).limit(2)):
            version.comment = "seen"

    assert found(session, up) == []


def edit(plan: Planner) -> None:
    for task in plan.each(plan.select(Task).where(Task.project.name == "other")):
        task.bid = 1.0


def edit_metadata(plan: Planner) -> None:
    for task in plan.each(plan.select(Task).where(Task.project.name == "other")):
        task.metadata["k"] = "w"


def set_value(plan: Planner) -> None:
    fstart = plan.values("fstart", of=Shot, kind=float)
    for shot in plan.each(plan.select(Shot).where(Shot.project.name == "other")):
        fstart.set(shot, 7.0)


def create(plan: Planner) -> None:
    shot = plan.find(Shot, Shot.name == "first")
    plan.add(Task(name="extra", parent=shot))


def move(plan: Planner) -> None:
    shot = plan.find(Shot, Shot.name == "first")
    tasks = plan.select(Task).where(Task.project.name == "bunny")
    for task in plan.each(tasks.limit(1)):
        task.parent = shot


def configure(plan: Planner) -> None:
    plan.find(Status, Status.name == "Revise").color = "#000000"


@pytest.mark.parametrize(
    "up", [edit, edit_metadata, set_value, create, move, configure]
)
def test_other_entities_stop_the_plan(
    session: Session, up: Callable[[Planner], None]
) -> None:
    [finding] = found(session, up)
    assert (finding.code, finding.severity) == ("FM111", "stop")
    assert finding.message.startswith("1 units change entities outside of bunny: ")


def test_the_first_titles_are_named(session: Session) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == "first")
        sequence = plan.select(Sequence).where(Sequence.project.name == "bunny")
        below = plan.find(Sequence, Sequence.id == sequence.limit(1).one().id)
        for number in range(5):
            plan.add(Task(name=f"out {number}", parent=shot))
            plan.add(Shot(name=f"in {number}", parent=below))

    [finding] = found(session, up)
    assert "5 units" in finding.message
    assert (
        ": Task first/out 0, Task first/out 1, Task first/out 2, …. " in finding.message
    )
