"""Conditions compare names of types as tables have them, results as the schema does."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.emulator.query_engine.type_names import table_name
from tests.support.emulator_client import ADMIN, Client, create, ref
from tests.support.schemas import recorded


@pytest.fixture
def noted(client: Client) -> Client:
    """A note, metadata and settings of entities of several types."""
    project = client.project()
    rows: list[tuple[str, dict[str, Any]]] = [
        ("Shot", {"id": "s1", "name": "010", "parent": ref("Project", project)}),
        ("Task", {"id": "t1", "name": "a", "parent": ref("Shot", "s1")}),
        ("Asset", {"id": "a1", "name": "rig", "parent": ref("Shot", "s1")}),
        ("AssetVersion", {"id": "v1", "asset_id": "a1"}),
        ("FileComponent", {"id": "c1", "name": "main", "version_id": "v1"}),
    ]
    parents = [
        ("project", "Project", project),
        ("shot", "Shot", "s1"),
        ("task", "Task", "t1"),
        ("version", "AssetVersion", "v1"),
        ("user", "User", ADMIN),
    ]
    for name, kind, key in parents:
        rows.append(
            (
                "Note",
                {"id": name, "content": "x", "parent_id": key, "parent_type": kind},
            )
        )
    rows.append(
        (
            "Metadata",
            {
                "parent_id": "c1",
                "parent_type": "FileComponent",
                "key": "k",
                "value": "v",
            },
        )
    )
    client.call(*(create(kind, **values) for kind, values in rows))
    return client


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('parent_type is "asset_version"', "version"),
        ('parent_type is "AssetVersion"', ""),
        ("parent_type is task", "shot task"),
        ("parent_type is TASK", "shot task"),
        ("parent_type is Shot", ""),
        ("parent_type is show", "project"),
        ("parent_type in (show, user)", "project user"),
        ("parent_type not_in (show, user)", "shot task version"),
        ("parent_type is_not task", "project version user"),
        ('parent_type like "asset%"', "version"),
        ("parent_type is none", ""),
    ],
)
def test_a_condition_compares_the_name_of_the_table(
    noted: Client, condition: str, expected: str
) -> None:
    rows = noted.query(f"Note where {condition}")
    assert {row["id"] for row in rows} == set(expected.split())


def test_results_show_the_name_of_the_schema(noted: Client) -> None:
    rows = noted.query("select parent_type from Note")
    assert {row["id"]: row["parent_type"] for row in rows} == {
        "project": "Project",
        "shot": "Shot",
        "task": "Task",
        "version": "AssetVersion",
        "user": "User",
    }


def test_every_attribute_with_the_name_of_a_type_is_compared_so(noted: Client) -> None:
    def count(condition: str) -> int:
        return len(noted.query(f"Metadata where {condition}"))

    assert count("parent_type is component") == 1
    assert count("parent_type is FileComponent") == 0
    [row] = noted.query("select metadata.parent_type from FileComponent")
    assert row["metadata"][0]["parent_type"] == "FileComponent"
    components = "FileComponent where metadata any (parent_type is component)"
    assert len(noted.query(components)) == 1


@pytest.mark.parametrize(
    ("entity_type", "expected"),
    [
        ("Project", "show"),
        ("Task", "task"),
        ("AssetBuild", "task"),
        ("AssetVersion", "asset_version"),
        ("ReviewSessionObject", "review_session_object"),
        ("SequenceComponent", "component"),
        ("UserSecurityRole", "auth_user_role"),
    ],
)
def test_tables_have_names_in_small_letters(entity_type: str, expected: str) -> None:
    assert table_name(recorded(), entity_type) == expected
