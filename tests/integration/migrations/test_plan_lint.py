"""Findings about plans, made on the emulator's demo production."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from ftrack_models import (
    AssetVersion,
    CustomAttributeConfiguration,
    Folder,
    Project,
    ProjectSchemaOverride,
    SecurityRole,
    Sequence,
    Shot,
    Status,
    Task,
    Type,
    WorkflowSchema,
)
from ftrack_orm import Select, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import PlanRefusedError
from ftrack_orm.migrations import Plan, apply, make_plan
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.lint.attribute_lint import lint_attributes
from ftrack_orm.migrations.lint.plan_lint import lint_plan
from ftrack_orm.migrations.lint.workflow_lint import lint_workflows
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.plan_summary import Risk
from ftrack_orm.migrations.planner import Planner
from ftrack_orm.migrations.revision import Revision
from tests.support.migration_plans import content, fast_options, ready


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Return a session on a demo production."""
    with (
        Emulator(seed="demo") as emulator,
        Session(transport=emulator.transport()) as session,
    ):
        yield session


def found(
    session: Session, up: Callable[[Planner], None], *accepts: Risk
) -> dict[str, Finding]:
    """Return the findings about the plan of a function, by code."""
    revision = Revision("r1", "test", accepts=accepts)
    with plan_function(session, up, revision=revision) as plan:
        findings = [*lint_plan(plan), *lint_workflows(plan, session)]
    return {finding.code: finding for finding in findings}


def test_deletes_that_cannot_be_undone(session: Session) -> None:
    def up(plan: Planner) -> None:
        first = plan.select(Shot).where(Shot.project.name == "bunny").limit(1)
        for shot in plan.each(first):
            plan.remove(shot)

    finding = found(session, up)["FM101"]
    assert finding.severity == "stop"
    assert "Task" in finding.message
    assert 'accepts=["irreversible"]' in finding.message
    assert found(session, up, "irreversible", "delete")["FM101"].severity == "warn"


def test_a_select_without_a_project(session: Session) -> None:
    def up(plan: Planner) -> None:
        for task in plan.each(plan.select(Task)):
            task.description = "x"

    assert found(session, up)["FM102"].severity == "stop"
    assert found(session, up, "whole-server")["FM102"].severity == "warn"

    def narrow(plan: Planner) -> None:
        for task in plan.each(plan.select(Task).where(Task.project.name == "bunny")):
            task.description = "x"

    assert "FM102" not in found(session, narrow)


def indexed(plan: Planner, select: Select[Shot]) -> Iterable[Shot]:
    return plan.index(select, Shot.id).untouched()


def iterated(plan: Planner, select: Select[Shot]) -> Iterable[Shot]:
    return select


def in_a_list(plan: Planner, select: Select[Shot]) -> Iterable[Shot]:
    return select.order_by(Shot.name).all()


@pytest.mark.parametrize("read", [Planner.each, indexed, iterated, in_a_list])
def test_each_way_to_read_the_whole_server(
    session: Session, read: Callable[[Planner, Select[Shot]], Iterable[Shot]]
) -> None:
    def risks(select: Callable[[Planner], Select[Shot]]) -> list[str]:
        def up(plan: Planner) -> None:
            for shot in read(plan, select(plan)):
                shot.description = "z"

        with make_plan(session, up) as plan:
            assert plan.changes
            return list(plan.risks)

    of_project = Shot.project.name == "bunny"
    assert risks(lambda plan: plan.select(Shot)) == ["whole-server"]
    assert risks(lambda plan: plan.select(Shot).where(of_project)) == []


def test_statuses_are_counted_and_compared_with_the_workflow(session: Session) -> None:
    def up(plan: Planner) -> None:
        approved = plan.find(Status, Status.name == "Approved")
        shots = plan.select(Shot).where(Shot.project.name == "bunny")
        for shot in plan.each(shots.limit(3)):
            shot.status = approved

    findings = found(session, up)
    assert findings["FM104"].message.startswith("3 statuses change")
    # The stock workflow of shots has no status Approved (protocol 9.6).
    assert findings["FM103"].message.startswith("3 entities get the status 'Approved'")
    assert findings["FM103"].severity == "stop"
    assert found(session, up, "status")["FM103"].severity == "warn"


def test_the_statuses_of_new_entities_are_compared_too(session: Session) -> None:
    def up(plan: Planner) -> None:
        approved = plan.find(Status, Status.name == "Approved")
        completed = plan.find(Status, Status.name == "Completed")
        bunny = plan.find(Project, Project.name == "bunny")
        for number in range(2):
            folder = plan.add(Folder(name=f"new {number}", parent=bunny))
            shot = plan.add(Shot(name="new", parent=folder, status=approved))
            plan.add(Shot(name="sub", parent=shot, status=completed))
            plan.add(Task(name="anim", parent=shot, status=approved))
        below = plan.find(Shot, Shot.name == "sq010_sh010")
        plan.add(Shot(name="below", parent=below, status=approved))
        plan.add(Shot(name="of the server's default", parent=below))

    findings = found(session, up)
    assert findings["FM103"].message.startswith("3 entities get the status 'Approved'")


def test_an_allowed_status_is_no_finding(session: Session) -> None:
    def up(plan: Planner) -> None:
        completed = plan.find(Status, Status.name == "Completed")
        shots = plan.select(Shot).where(Shot.project.name == "bunny")
        for shot in plan.each(shots.limit(3)):
            shot.status = completed

    assert "FM103" not in found(session, up)


def test_a_type_that_the_schema_lacks(session: Session) -> None:
    def up(plan: Planner) -> None:
        vehicle = plan.find(Type, Type.name == "Vehicle")
        tasks = plan.select(Task).where(Task.project.name == "bunny")
        for task in plan.each(tasks.limit(2)):
            task.type = vehicle

    assert "type 'Vehicle'" in found(session, up)["FM103"].message


def test_a_status_is_judged_by_the_new_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task type may have its own statuses (protocol 6.6), also in another page."""
    monkeypatch.setattr("ftrack_orm.migrations.lint.workflow_lint._PAGE", 1)
    session = Session(transport=Emulator(seed="demo").transport())
    bunny = session.select(Project).where(Project.name == "bunny").one()
    short = WorkflowSchema(
        name="short", statuses=[session.find(Status, name="Approved")]
    )
    animation = session.find(Type, name="Animation")
    override = ProjectSchemaOverride(
        project_schema_id=bunny.project_schema_id,
        type_id=animation.id,
        workflow_schema=short,
    )
    session.add_all([short, override])
    session.commit()

    def up(plan: Planner) -> None:
        wip = plan.find(Status, Status.name == "WIP")
        other = plan.find(Type, Type.name == "Animation")
        tasks = plan.select(Task).where(
            Task.project.name == "bunny", Task.type.name != "Animation"
        )
        for task in plan.each(tasks.order_by(Task.id).limit(3)):
            task.status = wip
        for task in plan.each(tasks.order_by(Task.id).limit(3)):
            task.type = other

    [message] = messages(session, up)
    assert message.startswith("3 entities get the status 'WIP'")


def test_statuses_of_new_entities_are_compared(session: Session) -> None:
    def up(plan: Planner) -> None:
        approved = plan.find(Status, Status.name == "Approved")
        completed = plan.find(Status, Status.name == "Completed")
        sequences = plan.select(Sequence).where(Sequence.project.name == "bunny")
        for sequence in plan.each(sequences.limit(1)):
            allowed = plan.add(Shot(name="a", parent=sequence, status=completed))
            plan.add(Shot(name="b", parent=sequence, status=approved))
            build = plan.find(Type, Type.name == "Character")
            plan.add(Task(name="c", parent=allowed, status=approved, type=build))

    findings = messages(session, up)
    assert len(findings) == 2
    assert findings[0].startswith("1 entity gets the status 'Approved'")
    assert findings[1].startswith("1 entity gets the type 'Character'")


def test_statuses_of_versions_are_compared(session: Session) -> None:
    """The stock workflow of versions has no status WIP (protocol 9.6)."""

    def up(plan: Planner) -> None:
        wip = plan.find(Status, Status.name == "WIP")
        versions = plan.select(AssetVersion).limit(2)
        for version in plan.each(versions):
            version.status = wip
            plan.add(AssetVersion(asset=version.asset, status=wip))

    [message] = messages(session, up)
    assert message.startswith("4 entities get the status 'WIP'")


def messages(session: Session, up: Callable[[Planner], None]) -> list[str]:
    """Return the messages about statuses and types of the plan of a function."""
    with plan_function(session, up, revision=Revision("r1", "test")) as plan:
        return [finding.message for finding in lint_workflows(plan, session)]


def test_attributes_that_the_web_interface_does_not_show() -> None:
    with Emulator(seed="demo") as emulator, ready(emulator) as session:
        configurations = session.select(CustomAttributeConfiguration)
        fstart = configurations.where(CustomAttributeConfiguration.key == "fstart")
        role = session.select(SecurityRole).limit(1).one()

        def up(plan: Planner) -> None:
            values = plan.values("fstart", of=Shot, kind=float)
            fend = plan.values("fend", of=Shot, kind=float)
            for shot in plan.each(plan.select(Shot).limit(2)):
                values.set(shot, 7.0)
                fend.clear(shot)

        with make_plan(session, up) as plan:
            [finding] = lint_attributes(plan, session)
            assert (finding.code, finding.severity) == ("FM204", "warn")
            assert finding.message.startswith("fstart has no read and no write role")
            for each in fstart:
                each.read_security_roles = [role]
                each.write_security_roles = [role]
            session.commit()
            assert list(lint_attributes(plan, session)) == []


def test_a_user_without_a_role_on_all_projects() -> None:
    with (
        Emulator(seed="demo") as emulator,
        Session(transport=emulator.transport()) as session,
    ):
        for role in session.select(session.model("UserSecurityRole")):
            session.update(
                role.entity_type, role.reference.key, {"is_all_projects": False}
            )

        def up(plan: Planner) -> None:
            bunny = plan.select(Task).where(Task.project.name == "bunny")
            for task in plan.each(bunny.limit(1)):
                task.description = "x"

        with plan_function(session, up) as plan:
            assert [each.code for each in lint_plan(plan)] == ["FM109"]
            assert lint_plan(plan, allow_partial=True) == []


def test_a_saved_plan_that_a_finding_stops_is_refused(tmp_path: Path) -> None:
    finding = Finding("FM103", "stop", "Add it to the schema.")
    with Emulator(seed="demo") as emulator, ready(emulator) as session:
        before = content(emulator)

        def up(plan: Planner) -> None:
            plan.find(Status, Status.name == "Revise").name = "Revised"

        with make_plan(session, up) as plan:
            plan.set_findings([finding])
            assert plan.is_refused
            plan.save(tmp_path / "a.plan")
        with Plan.open(tmp_path / "a.plan") as saved:
            assert saved.findings == [finding]
            with pytest.raises(PlanRefusedError, match=r"finding FM103\. Add it"):
                apply(session, saved, options=fast_options())
        assert content(emulator) == before


def test_statuses_are_compared_page_by_page(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is read with one request, and leaves no entity in memory."""

    def up(plan: Planner) -> None:
        approved = plan.find(Status, Status.name == "Approved")
        shots = plan.select(Shot).where(Shot.project.name == "bunny")
        for shot in plan.each(shots.limit(5)):
            shot.status = approved

    monkeypatch.setattr("ftrack_orm.migrations.lint.workflow_lint._PAGE", 2)
    with plan_function(session, up, revision=Revision("r1", "test")) as plan:
        lint_workflows(plan, session)
        before = session.requests
        [finding] = lint_workflows(plan, session)
    assert finding.message.startswith("5 entities get the status 'Approved'")
    # Three pages, their project, and the name of the status; the workflows are known.
    assert session.requests - before == 5
    assert not any(isinstance(entity, Shot) for entity in session._core.identity_map)
