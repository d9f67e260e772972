"""What a journal remembers, and what it makes of a torn one."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ftrack_orm.operations import UploadMetadata
from ftrack_orm.transfer.journal import Intent, Journal, JournalError

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
    journal.remember_addresses(METADATA)
    journal.remember_part(2, "tag-2")
    journal.remember_part(1, "tag-1")
    journal.close()
    return journal


def test_another_process_reads_what_one_has_written(path: Path) -> None:
    written(path)

    found = Journal(path)

    assert found.intent == INTENT
    assert found.metadata == METADATA
    assert found.parts == {1: "tag-1", 2: "tag-2"}


def test_a_single_part_is_remembered_with_its_headers(path: Path) -> None:
    metadata = UploadMetadata("c1", "https://store/x", {"Content-MD5": "abc"})
    journal = Journal(path)
    journal.begin(INTENT)
    journal.remember_addresses(metadata)

    assert Journal(path).metadata == metadata
    journal.close()


def test_it_is_lines_of_json_that_only_the_owner_may_read(path: Path) -> None:
    written(path)

    lines = path.read_text("ascii").splitlines()
    assert [sorted(json.loads(line)) for line in lines[2:]] == [["e_tag", "part"]] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_line_is_there_when_it_was_remembered(path: Path) -> None:
    journal = Journal(path)
    journal.begin(INTENT)
    lengths = [path.stat().st_size]
    journal.remember_addresses(METADATA)
    lengths.append(path.stat().st_size)
    journal.remember_part(1, "tag")
    lengths.append(path.stat().st_size)

    assert lengths == sorted(set(lengths))
    journal.close()


def test_nothing_is_remembered_where_there_is_no_file(path: Path) -> None:
    journal = Journal(path)

    assert (journal.intent, journal.metadata, journal.parts) == (None, None, {})
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
        found.remember_part(1, "again")
        found.close()
        assert Journal(path).parts == {2: "tag-2", 1: "again"}


def test_torn_addresses_are_forgotten(path: Path) -> None:
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:-5])

    found = Journal(path)

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

    found = Journal(path)
    assert found.intent == replace(INTENT, component_id="c2")
    assert (found.metadata, found.parts) == (None, {})


def test_deleting_leaves_no_file(path: Path) -> None:
    written(path).delete()

    assert list(path.parent.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "missing" / "journal")

    with pytest.raises(JournalError, match="missing"):
        journal.begin(INTENT)


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
