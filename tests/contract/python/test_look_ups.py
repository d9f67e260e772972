"""Statuses and types of a project, as the official client computes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ftrack_models import (
    AssetBuild,
    AssetVersion,
    Episode,
    Milestone,
    Project,
    ProjectSchema,
    ProjectSchemaOverride,
    Scene,
    Shot,
    Status,
    Task,
    Type,
    WorkflowSchema,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator

KINDS = (Task, Shot, AssetBuild, Milestone, Episode, Scene, AssetVersion)


def official(look_up: Callable[..., Any], *arguments: Any) -> set[str]:
    """Return the ids that the official client finds; it raises where there are none."""
    try:
        return {each["id"] for each in look_up(*arguments)}
    except ValueError:
        return set()


@pytest.mark.parametrize("name", ["VFX", "Animation", "Media production"])
def test_both_clients_find_the_same(
    session: Any, emulator: Emulator, name: str
) -> None:
    with Session(transport=emulator.transport(), check_schema="ignore") as ours:
        schema = ours.find(ProjectSchema, name=name)
        project = Project(name="p", full_name="P", project_schema=schema)
        animation = ours.find(Type, name="Animation")
        workflow = WorkflowSchema(
            name="short", statuses=[ours.find(Status, name="Approved")]
        )
        override = ProjectSchemaOverride(
            project_schema_id=schema.id, type_id=animation.id, workflow_schema=workflow
        )
        ours.add_all([project, workflow, override])
        ours.commit()

        theirs = session.get("ProjectSchema", schema.id)
        for kind in KINDS:
            found = {each.id for each in project.statuses_for(kind)}
            assert found == official(theirs.get_statuses, kind.__name__)
            if kind is not AssetVersion:
                types = {each.id for each in project.types_for(kind)}
                assert types == official(theirs.get_types, kind.__name__)
        overridden = {each.id for each in project.statuses_for(Task, animation)}
        assert overridden == official(theirs.get_statuses, "Task", animation.id)
        assert overridden == {ours.find(Status, name="Approved").id}
