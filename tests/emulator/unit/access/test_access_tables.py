"""The tables of who may read and change what leave no type of the schema out."""

from __future__ import annotations

from typing import cast

import pytest

from ftrack_orm.emulator.access.project_paths import NO_PROJECT, PROJECT_PATHS, Link
from ftrack_orm.emulator.access.rights import RULES, Level, Rule, rule_of
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.emulator.storage.tables import is_dense
from ftrack_orm.schema.relations import Computed, Reverse
from tests.support.schemas import recorded

STORAGE = Storage(recorded())
ROOTS = sorted(STORAGE.tables.families)
CONCRETE = sorted(each.name for each in STORAGE.schema)


@pytest.mark.parametrize("root", ROOTS)
def test_every_family_has_paths_to_a_project_or_is_said_to_have_none(root: str) -> None:
    assert (root in PROJECT_PATHS) != (root in NO_PROJECT)


def test_the_tables_name_no_family_twice_and_none_that_is_not_there() -> None:
    assert set(PROJECT_PATHS) | NO_PROJECT == set(ROOTS)
    assert set(RULES) <= {*CONCRETE}


@pytest.mark.parametrize("root", ROOTS)
def test_every_path_begins_at_an_attribute_that_is_stored(root: str) -> None:
    columns = STORAGE.tables.table(root).c
    assert [
        path for path in PROJECT_PATHS.get(root, ()) if path.name not in columns
    ] == []


@pytest.mark.parametrize(
    "entity_type", [name for name in CONCRETE if name in STORAGE.schema]
)
def test_a_type_with_a_project_of_its_own_belongs_to_it(entity_type: str) -> None:
    attributes = STORAGE.schema[entity_type].attributes
    if "project_id" in attributes and not is_dense(entity_type):
        assert STORAGE.tables.root(entity_type) in PROJECT_PATHS


@pytest.mark.parametrize("entity_type", CONCRETE)
def test_every_type_is_in_the_table_of_rights_or_below_one_that_is(
    entity_type: str,
) -> None:
    named = [base.name for base in STORAGE.schema.bases(entity_type)]
    assert is_dense(entity_type) or any(name in RULES for name in named)


def owners() -> list[tuple[str, str, str]]:
    """Return what points at owners of any type: its family, how, and the owner's."""
    found = set()
    for owner, _, relation in STORAGE.relations.every():
        root = STORAGE.tables.root(owner)
        if isinstance(relation, Reverse):
            target = STORAGE.tables.root(relation.target)
            found.add((target, relation.remote, root))
        if isinstance(relation, Computed) and relation.rule == "custom_attributes":
            found.add(("CustomAttributeValue", "entity_id", root))
    return sorted(found)


@pytest.mark.parametrize(("family", "attribute", "owner"), owners())
def test_what_an_entity_owns_belongs_where_the_entity_does(
    family: str, attribute: str, owner: str
) -> None:
    links = [
        path
        for path in PROJECT_PATHS.get(family, ())
        if isinstance(path, Link) and path.name == attribute
    ]
    if owner in PROJECT_PATHS and links:
        assert any(owner in path.targets for path in links)


def test_a_type_that_no_table_knows_is_the_administrators(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(cast("dict[str, Rule]", RULES), "Timelog")
    assert rule_of(STORAGE.schema, "Timelog").change is Level.SETTINGS


# Settings are what describes the studio (protocol 6.5).
@pytest.mark.parametrize(
    "entity_type",
    [
        "ApiKey",
        "AssetType",
        "CustomAttributeConfiguration",
        "CustomAttributeGroup",
        "CustomAttributeType",
        "Disk",
        "Group",
        "Location",
        "ManagerType",
        "Membership",
        "NoteLabel",
        "ObjectType",
        "Priority",
        "ProjectSchema",
        "ProjectSchemaOverride",
        "Schema",
        "SchemaStatus",
        "SecurityRole",
        "Setting",
        "State",
        "Status",
        "TaskTypeSchema",
        "Type",
        "User",
        "UserSecurityRole",
        "UserSecurityRoleProject",
        "UserType",
        "WorkflowSchema",
    ],
)
def test_settings_are_the_administrators(entity_type: str) -> None:
    rule = rule_of(STORAGE.schema, entity_type)
    assert {rule.level(verb) for verb in ("create", "update", "delete")} == {
        Level.SETTINGS
    }


@pytest.mark.parametrize("entity_type", ["Shot", "Task", "Folder", "Milestone"])
def test_artists_change_contexts_and_managers_make_move_and_delete_them(
    entity_type: str,
) -> None:
    rule = rule_of(STORAGE.schema, entity_type)
    assert rule.level("create") is rule.level("delete") is Level.MANAGE
    assert rule.level("update", ("status_id", "start_date")) is Level.WORK
    assert rule.level("update", ("status_id", "parent_id")) is Level.MANAGE
