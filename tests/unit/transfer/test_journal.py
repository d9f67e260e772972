"""What a journal remembers, and what it makes of a torn one."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ftrack_orm.operations import UploadMetadata
from ftrack_orm.transfer.file_lock import lock
from ftrack_orm.transfer.journal import (
    Intent,
    Journal,
    JournalError,
    JournalLockedError,
    default_journal_path,
)

INTENT = Intent(
    "https://studio.example", "c1", "l1", "plate.exr", 100, 12345, 10, "digest"
)
METADATA = UploadMetadata(
    "c1", upload_id="u1", urls=((1, "https://store/1?sig=x"), (2, "https://store/2"))
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plate.exr.ftrack-upload"


def written(path: Path) -> Journal:
    journal = Journal(path)
    journal.begin(INTENT)
    journal.record_addresses(METADATA)
    journal.record_part(2, "tag-2")
    journal.record_part(1, "tag-1")
    journal.close()
    return journal


def read(path: Path) -> Journal:
    """Return what a journal remembers; it is not locked any more."""
    journal = Journal(path)
    journal.close()
    return journal


def test_another_process_reads_what_one_has_written(path: Path) -> None:
    written(path)

    found = read(path)

    assert found.intent == INTENT
    assert found.metadata == METADATA
    assert found.parts == {1: "tag-1", 2: "tag-2"}


def test_a_single_part_is_remembered_with_its_headers(path: Path) -> None:
    metadata = UploadMetadata("c1", "https://store/x", {"Content-MD5": "abc"})
    journal = Journal(path)
    journal.begin(INTENT)
    journal.record_addresses(metadata)
    journal.close()

    assert read(path).metadata == metadata


def test_it_is_lines_of_json_that_only_the_owner_may_read(path: Path) -> None:
    written(path)

    lines = path.read_text("ascii").splitlines()
    assert [sorted(json.loads(line)) for line in lines[2:]] == [["e_tag", "part"]] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_line_is_there_when_it_was_remembered(path: Path) -> None:
    journal = Journal(path)
    journal.begin(INTENT)
    lengths = [path.stat().st_size]
    journal.record_addresses(METADATA)
    lengths.append(path.stat().st_size)
    journal.record_part(1, "tag")
    lengths.append(path.stat().st_size)

    assert lengths == sorted(set(lengths))
    journal.close()


def test_nothing_is_remembered_where_there_is_no_file(path: Path) -> None:
    journal = Journal(path)

    assert (journal.intent, journal.metadata, journal.parts) == (None, None, {})
    journal.close()
    assert not path.exists()


def test_a_torn_line_is_forgotten_wherever_it_is_torn(path: Path) -> None:
    written(path)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    before = sum(map(len, lines[:-1]))

    for length in range(before, len(whole)):
        path.write_bytes(whole[:length])
        found = Journal(path)
        assert found.metadata == METADATA
        assert found.parts == {2: "tag-2"}
        found.record_part(1, "again")
        found.close()
        assert read(path).parts == {2: "tag-2", 1: "again"}


def test_torn_addresses_are_forgotten(path: Path) -> None:
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:-5])

    found = read(path)

    assert found.intent == INTENT
    assert found.metadata is None


@pytest.mark.parametrize(
    "content", [b"my notes\n", b"{}\n", b'{"ftrack_upload": 99}\n', b"[1]\n", b"\xff"]
)
def test_a_file_that_is_no_journal_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(JournalError, match="is not the journal"):
        Journal(path)

    assert path.read_bytes() == content


def test_beginning_forgets_the_upload_before(path: Path) -> None:
    written(path)
    journal = Journal(path)
    journal.begin(replace(INTENT, component_id="c2"))
    journal.close()

    found = read(path)
    assert found.intent == replace(INTENT, component_id="c2")
    assert (found.metadata, found.parts) == (None, {})


def test_deleting_leaves_no_file(path: Path) -> None:
    written(path)
    Journal(path).delete()

    assert list(path.parent.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="missing"):
        Journal(tmp_path / "missing" / "journal")


@pytest.mark.parametrize(
    "other",
    [
        replace(INTENT, size=101),
        replace(INTENT, modified=1),
        replace(INTENT, server_url="https://other.example"),
        replace(INTENT, file_name="other.exr"),
        replace(INTENT, data="other"),
    ],
)
def test_an_upload_that_differs_is_another_one(other: Intent) -> None:
    assert not INTENT.is_same_upload(other)


def test_the_component_and_the_size_of_parts_may_differ() -> None:
    assert INTENT.is_same_upload(replace(INTENT, component_id="c9", chunk=99))


# -- the lock ------------------------------------------------------------------------


def test_an_open_journal_is_refused_to_others_and_unchanged(path: Path) -> None:
    journal = Journal(path)
    journal.begin(INTENT)
    before = path.read_bytes()

    with pytest.raises(JournalLockedError, match="another upload"):
        Journal(path)

    assert path.read_bytes() == before
    journal.close()
    assert read(path).intent == INTENT


@pytest.mark.parametrize("end", [Journal.close, Journal.delete])
def test_a_journal_can_be_opened_when_the_one_before_has_ended(
    path: Path, end: Callable[[Journal], None]
) -> None:
    first = Journal(path)
    first.begin(INTENT)
    end(first)

    second = Journal(path)

    with pytest.raises(JournalLockedError):
        Journal(path)
    second.close()


def test_a_file_that_is_deleted_before_it_is_locked_is_made_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Journal(path)
    first.begin(INTENT)

    def late(descriptor: int) -> bool:
        monkeypatch.undo()
        first.delete()
        return lock(descriptor)

    monkeypatch.setattr("ftrack_orm.transfer.journal.lock", late)
    second = Journal(path)
    second.begin(replace(INTENT, component_id="c2"))
    second.close()

    assert read(path).intent == replace(INTENT, component_id="c2")


_HOLDING = """
import sys, time
from pathlib import Path
from ftrack_orm.transfer.file_lock import lock
from ftrack_orm.transfer.journal import (
    Intent,
    Journal,
    JournalError,
    JournalLockedError,
    default_journal_path,
)
journal = Journal(Path(sys.argv[1]))
journal.begin(Intent("s", "c1", "l1", "plate.exr", 100, 12345, 10, "digest"))
print("locked", flush=True)
time.sleep(60)
"""


def test_the_lock_of_a_process_that_is_killed_is_released(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDING, str(path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(JournalLockedError):
            Journal(path)
        holder.kill()

    found = read(path)
    assert found.intent is not None
    assert found.intent.component_id == "c1"


def test_a_process_forked_meanwhile_does_not_keep_the_lock(path: Path) -> None:
    journal = Journal(path)
    journal.begin(INTENT)
    # The child has the open file too, as one that is forked has.
    descriptor = os.dup(journal._file.fileno())  # type: ignore[union-attr]
    journal.close()
    try:
        assert read(path).intent == INTENT
    finally:
        os.close(descriptor)


def test_a_file_system_without_locks_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("ftrack_orm.transfer.journal.lock", refuse)

    with pytest.raises(JournalError, match="No locks available"):
        Journal(path)


# -- broken off ----------------------------------------------------------------------


def test_a_first_line_that_is_torn_is_an_empty_journal(path: Path) -> None:
    written(path)
    first = path.read_bytes().splitlines()[0]

    for length in range(len('{"ftrack_upload":'), len(first) + 1):
        path.write_bytes(first[:length])
        journal = Journal(path)
        assert journal.intent is None
        journal.begin(INTENT)
        journal.close()
        assert read(path).intent == INTENT


def test_a_full_disk_leaves_the_lines_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(path)
    journal.begin(INTENT)
    journal.record_addresses(METADATA)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(JournalError, match="No space left"):
            journal.record_part(1, "tag-1")
    assert path.read_bytes() == before
    assert journal.parts == {}

    journal.record_part(2, "tag-2")
    journal.close()
    assert read(path).parts == {2: "tag-2"}


def test_a_thread_that_comes_late_writes_nothing(path: Path) -> None:
    journal = written(path)
    before = path.read_bytes()

    with pytest.raises(JournalError, match="closed"):
        journal.record_part(3, "tag-3")

    assert path.read_bytes() == before


# -- its name ------------------------------------------------------------------------


def test_the_journal_of_a_short_name_ends_in_a_suffix(tmp_path: Path) -> None:
    assert default_journal_path(tmp_path / "plate.exr") == tmp_path / (
        "plate.exr.ftrack-upload"
    )


@pytest.mark.parametrize("letter", ["n", "é", "版", "🎬"])
def test_a_name_of_any_length_has_a_journal_of_its_own(
    tmp_path: Path, letter: str
) -> None:
    longest = 255 // len(letter.encode())
    journals = set()
    for length in range(1, longest + 1):
        for end in ("a", "b"):
            name = (letter * (length - 1) + end)[-longest:]
            path = default_journal_path(tmp_path / name)
            path.touch()
            journals.add(path.name)

    assert len(journals) == 2 * longest
    assert len(list(tmp_path.iterdir())) == 2 * longest


def test_a_folder_with_shorter_names_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pathconf", lambda folder, name: 143)

    path = default_journal_path(tmp_path / ("版" * 47))

    assert len(os.fsencode(path.name)) <= 143
    assert path.name.startswith("版")
