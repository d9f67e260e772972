"""The statuses and types that a project's schema allows, read in one request."""

from __future__ import annotations

import pytest

from ftrack_models import (
    AssetBuild,
    AssetVersion,
    Folder,
    Milestone,
    Note,
    Project,
    ProjectSchemaOverride,
    Sequence,
    Shot,
    Status,
    Task,
    Type,
    WorkflowSchema,
)
from ftrack_orm import DetachedEntityError, InvalidArgumentError, Session
from tests.support.demo_production import a_task, project


def names(entities: list[Status] | list[Type]) -> list[str]:
    return [entity.name for entity in entities]


def test_one_request_answers_for_all_projects_and_types(session: Session) -> None:
    projects = session.select(Project).all()
    before = session.requests
    for each in projects:
        for subject in (Shot, Task, AssetVersion, AssetBuild, Folder):
            each.statuses_for(subject)
        for typed in (Task, Milestone, AssetBuild):
            each.types_for(typed)
    assert session.requests - before == 1


def test_each_object_type_has_its_own_statuses(session: Session) -> None:
    bunny = project(session)
    assert names(bunny.statuses_for(Shot)) == [
        "Not started",
        "In progress",
        "Completed",
        "On Hold",
        "Omitted",
    ]
    assert names(bunny.statuses_for(AssetBuild)) == [
        "Not started",
        "In progress",
        "Completed",
    ]
    assert "Pending Review" in names(bunny.statuses_for(Task))
    assert "Pending Review" in names(bunny.statuses_for(AssetVersion))
    assert "WIP" not in names(bunny.statuses_for(AssetVersion))
    assert bunny.statuses_for(Sequence) == []


def test_each_object_type_has_its_own_types(session: Session) -> None:
    bunny = project(session)
    assert "Animation" in names(bunny.types_for(Task))
    assert "Character" not in names(bunny.types_for(Task))
    assert names(bunny.types_for(AssetBuild))[0] == "Character"
    assert "Deliverable" in names(bunny.types_for(Milestone))
    assert bunny.types_for(Shot) == []


def test_an_override_counts_for_its_task_type(session: Session) -> None:
    bunny = project(session)
    animation = session.find(Type, name="Animation")
    workflow = WorkflowSchema(
        name="short",
        statuses=[session.find(Status, name=n) for n in ("Approved", "Not started")],
    )
    override = ProjectSchemaOverride(
        project_schema_id=bunny.project_schema_id,
        type_id=animation.id,
        workflow_schema=workflow,
    )
    assert "WIP" in names(bunny.statuses_for(Task, animation))
    session.add_all([workflow, override])
    session.commit()
    before = session.requests
    short = ["Approved", "Not started"]
    assert names(bunny.statuses_for(Task, animation)) == short
    assert session.requests - before == 1
    assert "WIP" in names(bunny.statuses_for(Task))
    assert "WIP" in names(bunny.statuses_for(Task, session.find(Type, name="FX")))
    task = a_task(session)
    assert task.type.name == "Animation"
    assert names(task.project.statuses_for(task)) == short


def test_the_results_are_entities_of_the_session(session: Session) -> None:
    bunny = project(session)
    task = a_task(session)
    allowed = bunny.statuses_for(task)
    assert task.status in allowed
    task.status = allowed[0]
    assert session.find(Status, name=allowed[0].name) is allowed[0]


def test_other_types_have_no_statuses(session: Session) -> None:
    bunny = project(session)
    for subject in (Note, Project, "Shot"):
        with pytest.raises(InvalidArgumentError):
            bunny.statuses_for(subject)  # type: ignore[arg-type] # the last is a mistake
        with pytest.raises(InvalidArgumentError):
            bunny.types_for(subject)  # type: ignore[arg-type] # the last is a mistake


def test_a_task_type_is_an_entity(session: Session) -> None:
    with pytest.raises(InvalidArgumentError, match=r"statuses_for\(task_type=\) takes"):
        project(session).statuses_for(Task, "Animation")  # type: ignore[arg-type] # the mistake


def test_versions_have_no_types(session: Session) -> None:
    with pytest.raises(InvalidArgumentError, match="Task or the class"):
        project(session).types_for(AssetVersion)


def test_a_project_without_a_session_is_refused(session: Session) -> None:
    bunny = project(session)
    session.expunge(bunny)
    with pytest.raises(DetachedEntityError):
        bunny.statuses_for(Shot)
    with pytest.raises(DetachedEntityError):
        bunny.types_for(Task)
