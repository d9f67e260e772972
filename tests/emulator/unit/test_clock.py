"""Repeatable runs: a clock that stands, ids that count, the same bytes twice."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any, Final

import pytest

import ftrack_orm.emulator
from ftrack_orm.emulator import CountedIds, Emulator, FixedClock
from tests.support.emulator_client import VFX

MOMENT: Final = "2024-05-06T07:08:09"
BATCHES: Final[list[list[dict[str, Any]]]] = [
    [
        {
            "action": "create",
            "entity_type": "Project",
            "entity_data": {"name": "p", "full_name": "P", "project_schema_id": VFX},
        }
    ],
    [
        {
            "action": "create",
            "entity_type": "FileComponent",
            "entity_data": {"id": "c", "name": "c", "file_type": ".mov", "size": 20},
        },
        {"action": "get_upload_metadata", "component_id": "c", "parts": 2},
        {"action": "get_upload_metadata", "component_id": "c"},
        {"action": "generate_signed_url", "component_id": "c"},
    ],
    [{"action": "query", "expression": "select id, created_at from Project"}],
]


def test_a_fixed_clock_stands_until_it_is_told() -> None:
    clock = FixedClock(MOMENT)
    assert clock() == clock() == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)

    clock.advance(days=1, hours=2, minutes=3, seconds=4)
    assert clock() == datetime(2024, 5, 7, 9, 11, 13, tzinfo=UTC)

    clock.set("2025-01-01T01:00:00+01:00")
    assert clock() == datetime(2025, 1, 1, tzinfo=UTC)

    clock.reset()
    assert clock() == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_text_that_is_no_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="tomorrow"):
        FixedClock("tomorrow")


def test_ids_count_and_look_like_those_of_servers() -> None:
    ids = CountedIds()
    first, second = ids(), ids()

    assert (first, second) == (
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000002",
    )
    assert uuid.UUID(first).version == 4
    ids.reset()
    assert ids() == first


def test_series_of_ids_have_none_in_common() -> None:
    assert CountedIds(1)() != CountedIds(2)()
    with pytest.raises(ValueError, match="series"):
        CountedIds(0x10000)


def answers() -> list[bytes]:
    emulator = Emulator(clock=FixedClock(MOMENT), ids=CountedIds())
    transport = emulator.transport()
    found = [transport.call(json.dumps(batch).encode()).body for batch in BATCHES]
    emulator.close()
    return found


def test_the_same_requests_get_the_same_bytes_twice() -> None:
    first = answers()

    assert not any(b'"exception"' in answer for answer in first)
    assert first == answers()


def test_the_names_for_users_are_there_and_no_others() -> None:
    names = vars(ftrack_orm.emulator)["__all__"]

    # Constants come first, as the linter wants them.
    assert names == sorted(names, key=lambda name: (not name.isupper(), name))
    assert all(getattr(ftrack_orm.emulator, name) is not None for name in names)
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(ftrack_orm.emulator, "no_such_name")  # noqa: B009 a checker refuses


def test_the_call_log_has_its_former_name_for_one_release() -> None:
    emulator = Emulator(seed="empty")

    with pytest.warns(DeprecationWarning, match="call_log"):
        assert emulator.journal is emulator.call_log
