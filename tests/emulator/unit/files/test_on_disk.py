"""Files on disk, found again by another store."""

from __future__ import annotations

from pathlib import Path

from ftrack_orm.emulator.blobs.on_disk import DiskBlobStore
from tests.support.stored_files import content_of, keep, keep_part, md5

CONTENT = bytes(range(250))


def test_another_store_finds_what_was_kept(tmp_path: Path) -> None:
    store = DiskBlobStore(tmp_path)
    keep(store, "c1", CONTENT)
    keep_part(store, "u1", 1, CONTENT)
    keep_part(store, "u2", 1, CONTENT)
    store.finish("u2", "c2")

    other = DiskBlobStore(tmp_path)

    assert content_of(other, "c1") == content_of(other, "c2") == CONTENT
    assert other.parts("u1") == {1: md5(CONTENT)}


def test_a_tag_that_was_not_written_any_more_is_made_anew(tmp_path: Path) -> None:
    store = DiskBlobStore(tmp_path)
    keep(store, "c1", CONTENT)
    for tag in tmp_path.rglob("*.tag"):
        tag.unlink()

    kept = store.find("c1")

    assert kept is not None
    assert kept.e_tag == md5(CONTENT)


def test_a_tag_that_was_cut_is_made_again(tmp_path: Path) -> None:
    store = DiskBlobStore(tmp_path)
    e_tag = keep(store, "c", b"bytes")
    (tmp_path / "files" / "c.tag").write_text("")

    kept = store.find("c")

    assert kept is not None
    assert kept.e_tag == e_tag


def test_nothing_is_left_of_what_only_arrived(tmp_path: Path) -> None:
    store = DiskBlobStore(tmp_path)
    incoming = store.receive()
    incoming.write(CONTENT)
    keep_part(store, "u1", 1, CONTENT)
    store.delete_parts("u1")
    incoming.discard()
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
