"""Transfers in process when the disk of the emulator is full or cannot be read."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from ftrack_orm import NO_RETRIES, Session, TruncatedResponseError, UploadError
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.blobs.on_disk import DiskBlob, DiskBlobStore, DiskIncoming
from ftrack_orm.types import FileTransport
from tests.support.schemas import recorded

CONTENT: Final = bytes(range(250))


def is_full(*_arguments: Any, **_options: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device", "/secret/place")


_close: Final = DiskIncoming.close


def close_and_fail(incoming: DiskIncoming) -> NoReturn:
    """Close as Python does when the buffered bytes cannot be written."""
    _close(incoming)
    is_full()


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator that stores its files in a directory."""
    directory = tmp_path / "files"
    with Emulator(schema=recorded(), data=directory) as started:
        yield started


@pytest.fixture
def files(emulator: Emulator) -> FileTransport:
    return emulator.transport().files


@pytest.fixture
def url(emulator: Emulator) -> str:
    """The address of an upload of `CONTENT`."""
    return upload_url(emulator)


def upload_url(emulator: Emulator) -> str:
    reply = emulator.transport().call(
        b'[{"action": "get_upload_metadata", "component_id": "c1", '
        b'"file_name": "a.mov", "file_size": 250}]'
    )
    return str(json.loads(reply.body)[0]["url"])


@pytest.mark.parametrize(
    ("owner", "method", "failing"),
    [
        (DiskBlobStore, "receive", is_full),
        (DiskIncoming, "write", is_full),
        (DiskIncoming, "close", close_and_fail),
        (DiskBlobStore, "move", is_full),
    ],
    ids=["receive", "write", "close", "move"],
)
def test_an_upload_to_a_full_disk_gets_the_reply_of_http(
    emulator: Emulator,
    files: FileTransport,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    failing: Callable[..., NoReturn],
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(owner, method, failing)
        assert files.put(url, [CONTENT], len(CONTENT)).status == 507
    assert emulator.file_requests[-1].status == 507
    assert files.put(url, [CONTENT], len(CONTENT)).status == 200


def test_all_bytes_are_read_although_the_disk_is_full(
    files: FileTransport, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    def blocks() -> Iterator[bytes]:
        for number in range(5):
            sent.append(number)
            yield CONTENT[:50]

    monkeypatch.setattr(DiskIncoming, "write", is_full)
    assert files.put(url, blocks(), len(CONTENT)).status == 507
    assert sent == [0, 1, 2, 3, 4]


def test_an_error_of_the_file_that_is_sent_is_raised(
    files: FileTransport, url: str
) -> None:
    def blocks() -> Iterator[bytes]:
        yield CONTENT[:50]
        is_full()

    with pytest.raises(OSError, match="No space left"):
        files.put(url, blocks(), len(CONTENT))


def test_a_refused_upload_leaves_no_temporary_file(
    files: FileTransport, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(DiskIncoming, "close", close_and_fail)
        files.put(url, [CONTENT], len(CONTENT))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["find", "_find"])
def test_a_file_that_cannot_be_opened_gets_the_reply_of_http(
    files: FileTransport, url: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    files.put(url, [CONTENT], len(CONTENT))
    monkeypatch.setattr(DiskBlobStore, name, is_full)
    address = files.url("/component/get", {"id": "c1"})
    with files.get(address) as download:
        body = b"".join(download.blocks(64))
    assert download.status == 507
    assert b"No space left on device" in body
    assert b"secret" not in body


def test_a_file_that_cannot_be_read_to_its_end_is_cut(
    files: FileTransport, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put(url, [CONTENT], len(CONTENT))
    monkeypatch.setattr(DiskBlob, "open", is_full)
    with (
        files.get(files.url("/component/get", {"id": "c1"})) as download,
        pytest.raises(TruncatedResponseError, match="No space left") as caught,
    ):
        list(download.blocks(64))
    assert caught.value.received == 0
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "transport_of", [Emulator.transport, None], ids=["in process", "over HTTP"]
)
def test_a_session_reports_a_full_disk_alike_in_process_and_over_http(
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    transport_of: Callable[[Emulator], Any] | None,
) -> None:
    source = tmp_path / "plate.exr"
    source.write_bytes(CONTENT)
    monkeypatch.setattr(DiskIncoming, "write", is_full)
    session = (
        Session(**emulator.credentials)
        if transport_of is None
        else Session(transport=transport_of(emulator))
    )
    with session, pytest.raises(UploadError, match="507") as caught:
        session.create_component(source, retry=NO_RETRIES)
    assert "secret" not in str(caught.value)
    with Session(transport=emulator.transport()) as reading:
        assert reading.query("FileComponent").data == []
