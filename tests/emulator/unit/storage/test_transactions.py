"""A snapshot that is restored again is undone, with the same result as a copy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ftrack_orm.emulator.storage.database import copy_into
from ftrack_orm.emulator.storage.storage import DuplicateKeyError, Storage
from ftrack_orm.emulator.storage.transactions import Transactions
from tests.support.schemas import recorded


@pytest.fixture
def storage() -> Iterator[Storage]:
    with closing(Storage(recorded())) as opened:
        yield opened


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The snapshots that are copied into a database."""
    copied: list[bytes] = []

    def copy(driver: sqlite3.Connection, snapshot: bytes) -> None:
        copied.append(snapshot)
        copy_into(driver, snapshot)

    monkeypatch.setattr("ftrack_orm.emulator.storage.storage.copy_into", copy)
    return copied


def put_all(storage: Storage, *status_ids: str) -> None:
    with storage.transaction() as connection:
        for status_id in status_ids:
            storage.insert(connection, "Status", {"id": status_id, "name": "one"})


def put(storage: Storage, status_id: str) -> None:
    put_all(storage, status_id)


def ids(storage: Storage) -> list[str]:
    with storage.transaction() as connection:
        return [row["id"] for row in storage.find_where(connection, "Status")]


def test_a_snapshot_is_copied_once_and_then_undone(
    storage: Storage, copies: list[bytes]
) -> None:
    put(storage, "a")
    snapshot = storage.snapshot()

    for added in ("b", "c", "d"):
        storage.restore(snapshot)
        put(storage, added)
        assert ids(storage) == ["a", added]
    storage.restore(bytes(bytearray(snapshot)))

    assert ids(storage) == ["a"]
    assert copies == [snapshot]


def test_another_snapshot_is_copied(storage: Storage, copies: list[bytes]) -> None:
    empty = storage.snapshot()
    put(storage, "a")
    one = storage.snapshot()

    for snapshot in (empty, one, empty):
        storage.restore(snapshot)

    assert ids(storage) == []
    assert copies == [empty, one, empty]


def test_a_failed_transaction_after_a_restore_changes_nothing(storage: Storage) -> None:
    put(storage, "a")
    storage.restore(storage.snapshot())
    put(storage, "b")

    with pytest.raises(DuplicateKeyError):
        put_all(storage, "c", "c")

    assert ids(storage) == ["a", "b"]


def test_a_snapshot_after_a_restore_has_the_later_rows(storage: Storage) -> None:
    storage.restore(storage.snapshot())
    put(storage, "a")
    later = storage.snapshot()
    put(storage, "b")

    storage.restore(later)

    assert ids(storage) == ["a"]


def test_definitions_outlast_a_restore(storage: Storage, copies: list[bytes]) -> None:
    snapshot = storage.snapshot()
    storage.restore(snapshot)
    calls: list[None] = []
    table = storage.tables.table("Status").name
    storage.define(
        {"noted": lambda: calls.append(None)},
        [
            f'CREATE TEMP TRIGGER noting AFTER INSERT ON main."{table}" '
            "BEGIN SELECT noted(); END"
        ],
    )

    for _ in range(2):
        storage.restore(snapshot)
        put(storage, "a")

    assert len(calls) == 2
    assert copies == [snapshot, snapshot]


def test_a_schema_that_grew_since_is_complete_after_a_restore(
    storage: Storage, copies: list[bytes]
) -> None:
    with closing(Storage(recorded())) as source:
        empty = source.snapshot()
    copies.clear()
    storage.restore(empty)
    with storage.transaction() as connection:
        storage.insert(
            connection, "ObjectType", {"id": "o", "name": "Reel", "is_schedulable": 1}
        )
    storage.refresh_types()
    grown = storage.schema

    storage.restore(empty)
    assert grown != storage.schema == storage.base_schema
    put(storage, "a")
    storage.restore(empty)

    assert ids(storage) == []
    assert copies == [empty]


def test_a_large_snapshot_is_copied_each_time(
    storage: Storage, copies: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = storage.snapshot()
    monkeypatch.setattr(
        "ftrack_orm.emulator.storage.transactions._LARGEST_UNDONE", len(snapshot) - 1
    )

    storage.restore(snapshot)
    storage.restore(snapshot)

    assert copies == [snapshot, snapshot]


def test_a_database_in_a_file_stores_what_was_written_after_a_restore(
    tmp_path: Path,
) -> None:
    with closing(Storage(recorded(), tmp_path / "a.db")) as storage:
        storage.restore(storage.snapshot())
        put(storage, "a")

    with closing(Storage(recorded(), tmp_path / "a.db")) as opened:
        assert ids(opened) == ["a"]


def test_a_transaction_without_a_snapshot_is_committed() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as driver:
        transactions = Transactions(driver)

        transactions.begin()
        transactions.commit()

        assert not driver.in_transaction
        assert not transactions.undo(b"")
