"""What the server tells of itself: protocol 2.6 and 6.9."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulator_client import Client

SCENARIO = {
    "scenario": "ftrack.centralized-storage",
    "data": {
        "location_id": "l1",
        "location_name": "studio.central-storage-location",
        "accessor": {"mount_points": {"linux": "/mnt/x", "osx": "/x", "windows": "X:"}},
    },
}


def information(client: Client, *values: str) -> dict[str, Any]:
    operation: dict[str, Any] = {"action": "query_server_information"}
    [told] = client.call(operation | ({"values": [*values]} if values else {}))
    return dict(told)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("version", str),
        ("schema_hash", str),
        ("is_timezone_support_enabled", bool),
        ("storage_scenario", dict),
        ("is_nested_subqueries_enabled", bool),
        ("license", list),
        ("custom_widget", dict),
        ("default_colors", list),
        ("preferred_language", str),
        ("product", dict),
        ("week_startday", int),
        ("workday_length", int),
        ("display_week_numbers", bool),
        ("display_task_dates_as_time", bool),
        ("storage_limit", int),
        ("company_information", dict),
        ("user_information", dict),
    ],
)
def test_every_key_of_the_page_is_told_and_can_be_asked_for_alone(
    client: Client, name: str, kind: type
) -> None:
    """Kinds as the official JavaScript client declares them."""
    assert type(information(client)[name]) is kind
    assert information(client, name) == {name: information(client)[name]}


def test_values_have_the_shapes_that_clients_declare(client: Client) -> None:
    told = information(client)
    for row in told["license"]:
        assert row.keys() == {"feature_id", "quantity", "renewal_date", "date"}
    assert told["company_information"].keys() == {"logo_url", "name"}
    assert all(isinstance(color, str) for color in told["default_colors"])
    # Seconds: bids are shown in days of this length.
    assert 3_600 <= told["workday_length"] <= 24 * 3_600


def test_a_storage_scenario_that_is_set_is_told(client: Client) -> None:
    client.update("Setting", "storage_scenario", "STORAGE", value=json.dumps(SCENARIO))
    assert information(client)["storage_scenario"] == SCENARIO


@pytest.mark.parametrize("value", ["", "no JSON", "[]", None])
def test_a_setting_that_holds_no_scenario_is_none(
    client: Client, value: str | None
) -> None:
    client.update("Setting", "storage_scenario", "STORAGE", value=value)
    assert information(client, "storage_scenario") == {"storage_scenario": None}


def test_without_the_setting_there_is_no_scenario(client: Client) -> None:
    client.delete("Setting", "storage_scenario", "STORAGE")
    assert information(client)["storage_scenario"] is None
