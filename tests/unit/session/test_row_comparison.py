"""A row holds a value when the server stored it, as far as servers store it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ftrack_models import AssetVersion, Task
from ftrack_orm.session.row_comparison import agrees, as_stored, compared_paths
from ftrack_orm.types import Reference

TASK = Task.__ftrack__
MOMENT = datetime(2026, 3, 1, 10, 30, 15, 250_000, tzinfo=UTC)


def holds(name: str, row: dict[str, Any], value: Any) -> bool:
    return agrees(TASK, TASK.by_server_name[name], row, value)


def test_a_scalar_is_compared_by_itself_and_a_link_by_its_foreign_key() -> None:
    assert [step.name for step in compared_paths(TASK, "name")[0].steps] == ["name"]
    [path] = compared_paths(TASK, "status")
    assert [step.name for step in path.steps] == ["status_id"]


def test_members_are_compared_by_their_keys() -> None:
    info = AssetVersion.__ftrack__
    [path] = compared_paths(info, "uses_versions")
    assert [step.name for step in path.steps] == ["uses_versions", "id"]


@pytest.mark.parametrize(
    ("stored", "value", "expected"),
    [("anim", "anim", True), ("anim", "fx", False), (None, None, True)],
)
def test_a_scalar_agrees_when_it_is_equal(
    stored: Any, value: Any, expected: bool
) -> None:
    assert holds("name", {"name": stored}, value) is expected


def test_a_value_that_is_missing_in_the_row_is_none() -> None:
    assert holds("description", {}, None)
    assert not holds("description", {}, "x")


def test_a_time_agrees_in_any_zone_and_without_its_fraction() -> None:
    row = {"start_date": {"__type__": "datetime", "value": "2026-03-01T10:30:15"}}
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=2)))

    assert holds("start_date", row, MOMENT)
    assert holds("start_date", row, elsewhere)
    assert not holds("start_date", row, MOMENT + timedelta(seconds=1))


def test_a_link_agrees_by_its_foreign_key() -> None:
    status = Reference("Status", ("s1",))

    assert holds("status", {"status_id": "s1"}, status)
    assert not holds("status", {"status_id": "s2"}, status)
    assert holds("status", {"status_id": None}, None)


def test_members_agree_in_any_order() -> None:
    info = AssetVersion.__ftrack__
    attribute = info.by_server_name["uses_versions"]
    members = [Reference("AssetVersion", (key,)) for key in ("v1", "v2")]
    row = {
        "uses_versions": [
            {"__entity_type__": "AssetVersion", "id": key} for key in ("v2", "v1")
        ]
    }

    assert agrees(info, attribute, row, members)
    assert not agrees(info, attribute, row, members[:1])
    assert agrees(info, attribute, {}, [])


def test_lists_of_times_lose_their_fractions_too() -> None:
    whole = MOMENT.replace(microsecond=0)

    assert as_stored([MOMENT, "x"]) == (whole, "x")
    assert as_stored((MOMENT,)) == as_stored([whole])
