"""Snapshots: all of an emulator, in memory and in a file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ftrack_orm.emulator import Emulator, snapshots
from ftrack_orm.emulator.snapshots import NotASnapshotError, write
from ftrack_orm.emulator.storage.database import ForeignDatabaseError
from tests.support.emulator_client import Client
from tests.support.schemas import recorded
from tests.support.stored_files import content_of, keep, keep_part


def put(emulator: Emulator, component_id: str, content: bytes) -> None:
    """Keep a file for a component, as an upload would."""
    keep(emulator._files.files, component_id, content)


def content(emulator: Emulator, component_id: str) -> bytes | None:
    return content_of(emulator._files.files, component_id)


def test_a_snapshot_in_a_file_takes_another_emulator_there(
    client: Client, tmp_path: Path
) -> None:
    emulator = client.emulator
    project = client.project("bunny")
    put(emulator, "c1", b"bytes")
    made = emulator.snapshot(tmp_path / "bunny.snapshot")
    assert (tmp_path / "bunny.snapshot").read_bytes() == made

    other = Emulator(data=tmp_path / "data")
    put(other, "c2", b"other")
    other.restore(tmp_path / "bunny.snapshot")
    assert [row["id"] for row in Client(other).query("Project")] == [project]
    assert content(other, "c1") == b"bytes"
    assert content(other, "c2") is None
    other.close()


def test_the_same_content_gives_the_same_bytes(client: Client) -> None:
    put(client.emulator, "b", b"2")
    put(client.emulator, "a", b"1")
    assert client.emulator.snapshot() == client.emulator.snapshot()


def test_restoring_takes_away_files_that_came_later(client: Client) -> None:
    before = client.emulator.snapshot()
    put(client.emulator, "c1", b"bytes")
    client.emulator.restore(before)
    assert content(client.emulator, "c1") is None
    assert client.emulator.snapshot() == before


@pytest.mark.parametrize("kept", [b"", b"first"], ids=["no file", "a file"])
def test_a_snapshot_leads_back_each_time_it_is_restored(
    client: Client, kept: bytes
) -> None:
    if kept:
        put(client.emulator, "c1", kept)
    made = client.emulator.snapshot()
    for _ in range(3):
        client.emulator.restore(made)
        assert content(client.emulator, "c1") == (kept or None)
        assert client.query("Project") == []
        put(client.emulator, "c1", b"another")
        client.project()


def test_a_snapshot_without_files_is_opened_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = client.emulator.snapshot()
    client.emulator.restore(made)
    monkeypatch.setattr(snapshots, "unpack", pytest.fail)
    client.project()
    client.emulator.restore(made)
    assert client.query("Project") == []


def test_an_upload_in_parts_is_in_a_snapshot_too(client: Client) -> None:
    store = client.emulator._files.files
    for number, part in enumerate((b"one", b"two"), 1):
        keep_part(store, "u", number, part)
    store.finish("u", "c1")
    tag = e_tag(client.emulator, "c1")
    made = client.emulator.snapshot()
    store.discard("c1")
    client.emulator.restore(made)
    assert content(client.emulator, "c1") == b"onetwo"
    assert e_tag(client.emulator, "c1") == tag


def e_tag(emulator: Emulator, component_id: str) -> str:
    kept = emulator._files.files.find(component_id)
    assert kept is not None
    return kept.e_tag


def test_files_of_several_blocks_and_of_none_are_in_a_snapshot(client: Client) -> None:
    large = bytes(range(256)) * 10_000
    put(client.emulator, "large", large)
    put(client.emulator, "empty", b"")
    made = client.emulator.snapshot()
    client.emulator.restore(made)
    assert content(client.emulator, "large") == large
    assert content(client.emulator, "empty") == b""


def test_what_files_took_in_a_snapshot_takes_no_room_in_the_database(
    client: Client,
) -> None:
    before = tables(client.emulator.snapshot())
    put(client.emulator, "c1", bytes(3_000_000))
    client.emulator.restore(client.emulator.snapshot())
    client.emulator._files.files.discard("c1")
    after = client.emulator.snapshot()
    assert tables(after) == before
    assert len(after) < 3_000_000


def tables(snapshot: bytes) -> tuple[list[str], int]:
    """Return the names of what is in a snapshot, and how many pages are empty."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(snapshot)
        [(empty,)] = database.execute("PRAGMA freelist_count")
        rows = database.execute("SELECT name FROM sqlite_master ORDER BY name")
        return [name for (name,) in rows], empty


def test_the_same_files_give_the_same_bytes_on_disk_and_in_memory(
    client: Client, tmp_path: Path
) -> None:
    # Counted ids and a fixed clock: the rows are the same.
    other = Emulator(schema=recorded(), data=tmp_path / "data")
    other.restore(client.emulator.snapshot())
    for emulator in (client.emulator, other):
        put(emulator, "b", bytes(3_000_000))
        put(emulator, "a", b"1")
    assert client.emulator.snapshot() == other.snapshot()
    other.close()


def test_a_snapshot_is_a_database_that_can_be_served(
    client: Client, tmp_path: Path
) -> None:
    project = client.project("bunny")
    client.emulator.snapshot(tmp_path / "bunny.db")
    other = Emulator(database=tmp_path / "bunny.db")
    assert [row["id"] for row in Client(other).query("Project")] == [project]
    other.close()


def test_a_snapshot_that_is_served_has_its_files_too(
    client: Client, tmp_path: Path
) -> None:
    client.project("bunny")
    put(client.emulator, "c1", b"bytes")
    database = tmp_path / "bunny.db"
    client.emulator.snapshot(database)
    for _ in range(2):
        other = Emulator(database=database, schema=recorded())
        assert content(other, "c1") == b"bytes"
        assert len(Client(other).query("Project")) == 1
        put(other, "c2", b"later")
        other.close()
    again = Emulator(database=database, schema=recorded())
    assert content(again, "c2") == b"later"
    again.close()


def make_foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("kind", ["text", "database", "cut"])
def test_what_is_no_snapshot_is_refused_and_changes_nothing(
    client: Client, tmp_path: Path, kind: str
) -> None:
    project = client.project("bunny")
    path = tmp_path / "file"
    if kind == "text":
        path.write_text("a shopping list")
    elif kind == "database":
        make_foreign(path)
    else:
        path.write_bytes(client.emulator.snapshot()[:50_000])
    with pytest.raises(NotASnapshotError, match="not a snapshot") as raised:
        client.emulator.restore(path)
    assert raised.value.source == str(path)
    assert [row["id"] for row in client.query("Project")] == [project]


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")

    def fail(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write(path, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [
        ("old", b"old")
    ]


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.db"
    make_foreign(path)
    before = path.read_bytes()
    with pytest.raises(ForeignDatabaseError, match="not the database of an emulator"):
        Emulator(database=path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("a shopping list, long enough to be read as a header " * 20)
    before = path.read_bytes()
    with pytest.raises(ForeignDatabaseError) as raised:
        Emulator(database=path)
    assert raised.value.database == path
    assert path.read_bytes() == before
