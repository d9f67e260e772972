"""The rows of the demo production are what a server could hold.

Everything is read by plain SQL and worked out here; nothing is asked of the seed but
the moment at which its production stands.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from ftrack_orm.emulator.rules.checks import UNIQUE
from ftrack_orm.schema.model import AttributeKind
from tests.support.demo_rows import Rows


def foreign_keys(rows: Rows) -> Iterator[tuple[str, str, str]]:
    """Yield type, attribute and target of every key the schema describes."""
    for entity_type in rows.schema:
        for attribute in entity_type.attributes.values():
            told = re.match(r"Foreign key\(s\): (\w+)\.", attribute.description or "")
            is_key = attribute.format == "foreign_key" and attribute.name != "id"
            if is_key and told and told[1] in rows.schema:
                yield entity_type.name, attribute.name, told[1]


def test_every_foreign_key_leads_to_a_row(demo_rows: Rows) -> None:
    checked = 0
    for entity_type, name, target in foreign_keys(demo_rows):
        for row in demo_rows.of(entity_type):
            if row["__type__"] == entity_type and row.get(name) is not None:
                checked += 1
                assert demo_rows.get(target, row[name]), (entity_type, name, row)
    assert checked > 5_000


def test_what_belongs_to_rows_of_any_type_belongs_to_one(demo_rows: Rows) -> None:
    for entity_type in ("Note", "Metadata", "StatusChange"):
        for row in demo_rows.of(entity_type):
            if row["parent_id"] is not None:
                assert demo_rows.get(row["parent_type"], row["parent_id"]), row
            else:
                assert row.get("in_reply_to_id"), row
    for row in demo_rows.of("ListObject"):
        system_type = demo_rows.the("List", row["list_id"])["system_type"]
        target = {"task": "TypedContext", "assetversion": "AssetVersion"}[system_type]
        assert demo_rows.get(target, row["entity_id"]), row
    for row in demo_rows.of("CustomAttributeValue"):
        configuration = demo_rows.the(
            "CustomAttributeConfiguration", row["configuration_id"]
        )
        context = demo_rows.the("Context", row["entity_id"])
        assert context.get("object_type_id") == configuration["object_type_id"]


def test_every_required_attribute_is_set(demo_rows: Rows) -> None:
    flags = {row["id"]: row for row in demo_rows.of("ObjectType")}
    by_flag = {
        "status_id": "is_statusable",
        "type_id": "is_typeable",
        "priority_id": "is_prioritizable",
    }
    for table in demo_rows.tables.values():
        for row in table:
            kind = demo_rows.schema[row["__type__"]]
            object_type = flags.get(row.get("object_type_id"))
            for name in kind.required:
                attribute = kind.attributes[name]
                if attribute.kind is not AttributeKind.SCALAR or name not in row:
                    continue
                flag = by_flag.get(name)
                is_context = "context_type" in row
                if is_context and flag and not (object_type or {}).get(flag):
                    continue
                assert row[name] is not None, (row["__type__"], name, row)


def test_no_two_rows_have_what_only_one_may_have(demo_rows: Rows) -> None:
    for entity_type, combinations in UNIQUE.items():
        if entity_type not in demo_rows.schema:
            continue
        for names in combinations:
            seen = Counter(
                tuple(str(row[name]).lower() for name in names)
                for row in demo_rows.of(entity_type)
                if row.get(names[0]) is not None
            )
            assert [key for key, count in seen.items() if count > 1] == []
    for table in demo_rows.tables.values():
        for row in table:
            assert not any(value == "" for name, value in row.items() if "_id" in name)


def allowed(rows: Rows, owner: str, member: str) -> dict[Any, set[Any]]:
    """Return the values of `member` by those of `owner` in a table of pairs."""
    table = {
        "workflow_schema_id": "WorkflowSchemaStatus",
        "task_type_schema_id": "TaskTypeSchemaType",
    }.get(owner)
    found: dict[Any, set[Any]] = defaultdict(set)
    if table is not None:
        for row in rows.of(table):
            found[row[owner]].add(row[member])
        return found
    places = {
        row["id"]: (row["project_schema_id"], row["object_type_id"])
        for row in rows.of("Schema")
    }
    for row in rows.of("SchemaStatus" if member == "status_id" else "SchemaType"):
        found[places[row["schema_id"]]].add(row[member])
    return found


def test_every_status_and_type_is_allowed_by_the_project_schema(
    demo_rows: Rows,
) -> None:
    workflow = allowed(demo_rows, "workflow_schema_id", "status_id")
    task_types = allowed(demo_rows, "task_type_schema_id", "type_id")
    statuses = allowed(demo_rows, "schema_id", "status_id")
    types = allowed(demo_rows, "schema_id", "type_id")
    for row in [*demo_rows.of("TypedContext"), *demo_rows.of("AssetVersion")]:
        project = demo_rows.the("Context", row["project_id"])
        schema = demo_rows.the("ProjectSchema", project["project_schema_id"])
        place = schema["id"], row.get("object_type_id")
        if row["__type__"] == "AssetVersion":
            versions = workflow[schema["asset_version_workflow_schema_id"]]
            assert row["status_id"] in versions
        elif row["__type__"] == "Task":
            assert row["status_id"] in workflow[schema["task_workflow_schema_id"]]
            assert row["type_id"] in task_types[schema["task_type_schema_id"]]
        else:
            assert row["status_id"] in (statuses.get(place) or {None}), row
            assert row["type_id"] in (types.get(place) or {None}), row


def test_everything_is_of_the_project_it_stands_in(demo_rows: Rows) -> None:
    for row in demo_rows.of("TypedContext"):
        parent = demo_rows.the("Context", row["parent_id"])
        assert row["project_id"] == parent["project_id"]
    for row in demo_rows.of("Asset"):
        assert (
            row["project_id"]
            == demo_rows.the("Context", row["context_id"])["project_id"]
        )
    for row in demo_rows.of("AssetVersion"):
        asset, task = (
            demo_rows.the("Asset", row["asset_id"]),
            demo_rows.the("Task", row["task_id"]),
        )
        assert row["project_id"] == asset["project_id"] == task["project_id"]
        assert asset["context_id"] == task["parent_id"]
