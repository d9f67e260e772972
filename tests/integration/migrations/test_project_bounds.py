"""A plan that is about some projects changes no entity of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ftrack_models import (
    Asset,
    AssetType,
    AssetVersion,
    CustomAttributeLink,
    CustomAttributeLinkConfiguration,
    Note,
    Project,
    Sequence,
    Shot,
    Status,
    Task,
    User,
    UserCustomAttributeLink,
)
from ftrack_orm import Session
from ftrack_orm.cli.project_bounds import lint_projects
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Planner
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan_function import make_plan
from tests.support.studio import links


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
        [supervisor] = [row for row in links() if row["key"] == "supervisor"]
        session.create("CustomAttributeLinkConfiguration", supervisor)
        inside = session.select(Shot).where(Shot.project.name == "bunny").first()
        for each in (shot, inside):
            assert each is not None
            ends = {"from_id": each.id, "to_id": session.find(User, username="kaya").id}
            row = {"configuration_id": supervisor["id"], **ends}
            session.create("UserCustomAttributeLink", row)
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


def links_of(plan: Planner, project: str) -> Iterator[CustomAttributeLink]:
    shots = plan.select(Shot).where(Shot.project.name == project)
    owners = [shot.id for shot in shots]
    rows = plan.select(CustomAttributeLink)
    return plan.each(rows.where(CustomAttributeLink.from_id.in_(owners)))


def test_links_of_the_project_are_no_finding(session: Session) -> None:
    def remove(plan: Planner) -> None:
        for link in links_of(plan, "bunny"):
            plan.remove(link)

    def edit(plan: Planner) -> None:
        for link in links_of(plan, "bunny"):
            link.to_id = plan.find(User, User.username == "admin").id

    def add(plan: Planner) -> None:
        [link] = links_of(plan, "bunny")
        configuration = plan.find(CustomAttributeLinkConfiguration)
        user = plan.find(User, User.username == "admin")
        plan.add(
            UserCustomAttributeLink(
                configuration=configuration, from_id=link.from_id, user=user
            )
        )

    for up in (remove, edit, add):
        assert found(session, up) == [], up.__name__


def edit_link(plan: Planner) -> None:
    for link in links_of(plan, "other"):
        link.to_id = plan.find(User, User.username == "admin").id


def remove_link(plan: Planner) -> None:
    for link in links_of(plan, "other"):
        plan.remove(link)


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
    "up",
    [
        edit,
        edit_metadata,
        set_value,
        create,
        move,
        configure,
        edit_link,
        remove_link,
    ],
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
