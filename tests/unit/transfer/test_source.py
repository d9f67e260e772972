"""Files and streams as sources, and names as protocol 7.4 takes them apart."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from ftrack_orm import UploadCancelledError, UploadError
from ftrack_orm.transfer.source import FileName, SourceChangedError, open_source

CONTENT = os.urandom(3 * 1024 * 1024 + 17)


class Pipe(io.RawIOBase):
    """A stream that gives a little at a time and cannot go back."""

    def __init__(self, content: bytes) -> None:
        self.rest = content

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found, self.rest = self.rest[: min(size, 1000)], self.rest[min(size, 1000) :]
        return found


@pytest.mark.parametrize(
    ("file_name", "name", "file_type"),
    [
        ("data.json", "data", ".json"),
        ("plate.0001.exr", "plate.0001", ".exr"),
        ("archive.tar.gz", "archive.tar", ".gz"),
        (".bashrc", ".bashrc", ""),
        (".config.yaml", ".config", ".yaml"),
        ("Makefile", "Makefile", ""),
        ("ends.", "ends.", ""),
        ("a b.MOV", "a b", ".MOV"),
        ("Cafe\u0301.mov", "Caf\u00e9", ".mov"),
    ],
)
def test_the_last_dot_parts_name_and_type(
    file_name: str, name: str, file_type: str
) -> None:
    assert FileName.of(file_name) == (name, file_type)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_path_is_read_at_any_place(tmp_path: Path, as_text: bool) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)

    with open_source(str(path) if as_text else path) as source:
        assert source.file_name == "plate.exr"
        assert source.size == len(CONTENT)
        assert source.path == path
        assert source.modified == path.stat().st_mtime_ns
        assert source.read_at(1000, 2000) == CONTENT[1000:3000]
        assert b"".join(source.blocks(5, len(CONTENT) - 5)) == CONTENT[5:]


def test_no_block_is_larger_than_a_mebibyte(tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)

    with open_source(path) as source:
        sizes = [len(block) for block in source.blocks(0, source.size)]

    assert sizes == [1 << 20, 1 << 20, 1 << 20, 17]


def test_the_checksum_is_the_md5_in_base64(tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)
    expected = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()  # noqa: S324 # the wire's checksum

    with open_source(path) as source:
        assert source.md5() == expected


def test_a_stream_is_taken_from_where_it_stands_and_stays_open() -> None:
    stream = io.BytesIO(b"skip" + CONTENT)
    stream.seek(4)

    with open_source(stream, "plate.exr") as source:
        assert source.size == len(CONTENT)
        assert source.path is None
        assert source.read_at(0, 10) == CONTENT[:10]

    assert not stream.closed


def test_a_stream_that_cannot_go_back_is_copied_first() -> None:
    stream = cast(BinaryIO, Pipe(CONTENT))

    with open_source(stream, "plate.exr") as source:
        assert source.size == len(CONTENT)
        assert source.read_at(1 << 20, 50) == CONTENT[1 << 20 : (1 << 20) + 50]
        assert source.read_at(0, 50) == CONTENT[:50]


def test_copying_a_stream_can_be_cancelled() -> None:
    cancel = threading.Event()
    cancel.set()

    with pytest.raises(UploadCancelledError):
        open_source(cast(BinaryIO, Pipe(CONTENT)), "plate.exr", cancel)


def test_a_stream_has_the_name_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)

    with path.open("rb") as stream, open_source(stream) as source:
        assert source.file_name == "plate.exr"


def test_a_name_that_is_given_wins(tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)

    with open_source(path, "other.exr") as source:
        assert source.file_name == "other.exr"


def test_a_stream_without_a_name_needs_one() -> None:
    with pytest.raises(UploadError, match="name= is needed"):
        open_source(io.BytesIO(b"x"))


def test_a_stream_with_a_number_for_a_name_needs_one() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    with (
        os.fdopen(reading, "rb") as stream,
        pytest.raises(UploadError, match="name= is needed"),
    ):
        open_source(stream)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (io.StringIO("text"), "binary mode"),
        (object(), "neither a path nor a binary stream"),
    ],
)
def test_what_holds_no_bytes_is_refused(file: Any, words: str) -> None:
    with pytest.raises(UploadError, match=words):
        open_source(file, "plate.exr")


def test_a_closed_stream_is_refused() -> None:
    stream = io.BytesIO(b"x")
    stream.close()

    with pytest.raises(UploadError, match="cannot be read"):
        open_source(stream, "plate.exr")


def test_a_missing_file_is_named_and_the_cause_chained(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match=r"gone\.exr") as caught:
        open_source(tmp_path / "gone.exr")

    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert caught.value.component_id is None


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UploadError):
        open_source(tmp_path)


def test_a_file_that_has_shrunk_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)

    with open_source(path) as source:
        os.truncate(path, 100)
        with pytest.raises(SourceChangedError, match="ends after 100 bytes"):
            source.read_at(50, 100)


def test_several_threads_read_their_own_places(tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)
    places = [(start, 4096) for start in range(0, len(CONTENT) - 4096, 4096)]

    with open_source(path) as source, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda place: source.read_at(*place), places))

    assert found == [CONTENT[start : start + size] for start, size in places]
