"""Expressions as they are written in the wild (protocol 5.3, 5.4): each runs.

Ids in them belong to nobody, so most find nothing; what is held here is that each is
understood, and that what it finds is of the type it asks for.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import Client

PYTHON_CLIENT = """
select context_type, id, name from Task where (id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb")
select parent_id, key from Metadata where (parent_id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb" and key is "a")
select name, status from Task where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select name from Task where id in (5671dcb0-66de-11e1-8e6e-f23c91df25eb,5671dcb0-66de-11e1-8e6e-f23c91df25eb)
select value from Metadata where (parent_id is "x"and key is "a") or (parent_id is "x"and key is "b")
select status.id from Task where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select children from Project where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select id from Status offset 0 limit 500
select component_id, resource_identifier from ComponentLocation where location_id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb and component_id in (5671dcb0-66de-11e1-8e6e-f23c91df25eb, 5671dcb0-66de-11e1-8e6e-f23c91df25eb)
select task_status from SchemaStatus where schema_id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select task_type from SchemaType where schema_id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select key, project_id, id, object_type_id, entity_type, is_hierarchical from CustomAttributeConfiguration
select key, project_id, id, object_type_id, entity_type from CustomAttributeConfiguration
select id from ComponentLocation where component_id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb and location_id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select id from Location
select name, label, description from Location
select id from Location where name is "ftrack.server" limit 1
select value from Setting where name is "storage_scenario" and group is "STORAGE"
select id from Timer where user_id = "5671dcb0-66de-11e1-8e6e-f23c91df25eb" limit 2
select id, resource_type from User where username is "jane" and is_active is True
select id, system_type from Component where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select id from Job where (id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb")
select id from Context where created_at > "2024-01-01T00:00:00"
"""

JAVASCRIPT_CLIENT = """
select id from User where username is "jane" and first_name is "Jane"
select _task_workflow.statuses.name, _task_workflow.statuses.color, _task_workflow.statuses.sort from ProjectSchema where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select _overrides.type_id, _overrides.workflow_schema.statuses.name, _overrides.workflow_schema.statuses.sort from ProjectSchema where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select _schemas.type_id, _schemas.statuses.task_status.name from ProjectSchema where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select _version_workflow.statuses.name from ProjectSchema where id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb
select version, asset.versions.version from AssetVersion where asset_id is_not None limit 1
select status.state.short from Task where status.state.short is NOT_STARTED limit 1
"""

DOCUMENTATION = """
Project
Project where status is active
Task where project.status is active
Task where name is "animation" and status.name is_not "Completed"
Task where bid > 3 and bid <= 40
Shot where name like "sq0%"
Task where parent has (name is "sq010_sh010")
Project where children any (name like "sq%")
User where not timelogs any ()
Task where status.state.short in ("DONE", "BLOCKED")
Task where assignments any (resource.username = "anna")
Task where not assignments any ()
Note where author.username is "anna" and date after "2020-01-01"
AssetVersion where asset.parent.project.name is "bunny" and is_latest_version is true
Task where end_date before "2030-05-25T10:00:00+00:00"
Shot where custom_attributes any (key is "fstart" and value > 1000)
Shot where metadata any (key is "source" and value is "edit")
ObjectType where name is "shot"
Task where ancestors any (name is "sq010")
Task where id in (select context_id from Timelog where user.username is "anna")
Task where status.name is "In progress" order by priority.sort, name descending limit 10
Shot where custom_attribute_links any (configuration.key is "supervisor" and user.username is "anna")
Status where tasks any (project.name is "bunny")
Type order by sort
select name from Project where allocations.resource[Group].memberships any (user.username is "anna")
Task where timelogs.start >= "2018-05-25"
Note where parent_id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb" or parent_id in (select id from ReviewSessionObject where version_id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb")
Note where parent_id is_not none order by date desc limit 5
"""

TOOLS = """
select id, name, type_id, parent_id, link from TypedContext where project_id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb"
select value, entity_id from CustomAttributeValue where entity_id in ("5671dcb0-66de-11e1-8e6e-f23c91df25eb", "5671dcb0-66de-11e1-8e6e-f23c91df25eb") and configuration_id in ("5671dcb0-66de-11e1-8e6e-f23c91df25eb")
select value, entity_id from ContextCustomAttributeValue where entity_id in (5671dcb0-66de-11e1-8e6e-f23c91df25eb) and configuration.key in ("fps", "handles")
select id, key, entity_type, object_type_id, is_hierarchical, default from CustomAttributeConfiguration where key in ("fps","handles")
select id, version, asset_id from AssetVersion where asset.name = 'hero' and task_id is none
select username, email from User where is_active is true and (email is "jane@example.com" or username is "jane")
select id, parent_id, name from TypedContext where parent_id in ("5671dcb0-66de-11e1-8e6e-f23c91df25eb") and not object_type.name in ("Task", "Milestone")
select project_schema._task_type_schema.types from Project where id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb"
select resource.username from Appointment where context_id = 5671dcb0-66de-11e1-8e6e-f23c91df25eb and type is 'assignment'
select parent[Shot].name, name from Task where parent[Shot].status.name is "Completed"
select asset.parent[AssetBuild].name from AssetVersion limit 3
select components.component_locations.resource_identifier from AssetVersion where id is "5671dcb0-66de-11e1-8e6e-f23c91df25eb"
select from_id, to_id, type from TypedContextLink where from.name is "a" or to.name is "b"
select id from Task where start_date >= "2020-01-01" and start_date < "2031-01-01" and end_date is_not none
select id from AssetVersion where date like "2020-01-01%"
select notes.content, notes.author from Task where notes any (is_todo is false)
select id from FileComponent where file_type in (".exr", ".dpx") and size > 0
select id from Event where parent_id is 5671dcb0-66de-11e1-8e6e-f23c91df25eb limit 20
select children.children.name from Project where name is "bunny"
select items from TypedContextList where name like "%"
select value from Setting where group="STORAGE" and name="storage_scenario"
select id from TypedContext where descendants.name is "animation" and not (name is "x" or name is "y")
select thumbnail_url, thumbnail_id from Shot where thumbnail_id is_not none limit 1
select status_changes.status.name from Task where status_changes any (user.username is "anna")
select id from Task where type.name not_in ("Animation","Lighting")   and   name NOT_LIKE "anim%"
select id from Job where status in (queued, running) order by created_at
select name, notes, status.name, type.name from Task where not status.name in ("Lighting", "Rendering") and (type.name like "%Animation%" or type.name is "Anim_Fixes") order by type.name desc, name limit 5
Task where created_at > "2020-01-01 00:00:00" and not name like "%x"
Task where parent.id not_in (select id from Shot where name is "x")
Note where (completed_by is none and is_todo is True or is_todo is False)
Task where name is 'say "hi" to 100%'
"""

CORPUS = [
    pytest.param(line, id=f"{kind}-{number}")
    for kind, texts in (
        ("python", PYTHON_CLIENT),
        ("javascript", JAVASCRIPT_CLIENT),
        ("documentation", DOCUMENTATION),
        ("tools", TOOLS),
    )
    for number, line in enumerate(texts.strip().splitlines())
]


@pytest.fixture(scope="module")
def demo() -> Iterator[Client]:
    """A client of the demo production."""
    emulator = Emulator(seed="demo")
    yield Client(emulator)
    emulator.close()


@pytest.mark.parametrize("expression", CORPUS)
def test_it_runs_and_finds_what_it_asks_for(demo: Client, expression: str) -> None:
    found = demo.query(expression)
    is_bare = not expression.startswith("select ")
    wanted = (expression if is_bare else expression.split(" from ")[1]).split()[0]
    schema = demo.emulator.storage.schema
    for row in found:
        bases = [kind.name for kind in schema.bases(row["__entity_type__"])]
        assert wanted in bases
    broken = expression.replace(" and ", "\n  and\t").replace(" where ", "\n where\n")
    assert len(demo.query(broken)) == len(found)


def test_there_are_as_many_as_promised() -> None:
    assert len(CORPUS) >= 60
