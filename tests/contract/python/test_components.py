"""Versions, components and where they are (protocol 6.1, 7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ftrack_api.exception
import ftrack_api.symbol
import pytest

# Protocol 7.1.
ORIGIN = "ce9b348f-8809-11e3-821c-20c9d081909b"
UNMANAGED = "cb268ecc-8809-11e3-a7e2-20c9d081909b"
REVIEW = "cd41be70-8809-11e3-b98a-20c9d081909b"
CONNECT = "07b82a97-8cf9-11e3-9383-20c9d081909b"
SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"


def location(session: Any, key: str) -> Any:
    return session.get("Location", key)


def test_versions_count_from_one(session: Any, asset: Any) -> None:
    versions = [session.create("AssetVersion", {"asset": asset}) for _ in range(3)]
    session.commit()
    assert [version["version"] for version in versions] == [1, 2, 3]


def test_a_version_given_by_hand_goes_on_from_there(session: Any, asset: Any) -> None:
    first = session.create("AssetVersion", {"asset": asset, "version": 7})
    session.commit()
    second = session.create("AssetVersion", {"asset": asset})
    session.commit()
    assert (first["version"], second["version"]) == (7, 8)


def test_a_new_version_is_filled_in(session: Any, version: Any) -> None:
    assert version["user"]["username"] == "admin"
    assert version["is_published"] is True
    assert version["status"]["name"]
    assert version["is_latest_version"] is True


def test_the_latest_version_is_the_highest(
    session: Any, fresh: Any, asset: Any, version: Any
) -> None:
    newer = session.create("AssetVersion", {"asset": asset})
    session.commit()
    seen = fresh.get("Asset", asset["id"])
    assert seen["latest_version"]["id"] == newer["id"]
    assert fresh.get("AssetVersion", version["id"])["is_latest_version"] is False


def test_a_versions_link_ends_with_itself(session: Any, version: Any) -> None:
    assert [step["type"] for step in version["link"]] == [
        "Project",
        "TypedContext",
        "TypedContext",
        "AssetVersion",
    ]
    assert version["link"][-1]["id"] == version["id"]


def test_versions_use_each_other(
    session: Any, fresh: Any, asset: Any, version: Any
) -> None:
    newer = session.create("AssetVersion", {"asset": asset})
    newer["uses_versions"].append(version)
    session.commit()
    seen = fresh.get("AssetVersion", version["id"])
    assert [each["id"] for each in seen["used_in_versions"]] == [newer["id"]]
    assert len(fresh.query("AssetVersionLink").all()) == 1
    newer["uses_versions"].remove(version)
    session.commit()
    assert len(fresh.query("AssetVersionLink").all()) == 0


def test_versions_of_a_task_and_of_an_asset(
    session: Any, fresh: Any, asset: Any, version: Any, task: Any
) -> None:
    assert [each["id"] for each in fresh.get("Asset", asset["id"])["versions"]] == [
        version["id"]
    ]
    found = fresh.query(f'AssetVersion where task.id is "{task["id"]}"').one()
    assert found["id"] == version["id"]


def test_one_asset_of_a_name_and_type(session: Any, asset: Any, shot: Any) -> None:
    session.create("Asset", {"name": "hero", "type": asset["type"], "parent": shot})
    with pytest.raises(ftrack_api.exception.ServerError, match="DuplicateEntryError"):
        session.commit()


def test_lists_of_versions(
    session: Any, fresh: Any, project: Any, version: Any
) -> None:
    made = session.create(
        "AssetVersionList",
        {
            "name": "dailies",
            "project": project,
            "category": session.query("ListCategory").first(),
        },
    )
    made["items"].append(version)
    session.commit()
    seen = fresh.get("AssetVersionList", made["id"])
    assert seen["system_type"] == "assetversion"
    assert [item["id"] for item in seen["items"]] == [version["id"]]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (ORIGIN, "ftrack.origin"),
        (UNMANAGED, "ftrack.unmanaged"),
        (REVIEW, "ftrack.review"),
        (SERVER, "ftrack.server"),
        (CONNECT, "ftrack.connect"),
    ],
)
def test_the_well_known_locations_are_there(session: Any, key: str, name: str) -> None:
    # Asked for by hand: the client has four of them without asking.
    expression = f"select name from Location where id is {key}"  # noqa: S608 - no SQL
    rows = session.call([{"action": "query", "expression": expression}])[0]["data"]
    assert [row["name"] for row in rows] == [name]


def test_a_new_component_is_in_the_origin_location(session: Any, picture: Path) -> None:
    component = session.create_component(str(picture), location=None)
    session.commit()
    assert location(session, ORIGIN).get_filesystem_path(component) == str(picture)
    assert component.get_availability()[SERVER] == 0.0
    assert (component["file_type"], component["size"]) == (
        ".png",
        picture.stat().st_size,
    )


def test_unmanaged_components_keep_their_path(
    session: Any, fresh: Any, version: Any, picture: Path
) -> None:
    version.create_component(
        str(picture), data={"name": "main"}, location=location(session, UNMANAGED)
    )
    session.commit()
    [component] = fresh.get("AssetVersion", version["id"])["components"]
    assert component["name"] == "main"
    [row] = component["component_locations"]
    assert row["resource_identifier"] == str(picture)
    there = location(fresh, UNMANAGED)
    assert there.get_filesystem_path(component) == str(picture)


def test_a_sequence_has_a_member_for_each_frame(
    session: Any, fresh: Any, version: Any, frames: str
) -> None:
    version.create_component(
        frames, data={"name": "beauty"}, location=location(session, UNMANAGED)
    )
    session.commit()
    [component] = fresh.get("AssetVersion", version["id"])["components"]
    assert component.entity_type == "SequenceComponent"
    assert (component["padding"], component["size"]) == (4, 6)
    assert component["system_type"] == "sequence"
    assert {each["name"] for each in component["members"]} == {"0001", "0002", "0003"}
    assert {each["container"]["id"] for each in component["members"]} == {
        component["id"]
    }


def test_a_sequence_is_available_in_parts(session: Any, frames: str) -> None:
    there = location(session, UNMANAGED)
    component = session.create_component(frames, location=there)
    session.commit()
    assert component.get_availability([there])[UNMANAGED] == 100.0
    there.remove_component(component["members"][0], recursive=False)
    session.commit()
    assert 0 < component.get_availability([there])[UNMANAGED] < 100


def test_a_component_is_in_a_location_once(session: Any, picture: Path) -> None:
    there = location(session, UNMANAGED)
    component = session.create_component(str(picture), location=there)
    session.commit()
    with pytest.raises(ftrack_api.exception.ComponentInLocationError):
        there.add_component(component, location(session, ORIGIN))


def test_deleting_a_version_takes_its_components(
    session: Any, fresh: Any, version: Any, picture: Path
) -> None:
    version.create_component(
        str(picture), data={"name": "main"}, location=location(session, UNMANAGED)
    )
    session.commit()
    session.delete(version)
    session.commit()
    assert fresh.query("Component").all() == []
    assert fresh.query("ComponentLocation").all() == []


def test_a_location_of_ones_own(session: Any, fresh: Any, picture: Path) -> None:
    made = session.ensure("Location", {"name": "studio.disk"})
    component = session.create_component(str(picture), location=None)
    session.create("ComponentLocation", {"component": component, "location": made})
    session.commit()
    seen = fresh.query(
        f"ComponentLocation where location_id is {made['id']} "
        f"and component_id in ({component['id']})"
    ).one()
    # Protocol 6.1: the component's id where none is sent.
    assert seen["resource_identifier"] == component["id"]
