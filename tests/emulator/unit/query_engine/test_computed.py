"""Values the server works out, where they change with other rows: protocol 6.3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulator_client import (
    ADMIN,
    IN_PROGRESS,
    NOT_STARTED,
    NOW,
    Client,
    create,
    date,
    ref,
    update,
)

PICTURE = "emulator://in-process/component/thumbnail?id=pic"


def plain(address: dict[str, str]) -> str:
    """Return an address without the token that opens it, said under both names."""
    assert address.keys() == {"url", "value"}
    assert address["url"] == address["value"]
    return address["url"].partition("&token=")[0]


@pytest.fixture
def studio(client: Client) -> Client:
    """Project p1, shot s1, task t1, asset a1 with versions v1 and v2, picture pic."""
    client.project(id="p1")
    client.call(
        create("FileComponent", id="pic"),
        create("Shot", id="s1", name="010", parent_id="p1"),
        create("Task", id="t1", name="anim", parent_id="s1"),
        create("Asset", id="a1", name="hero", context_id="s1"),
        create("AssetVersion", id="v1", asset_id="a1"),
        create("AssetVersion", id="v2", asset_id="a1"),
        create("ReviewSession", id="r1", name="r", project_id="p1"),
    )
    return client


def one(client: Client, entity_type: str, key: str, name: str) -> Any:
    [row] = client.query(f"select {name} from {entity_type} where id is {key}")  # noqa: S608 - no SQL
    return row[name]


@pytest.mark.parametrize(
    ("entity_type", "key"),
    [
        ("Project", "p1"),
        ("Shot", "s1"),
        ("Task", "t1"),
        ("AssetVersion", "v1"),
        ("User", ADMIN),
    ],
)
def test_who_has_a_picture_has_its_address(
    studio: Client, entity_type: str, key: str
) -> None:
    assert one(studio, entity_type, key, "thumbnail_url") is None
    studio.update(entity_type, key, thumbnail=ref("FileComponent", "pic"))
    assert plain(one(studio, entity_type, key, "thumbnail_url")) == PICTURE


def test_a_review_session_shows_the_picture_of_its_source(studio: Client) -> None:
    studio.update("ReviewSession", "r1", thumbnail_source_id="v1")
    assert one(studio, "ReviewSession", "r1", "thumbnail_url") is None
    studio.update("AssetVersion", "v1", thumbnail_id="pic")
    assert one(studio, "ReviewSession", "r1", "thumbnail_id") == "pic"
    assert plain(one(studio, "ReviewSession", "r1", "thumbnail_url")) == PICTURE
    assert len(studio.query("ReviewSession where thumbnail_id is pic")) == 1
    studio.delete("AssetVersion", "v1")
    assert one(studio, "ReviewSession", "r1", "thumbnail_url") is None


@pytest.mark.parametrize(
    ("entity_type", "data"),
    [
        ("NoteComponent", {"note_id": "n1"}),
        ("JobComponent", {"job_id": "j1"}),
        ("SettingComponent", {"name": "logo", "group": "STUDIO"}),
        ("ComponentLocation", {"location_id": "3a372bde-05bc-11e4-8908-20c9d081909b"}),
    ],
)
def test_files_have_addresses(
    studio: Client, entity_type: str, data: dict[str, str]
) -> None:
    studio.call(
        create("Note", id="n1", content="x"),
        create("Job", id="j1", data="{}"),
        create("Setting", name="logo", group="STUDIO", value="x"),
        create(entity_type, component_id="pic", **data),
    )
    [row] = studio.query(f"select url from {entity_type}")  # noqa: S608 - no SQL
    assert plain(row["url"]) == "emulator://in-process/component/get?id=pic"


def test_the_link_of_a_group_are_the_groups_above_it(studio: Client) -> None:
    studio.create("Group", id="g1", name="crew")
    studio.create("Group", id="g2", name="lead", parent_id="g1")
    assert one(studio, "Group", "g2", "link") == [
        {"type": "Group", "id": "g1", "name": "crew"},
        {"type": "Group", "id": "g2", "name": "lead"},
    ]


def test_the_latest_version_is_another_when_it_is_deleted(studio: Client) -> None:
    studio.create("AssetVersion", id="v7", asset_id="a1", version=7)

    def latest() -> tuple[Any, list[str]]:
        rows = studio.query("AssetVersion where is_latest_version is true")
        named = one(studio, "Asset", "a1", "latest_version")
        return named["id"], [row["id"] for row in rows]

    assert latest() == ("v7", ["v7"])
    studio.delete("AssetVersion", "v7")
    assert latest() == ("v2", ["v2"])
    assert studio.create("AssetVersion", asset_id="a1")["version"] == 3


@pytest.mark.parametrize(
    ("entity_type", "key", "kind"),
    [
        ("Shot", "s1", "TypedContextStatusChange"),
        ("AssetVersion", "v1", "AssetVersionStatusChange"),
    ],
)
def test_contexts_and_versions_remember_each_status(
    studio: Client, entity_type: str, key: str, kind: str
) -> None:
    studio.update(entity_type, key, status=ref("Status", IN_PROGRESS))
    [change] = one(studio, entity_type, key, "status_changes")
    assert change["__entity_type__"] == kind
    [change] = studio.query(
        "select status_id, from_status_id, user_id, date, parent.id, parent_id "  # noqa: S608 - no SQL
        f"from {kind} where id is {change['id']}"
    )
    assert change["parent"]["id"] == change["parent_id"] == key
    assert (change["from_status_id"], change["status_id"]) == (NOT_STARTED, IN_PROGRESS)
    assert (change["user_id"], change["date"]) == (ADMIN, date(NOW))


@pytest.mark.parametrize(
    ("start", "end", "is_open"),
    [
        ("2024-01-01", "2024-12-31", True),
        ("2023-01-01", "2024-01-01", False),
        ("2025-01-01", "2025-12-31", False),
    ],
)
def test_a_review_session_is_open_between_its_dates(
    studio: Client, start: str, end: str, is_open: bool
) -> None:
    studio.update("ReviewSession", "r1", start_date=start, end_date=end)
    assert one(studio, "ReviewSession", "r1", "is_open") is is_open


# -- threads -----------------------------------------------------------------


def test_a_thread_knows_the_latest_date_in_it(studio: Client) -> None:
    def activity() -> str:
        return str(one(studio, "Note", "n1", "thread_activity")["value"])[:4]

    studio.call(
        create("Note", id="n1", content="x", date="2020-01-01", parent_id="t1"),
        create("Note", id="n2", content="y", date="2021-01-01", in_reply_to_id="n1"),
        create("Note", id="n3", content="z", date="2022-01-01", in_reply_to_id="n2"),
    )
    assert activity() == "2022"
    studio.update("Note", "n2", date="2023-01-01")
    assert activity() == "2023"
    studio.update("Note", "n3", in_reply_to=None)
    assert one(studio, "Note", "n3", "thread_activity") == date("2022-01-01T00:00:00")
    studio.delete("Note", "n2")
    assert activity() == "2020"


def test_a_reply_is_of_the_project_of_its_thread(studio: Client) -> None:
    studio.create("Note", id="n1", content="x", parent_id="v1")
    studio.create("Note", id="n2", content="y", in_reply_to_id="n1")
    studio.call(
        create("Note", id="n3", content="z"),
        update("Note", "n2", replies=[ref("Note", "n3")]),
    )
    found = studio.query("select project_id from Note")
    assert {row["project_id"] for row in found} == {"p1"}
    studio.project("other", id="p2")
    studio.update("Shot", "s1", parent_id="p2")
    found = studio.query("select project_id from Note")
    assert {row["project_id"] for row in found} == {"p2"}
