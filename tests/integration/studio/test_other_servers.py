"""Configurations are applied to servers that have more than files can describe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.studio import StudioPlanError
from ftrack_orm.studio.planning import plan_studio
from ftrack_orm.studio.pull import pull_server, pull_studio
from tests.support.migration_plans import ready
from tests.support.studio_servers import applied, rows_of, studio


@pytest.fixture
def session() -> Iterator[Session]:
    """Return a session on a standard server that has a history."""
    with Emulator(seed="standard") as emulator, ready(emulator) as session:
        yield session


def share_workflow(session: Session) -> None:
    """Let the schema Animation use the workflow of VFX."""
    schemas = {row.name: row for row in rows_of(session, "ProjectSchema")}
    shared = schemas["VFX"].task_workflow_schema_id
    key = schemas["Animation"].id
    session.update("ProjectSchema", [key], {"task_workflow_schema_id": shared})


def test_a_shared_workflow_stays_shared(session: Session) -> None:
    share_workflow(session)
    names = ["Approved", "Completed"]
    wanted = studio(
        project_schema=[
            {"name": name, "task_statuses": names} for name in ("VFX", "Animation")
        ]
    )
    applied(session, wanted)
    schemas = {each.name: each for each in pull_studio(session).project_schema}
    for one, other in (("VFX", "Animation"), ("Animation", "VFX")):
        assert schemas[one].task_statuses == ("Approved", "Completed")
        assert (schemas[one].shared_with or {})["task_statuses"] == (other,)


def test_different_files_for_a_shared_workflow_are_refused(session: Session) -> None:
    share_workflow(session)
    wanted = studio(
        project_schema=[
            {"name": "VFX", "task_statuses": ["Approved"]},
            {"name": "Animation", "task_statuses": ["Completed"]},
        ]
    )
    with pytest.raises(StudioPlanError, match="shared with"):
        applied(session, wanted)


@pytest.mark.parametrize(
    ("kind", "definition"),
    [
        ("status", {"name": "Approved", "color": "#123456"}),
        ("status", {"name": "Signed", "renamed_from": "Approved"}),
        ("project_schema", {"name": "VFX", "task_statuses": ["Approved"]}),
    ],
)
def test_two_objects_of_one_name_are_named(
    session: Session, kind: str, definition: dict[str, Any]
) -> None:
    session.create("Status", {"name": "Approved", "is_active": True, "state": None})
    with pytest.raises(StudioPlanError, match="2 objects status 'Approved'"):
        applied(session, studio(**{kind: [definition]}))
    wanted = studio(**{kind: [definition]})
    assert len(pull_server(session).compare(wanted).problems) == 1


def test_two_objects_of_one_name_do_not_matter_elsewhere(session: Session) -> None:
    session.create("Status", {"name": "Approved", "is_active": True, "state": None})
    session.create("Type", {"name": "FX"})
    wanted = studio(status=[{"name": "Completed", "color": "#123456"}])
    assert applied(session, wanted).changes == 1


def test_a_file_may_pick_one_of_two_objects(session: Session) -> None:
    [first] = [row for row in rows_of(session, "Status") if row.name == "Approved"]
    second = session.create(
        "Status",
        {"name": "Approved", "is_active": True, "sort": 99, "color": "#000000"},
    ).data
    chosen = {"name": "Approved", "color": "#123456", "pick": "first by sort"}
    wanted = studio(status=[chosen])
    assert applied(session, wanted).changes == 1
    assert applied(session, wanted).runs == ()
    session.refresh(first, second)
    colors = [row.color for row in rows_of(session, "Status") if row.name == "Approved"]
    assert sorted(colors) == ["#000000", "#123456"]
    assert first.color == "#123456"


def test_all_roles_may_be_listed(session: Session) -> None:
    roles = [row.name for row in rows_of(session, "SecurityRole")]
    attribute = {"key": "tier", "on": "Shot", "type": "text", "label": "Tier"}
    wanted = studio(attribute=[{**attribute, "read": roles, "write": ["*"]}])
    assert applied(session, wanted).changes == 1
    assert applied(session, wanted).runs == ()
    assert pull_server(session).compare(wanted).conflicts == ()


def test_attributes_of_one_key_with_several_scopes(session: Session) -> None:
    schema = rows_of(session, "ProjectSchema")[0]
    for name in ("one", "two"):
        data = {"name": name, "full_name": name, "project_schema_id": schema.id}
        session.create("Project", data)
    common = {"key": "tier", "label": "Tier", "type": "text"}
    scopes: list[dict[str, Any]] = [
        {"on": "Shot"},
        {"on": "Shot", "project": "one", "type": "number"},
        {"on": "Task"},
        {"hierarchical": True},
    ]
    wanted = studio(attribute=[{**common, **scope} for scope in scopes])
    assert applied(session, wanted).changes == 4
    assert applied(session, wanted).runs == ()
    with pytest.raises(StudioPlanError, match="no project 'three'"):
        applied(
            session,
            studio(attribute=[{**common, "on": "Shot", "project": "three"}]),
        )


@pytest.mark.parametrize(
    "config",
    ["no json", "[]", '{"data": "no json"}', '{"data": "[1, {}]"}', '{"data": null}'],
)
def test_an_enumerator_that_is_damaged_does_not_matter_elsewhere(
    session: Session, config: str
) -> None:
    types = {row.name: row.id for row in rows_of(session, "CustomAttributeType")}
    session.create(
        "CustomAttributeConfiguration",
        {
            "key": "damaged",
            "label": "Damaged",
            "type_id": types["enumerator"],
            "entity_type": "user",
            "config": config,
        },
    )
    wanted = studio(status=[{"name": "Completed", "color": "#123456"}])
    assert applied(session, wanted).changes == 1


def test_attributes_of_ftrack_itself_are_left_alone(session: Session) -> None:
    types = {row.name: row.id for row in rows_of(session, "CustomAttributeType")}
    session.create(
        "CustomAttributeConfiguration",
        {
            "key": "tier",
            "label": "Tier",
            "type_id": types["text"],
            "entity_type": "user",
            "config": "{}",
            "core": True,
        },
    )
    assert all(each.key != "tier" for each in pull_studio(session).attribute)
    attribute = {"key": "tier", "on": "User", "type": "text", "label": "Level"}
    with pytest.raises(StudioPlanError, match="'tier User' is ftrack's own"):
        applied(session, studio(attribute=[attribute]))


def test_options_keep_what_files_do_not_have(session: Session) -> None:
    types = {row.name: row.id for row in rows_of(session, "CustomAttributeType")}
    option = {"menu": "Low", "value": " low", "icon": "snail"}
    session.create(
        "CustomAttributeConfiguration",
        {
            "key": "tier",
            "label": "Tier",
            "type_id": types["enumerator"],
            "entity_type": "user",
            "config": json.dumps({"multiSelect": False, "data": json.dumps([option])}),
        },
    )
    attribute = {"key": "tier", "on": "User", "options": {" low": "Low", "b": "B"}}
    applied(session, studio(attribute=[attribute]))
    rows = rows_of(session, "CustomAttributeConfiguration")
    [row] = [each for each in rows if each.key == "tier"]
    assert json.loads(json.loads(row.config)["data"]) == [
        option,
        {"menu": "B", "value": "b"},
    ]


def test_files_change_settings_and_make_none(session: Session) -> None:
    setting = {"group": "GENERAL", "name": "work_day_length", "value": "8"}
    with pytest.raises(StudioPlanError, match="no such setting"):
        applied(session, studio(setting=[setting]))
    with pytest.raises(StudioPlanError, match="no setting that files may have"):
        applied(session, studio(setting=[{**setting, "group": "STORAGE"}]))


def share_inside(session: Session) -> None:
    """Let VFX use one workflow for tasks, versions and the overrides of two types."""
    [schema] = [row for row in rows_of(session, "ProjectSchema") if row.name == "VFX"]
    workflow = schema.task_workflow_schema_id
    versions = {"asset_version_workflow_schema_id": workflow}
    session.update("ProjectSchema", [schema.id], versions)
    for row in rows_of(session, "Type"):
        if row.name in ("FX", "Layout"):
            keys = {"project_schema_id": schema.id, "workflow_schema_id": workflow}
            session.create("ProjectSchemaOverride", {**keys, "type_id": row.id})


def test_places_that_change_with_a_shared_list_are_named(session: Session) -> None:
    share_inside(session)
    schema = {"name": "VFX", "override": {"FX": {"task_statuses": ["Approved"]}}}
    plan = plan_studio(session, studio(project_schema=[schema]))
    [finding] = plan.findings
    assert finding.code == "FM210"
    assert finding.message.startswith(
        "VFX.task_statuses, VFX.version_statuses, VFX.override.Layout: no file has them"
    )
    members = ["Approved"]
    schema |= {"task_statuses": members, "version_statuses": members}
    schema["override"] = {name: {"task_statuses": members} for name in ("FX", "Layout")}
    assert plan_studio(session, studio(project_schema=[schema])).findings == []


FX = {"FX": {"task_statuses": ["Approved"]}}


@pytest.mark.parametrize(
    "settings",
    [
        {"task_statuses": ["Approved"], "version_statuses": ["Completed"]},
        {"override": {**FX, "Layout": {"task_statuses": ["Completed"]}}},
        {"override": FX, "task_statuses": ["Completed"]},
    ],
)
def test_different_members_for_one_list_of_a_schema_are_refused(
    session: Session, settings: dict[str, Any]
) -> None:
    share_inside(session)
    before = pull_studio(session)
    with pytest.raises(StudioPlanError, match=r"is shared with VFX\."):
        applied(session, studio(project_schema=[{"name": "VFX", **settings}]))
    assert pull_studio(session) == before


def test_a_new_schema_has_the_members_of_the_list_that_it_shares(
    session: Session,
) -> None:
    shared = {"name": "B", "shared_with": {"task_statuses": ["VFX"]}}
    with pytest.raises(StudioPlanError, match=r"is shared with VFX\.task_statuses"):
        applied(
            session, studio(project_schema=[{**shared, "task_statuses": ["Approved"]}])
        )
    wanted = studio(project_schema=[shared])
    applied(session, wanted)
    schemas = {each.name: each for each in pull_studio(session).project_schema}
    assert schemas["B"].task_statuses == schemas["VFX"].task_statuses
