"""How the attributes of a projection are loaded: statements, subtypes, relations."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from ftrack_orm.emulator.query_engine.evaluator import (
    EntityMissingError,
    QueryEvaluator,
    QueryNameError,
)
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.expected_rows import bare, task
from tests.support.sample_storage import (
    NOW,
    TASK,
    context,
    make_storage,
    rows,
)
from tests.support.schemas import recorded


def test_one_statement_for_each_relation_whatever_the_rows() -> None:
    storage = make_storage(recorded())
    with storage.transaction() as connection:
        storage.insert_many(
            connection,
            "Task",
            (
                {
                    "id": f"t{number}",
                    "name": f"t{number}",
                    "parent_id": "s1",
                    "status_id": "ok",
                    "context_type": "task",
                }
                for number in range(500)
            ),
        )
    statements: list[str] = []
    engine = storage._engine

    @event.listens_for(engine, "before_cursor_execute")
    def _count(_c: Any, _u: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    found = rows(
        storage,
        "select name, status.state.name, parent.name, assignments.resource.id, "
        "custom_attributes from Task",
    )
    assert len(found) == 503
    # Task, status, state, parent, assignments, resource, custom attributes.
    assert len([each for each in statements if each.startswith("SELECT")]) == 7
    storage.close()


def test_one_entity_is_answered_with_the_attributes_named(storage: Storage) -> None:
    reader = QueryEvaluator(storage, clock=lambda: NOW)
    with storage.transaction() as connection:
        found = reader.entity(
            connection,
            "Context",
            ("anim",),
            ["name", "status", "assignments"],
            ResponseEncoder(),
        )
        assert found == task(
            "anim",
            name="Anim",
            status=bare("Status", "ok"),
            assignments=[bare("Appointment", "a1")],
        )
        composite = reader.entity(
            connection, "Metadata", ("anim", "source"), ["value"], ResponseEncoder()
        )
        assert composite["value"] == "edit"
        with pytest.raises(EntityMissingError):
            reader.entity(connection, "Shot", ("anim",), [], ResponseEncoder())


def test_a_subtype_may_be_asked_for_more_of_the_same_relation(storage: Storage) -> None:
    asked = (
        "select parent.children.bid, parent[Shot].children.name, "
        "parent[Folder].children.description from Task where name is light"
    )
    [found] = rows(storage, asked)
    said = {"bid", "name", "description"}
    sibling, itself = found["parent"]["children"]
    assert sibling.keys() & said == {"bid", "name"}
    # The task is in full where it occurs first, as the row of the query.
    assert found.keys() & said == {"bid", "name"}
    assert itself == bare("Task", "light")


def test_what_is_asked_of_a_subtype_is_not_said_of_others(storage: Storage) -> None:
    asked = (
        "select parent.created_by.username, parent[Shot].status.name, "
        "parent[TypedContext].status.sort, parent[Project].disk.name from Context "
        "where name in (010, anim, bunny)"
    )
    found: dict[str, Any] = {row["id"]: row for row in rows(storage, asked)}
    asked_for = {"created_by", "status", "disk"}
    # Parents are in full where they occur first, as rows of the query.
    assert found["bunny"].keys() & asked_for == {"created_by", "disk"}
    assert found["s1"]["parent"] == bare("Project", "bunny")
    assert found["s1"].keys() & asked_for == {"created_by", "status"}


def test_the_nearest_of_several_subtypes_counts(storage: Storage) -> None:
    asked = (
        "select context[Context].children.bid, context[Task].parent.name, "
        "context[TypedContext].parent.bid from Timelog where duration is 60"
    )
    [found] = rows(storage, asked)
    assert found["context"]["parent"].keys() & {"name", "bid"} == {"name", "bid"}
    assert found["context"]["children"] == []


def test_a_long_chain_of_links_does_not_nest_without_end() -> None:
    storage = make_storage(recorded())
    count = 400
    with storage.transaction() as connection:
        for number in range(count):
            row = context(f"t{number}", f"t{number}", "s1", object_type_id=TASK)
            storage.insert(connection, "Task", row)
        for number in range(count - 1):
            link = {
                "id": f"l{number}",
                "from_id": f"t{number}",
                "to_id": f"t{number + 1}",
            }
            storage.insert(connection, "TypedContextLink", link)
    found = rows(
        storage, 'select name, outgoing_links.to.bid from Task where name like "t%"'
    )
    assert len(found) == count
    assert _depth(found) < 250
    names = _names(found)
    assert names == {f"t{number}" for number in range(count)}


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _names(value: Any) -> set[str]:
    """Return the names that a response contains, at any depth."""
    if isinstance(value, list):
        return set().union(*map(_names, value))
    if not isinstance(value, dict):
        return set()
    nested = set().union(*map(_names, value.values()))
    return nested | {value["name"]} if "name" in value else nested


def test_a_relation_that_each_subtype_leads_elsewhere_is_followed_for_each() -> None:
    """Changes of status are of a context or of a version (4.4)."""
    storage = make_storage(recorded())
    with storage.transaction() as connection:
        for key, parent, kind in (("c", "anim", "TypedContext"), ("v", "v1", None)):
            entity_type = f"{kind or 'AssetVersion'}StatusChange"
            row = {"id": key, "parent_id": parent, "status_id": "ok"}
            storage.insert(connection, entity_type, row)
    asked = "select parent.name, parent.version, status.name from StatusChange"
    context, version = rows(storage, asked)
    assert (context["parent"]["__entity_type__"], context["parent"]["name"]) == (
        "Task",
        "Anim",
    )
    assert version["parent"] == {
        "__entity_type__": "AssetVersion",
        "id": "v1",
        "asset_id": "rig",
        "version": 1,
    }
    [found] = rows(
        storage, "select status_changes.parent from AssetVersion where id is v1"
    )
    assert found["status_changes"][0]["parent"] == bare("AssetVersion", "v1")
    storage.close()


def test_what_no_subtype_has_cannot_be_selected(storage: Storage) -> None:
    with pytest.raises(QueryNameError) as caught:
        rows(storage, "select parent.nothing from StatusChange")
    assert caught.value.name == "nothing"
