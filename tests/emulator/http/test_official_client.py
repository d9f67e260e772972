"""The official Python client works against the emulator, over HTTP.

Each expectation is one of the protocol's sections 1.8, 3.5, 5.4 and 6; the client is
driven as its users drive it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.official_client import connect, make_project

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ftrack_api
    import ftrack_api.exception

NOT_STARTED = "44dd9fb2-4164-11df-9218-0019bb4983d8"


@pytest.fixture
def fresh(emulator: Emulator, tmp_path: Path, session: Any) -> Iterator[Any]:
    """A second session, which has seen nothing yet."""
    opened = connect(emulator, tmp_path)
    yield opened
    opened.close()


def make_task(session: Any) -> Any:
    shot = session.create("Shot", {"name": "010", "parent": make_project(session)})
    task = session.create("Task", {"name": "anim", "parent": shot})
    session.commit()
    return task


def test_a_session_starts_with_information_and_schemas(
    emulator: Emulator, tmp_path: Path
) -> None:
    connect(emulator, tmp_path).close()
    actions = [operation["action"] for operation in emulator.call_log.operations]
    assert actions[:2] == ["query_server_information", "query_schemas"]
    # The hash served is that of the schemas served: the cache is good next time.
    emulator.call_log.clear()
    connect(emulator, tmp_path).close()
    actions = [operation["action"] for operation in emulator.call_log.operations]
    assert "query_schemas" not in actions


def test_wrong_credentials_are_told(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(
        ftrack_api.exception.ServerError, match="The supplied API key is not valid"
    ):
        ftrack_api.Session(
            server_url=emulator.server_url,
            api_user="admin",
            api_key="wrong",
            auto_connect_event_hub=False,
            plugin_paths=[],
            schema_cache_path=str(tmp_path),
        )


def test_a_project_has_what_the_server_fills(session: Any) -> None:
    project = make_project(session)
    assert project["status"] == "active"
    assert project["created_by"]["username"] == "admin"
    assert project["link"] == [{"type": "Project", "id": project["id"], "name": "demo"}]


def test_a_task_has_project_status_and_priority(session: Any) -> None:
    task = make_task(session)
    assert task["status_id"] == NOT_STARTED
    assert task["status"]["name"] == "Not started"
    assert task["project"]["name"] == "demo"
    assert task["priority"]["name"] == "None"
    assert task["object_type"]["name"] == "Task"
    assert task["bid"] == 0
    assert [step["name"] for step in task["link"]] == ["demo", "010", "anim"]


def test_changing_a_status_is_seen_by_others_and_remembered(
    session: Any, fresh: Any
) -> None:
    task = make_task(session)
    task["status"] = session.query('Status where name is "In progress"').one()
    session.commit()
    seen = fresh.get("Task", task["id"])
    assert seen["status"]["name"] == "In progress"
    [change] = seen["status_changes"]
    assert change["from_status"]["name"] == "Not started"


def test_metadata_is_set_changed_and_removed(session: Any, fresh: Any) -> None:
    task = make_task(session)
    task["metadata"]["a"] = "1"
    session.commit()
    task["metadata"]["a"] = "2"
    task["metadata"]["b"] = "3"
    session.commit()
    assert dict(fresh.get("Task", task["id"])["metadata"]) == {"a": "2", "b": "3"}
    del task["metadata"]["a"]
    session.commit()
    fresh.reset()
    assert dict(fresh.get("Task", task["id"])["metadata"]) == {"b": "3"}
    task["metadata"] = {"c": "4"}
    session.commit()
    fresh.reset()
    assert dict(fresh.get("Task", task["id"])["metadata"]) == {"c": "4"}


def test_metadata_of_a_new_entity_comes_with_it(session: Any, fresh: Any) -> None:
    project = make_project(session)
    shot = session.create(
        "Shot", {"name": "010", "parent": project, "metadata": {"a": "1"}}
    )
    session.commit()
    assert dict(fresh.get("Shot", shot["id"])["metadata"]) == {"a": "1"}
    [row] = fresh.query("select parent_type from Metadata").all()
    assert row["parent_type"] == "Shot"


def test_custom_attributes_have_defaults_and_take_values(
    session: Any, fresh: Any
) -> None:
    shot = make_task(session)["parent"]
    assert shot["custom_attributes"]["fstart"] == 1
    assert set(shot["custom_attributes"].keys()) == {
        "fstart",
        "fend",
        "handles",
        "fps",
        "duration",
    }
    shot["custom_attributes"]["fstart"] = 1001
    session.commit()
    assert fresh.get("Shot", shot["id"])["custom_attributes"]["fstart"] == 1001


def test_custom_attributes_of_a_new_entity_come_with_it(
    session: Any, fresh: Any
) -> None:
    project = make_project(session)
    shot = session.create(
        "Shot",
        {"name": "010", "parent": project, "custom_attributes": {"fstart": 7}},
    )
    session.commit()
    assert fresh.get("Shot", shot["id"])["custom_attributes"]["fstart"] == 7


def test_a_wrong_custom_attribute_value_leaves_all_undone(
    session: Any, fresh: Any
) -> None:
    shot = make_task(session)["parent"]
    shot["name"] = "020"
    shot["custom_attributes"]["fstart"] = "test"
    with pytest.raises(
        ftrack_api.exception.ServerError, match='"fstart" must be of type number'
    ):
        session.commit()
    session.rollback()
    assert fresh.get("Shot", shot["id"])["name"] == "010"


def test_a_note_with_recipient_and_label(session: Any, fresh: Any) -> None:
    task = make_task(session)
    author = session.query('User where username is "admin"').one()
    other = session.create("User", {"username": "jane"})
    label = session.query('NoteLabel where name is "Internal"').one()
    session.commit()
    note = task.create_note("hi", author=author, recipients=[other], labels=[label])
    session.commit()
    [seen] = fresh.get("Task", task["id"])["notes"]
    assert seen["content"] == "hi"
    assert seen["author"]["username"] == "admin"
    assert seen["parent_id"] == task["id"]
    # The caller is added to the recipient given (protocol 6.1).
    assert {row["resource_id"] for row in seen["recipients"]} == {
        author["id"],
        other["id"],
    }
    assert [link["label"]["name"] for link in seen["note_label_links"]] == ["Internal"]
    note.create_reply("yes", author=author)
    session.commit()
    fresh.reset()
    [seen] = fresh.get("Task", task["id"])["notes"]
    assert [reply["content"] for reply in seen["replies"]] == ["yes"]


def test_statuses_and_types_follow_the_project_schema(session: Any) -> None:
    schema = make_project(session)["project_schema"]
    assert [status["name"] for status in schema.get_statuses("Shot")] == [
        "Not started",
        "In progress",
        "Completed",
        "On Hold",
        "Omitted",
    ]
    assert schema.get_statuses("Task")[0]["name"] == "Not started"
    assert "Animation" in {kind["name"] for kind in schema.get_types("Task")}
    assert [kind["name"] for kind in schema.get_types("AssetBuild")] == [
        "Character",
        "Prop",
        "Environment",
        "Matte Painting",
        "Vehicle",
    ]


def test_a_timer_starts_once_and_stops_into_a_timelog(session: Any) -> None:
    task = make_task(session)
    user = session.query('User where username is "admin"').one()
    user.start_timer(task, comment="work", force=True)
    with pytest.raises(ftrack_api.exception.NotUniqueError):
        user.start_timer(task)
    session.rollback()
    timelog = user.stop_timer()
    session.commit()
    assert timelog["comment"] == "work"
    assert session.query("Timer").all() == []


def test_versions_and_components_are_published(session: Any, fresh: Any) -> None:
    task = make_task(session)
    kind = session.query('AssetType where short is "geo"').one()
    asset = session.create(
        "Asset", {"name": "hero", "type": kind, "parent": task["parent"]}
    )
    for _ in range(2):
        session.create("AssetVersion", {"asset": asset, "task": task})
    session.commit()
    seen = fresh.get("Asset", asset["id"])
    assert [version["version"] for version in seen["versions"]] == [1, 2]
    assert seen["latest_version"]["version"] == 2
    version = session.query("AssetVersion where version is 1").one()
    location = session.query('Location where name is "ftrack.unmanaged"').one()
    version.create_component(
        "/tmp/file.%04d.exr [1-3]",  # noqa: S108 - a text, never opened
        data={"name": "main"},
        location=location,
    )
    session.commit()
    [component] = fresh.get("AssetVersion", version["id"])["components"]
    assert component.entity_type == "SequenceComponent"
    assert len(component["members"]) == 3
    assert len(component["component_locations"]) == 1


def test_pages_are_counted_by_looking_ahead(emulator: Emulator, session: Any) -> None:
    emulator.call_log.clear()
    found = session.query("select name from Status", page_size=11).all()
    assert len(found) == 11
    assert len(emulator.calls) == 1


def test_ensure_finds_or_creates(session: Any) -> None:
    first = session.ensure("User", {"username": "jane"})
    again = session.ensure("User", {"username": "jane"})
    assert first["id"] == again["id"]


def test_an_unknown_action_is_an_incompatible_server(session: Any) -> None:
    with pytest.raises(
        ftrack_api.exception.ServerError, match="Invalid action u'parse_query'"
    ):
        session.call([{"action": "parse_query", "expression": "Task"}])
    with pytest.raises(ftrack_api.exception.ServerError, match="Invalid action u'x'"):
        session.call([{"action": "x"}])


def test_deleting_a_project_takes_its_tree(session: Any, fresh: Any) -> None:
    task = make_task(session)
    session.delete(task["project"])
    session.commit()
    assert fresh.query("Context").all() == []


def test_child_and_parent_are_deleted_in_one_commit(session: Any, fresh: Any) -> None:
    task = make_task(session)
    shot, project = task["parent"], task["project"]
    for entity in (task, shot, project):
        session.delete(entity)
    session.commit()
    assert fresh.query("Context").all() == []
