"""Files in the emulator without HTTP: the store, ranges and the in-process transport.

Expectations are protocol 2.9, 7.2 and 7.4, and RFC 9110 (14) for ranges.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator.files import FileStore
from ftrack_orm.emulator.ranges import span
from ftrack_orm.errors import (
    OutcomeUnknownError,
    RequestTimeoutError,
    TruncatedResponseError,
)
from ftrack_orm.types import FileTransport, HasFiles
from tests.unit.emulator.driving import Client, Refused

CONTENT = bytes(range(250))


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 # a storage's tag


@pytest.fixture(params=["temporary", "given"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileStore]:
    made = FileStore(tmp_path / "data" if request.param == "given" else None)
    yield made
    made.close()


def keep(store: FileStore, component_id: str, content: bytes) -> str:
    incoming = store.receive()
    incoming.write(content)
    return store.keep(component_id, incoming)


def keep_part(store: FileStore, number: int, content: bytes) -> str:
    incoming = store.receive()
    incoming.write(content)
    return store.keep_part("u1", number, incoming)


def content_of(store: FileStore, component_id: str) -> bytes | None:
    kept = store.find(component_id)
    return None if kept is None else kept.path.read_bytes()


# -- the store -----------------------------------------------------------------------


def test_the_tag_of_a_file_is_its_md5(store: FileStore) -> None:
    assert keep(store, "c1", CONTENT) == md5(CONTENT)
    kept = store.find("c1")
    assert kept is not None
    assert kept.e_tag == md5(CONTENT)
    assert kept.path.read_bytes() == CONTENT


def test_a_tag_that_was_not_written_any_more_is_made_anew(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    keep(store, "c1", CONTENT)
    for tag in tmp_path.rglob("*.tag"):
        tag.unlink()

    kept = store.find("c1")

    assert kept is not None
    assert kept.e_tag == md5(CONTENT)


def test_what_only_arrived_is_no_file(store: FileStore) -> None:
    incoming = store.receive()
    incoming.write(CONTENT)
    incoming.discard()
    assert store.find("c1") is None
    assert not incoming.path.exists()


def test_parts_are_joined_by_number_and_the_last_of_each_counts(
    store: FileStore,
) -> None:
    for number in range(12, 0, -1):
        keep_part(store, number, b"wrong")
        keep_part(store, number, b"<%d>" % number)
    assert store.parts("u1") == {n: md5(b"<%d>" % n) for n in range(1, 13)}
    assert store.find("c1") is None
    store.finish("u1", "c1")
    expected = b"".join(b"<%d>" % number for number in range(1, 13))
    assert content_of(store, "c1") == expected
    assert content_of(store, "c1") == expected, "asked for again"
    assert store.parts("u1") == {}


def test_a_discarded_file_is_gone_assembled_or_not(store: FileStore) -> None:
    keep(store, "c1", CONTENT)
    keep_part(store, 1, CONTENT)
    store.finish("u1", "c2")
    assert store.discard("c1")
    assert store.discard("c2")
    assert (store.find("c1"), store.find("c2")) == (None, None)
    assert not store.discard("c1")


# -- ranges --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, (200, 0, 250)),
        ("bytes=0-", (206, 0, 250)),
        ("bytes=10-19", (206, 10, 20)),
        ("bytes=240-999", (206, 240, 250)),
        ("bytes=-5", (206, 245, 250)),
        ("bytes=-999", (206, 0, 250)),
        ("bytes=250-", (416, 0, 0)),
        ("bytes=-0", (416, 0, 0)),
        ("bytes=9-5", (400, 0, 0)),
        ("bytes=-", (400, 0, 0)),
        ("lines=1-2", (400, 0, 0)),
    ],
)
def test_a_range_header_names_bytes(
    header: str | None, expected: tuple[int, int, int]
) -> None:
    asked = {} if header is None else {"range": header}
    found = span(asked, '"t"', 250)
    assert (found.status, found.start, found.end) == expected


# -- in process ----------------------------------------------------------------------


def metadata(client: Client, **more: Any) -> Any:
    [found] = client.call(
        {
            "action": "get_upload_metadata",
            "component_id": "c1",
            "file_name": "a.mov",
            "file_size": len(CONTENT),
            **more,
        }
    )
    return found


@pytest.fixture
def files(client: Client) -> FileTransport:
    transport = client.emulator.transport()
    assert isinstance(transport, HasFiles)
    assert isinstance(transport.files, FileTransport)
    return transport.files


def put(files: FileTransport, url: str, content: bytes = CONTENT) -> int:
    return files.put(url, [content[:100], content[100:]], len(content)).status


def get(files: FileTransport, **headers: str) -> tuple[int, bytes]:
    url = files.url("/component/get", {"id": "c1"})
    with files.get(url, headers=headers) as answer:
        return answer.status, b"".join(answer.blocks(64))


def test_files_go_in_and_out_without_a_socket(
    client: Client, files: FileTransport
) -> None:
    url = metadata(client)["url"]
    assert url.startswith("emulator://in-process/upload/")
    answer = files.put(url, [CONTENT], len(CONTENT))
    assert (answer.status, answer.headers["etag"]) == (200, f'"{md5(CONTENT)}"')
    assert get(files) == (200, CONTENT)
    assert get(files, Range="bytes=10-19") == (206, CONTENT[10:20])
    assert get(files, Range="bytes=-5") == (206, CONTENT[-5:])
    assert get(files, Range="bytes=250-")[0] == 416
    seen = [request.status for request in client.emulator.file_requests]
    assert seen == [200, 200, 206, 206, 416]


def test_wrong_lengths_and_addresses_are_refused_in_process(
    client: Client, files: FileTransport
) -> None:
    assert put(files, metadata(client)["url"], CONTENT[1:]) == 400
    assert put(files, "emulator://in-process/upload/guess") == 403
    assert get(files)[0] == 404


def test_a_lost_answer_leaves_the_file_stored(
    client: Client, files: FileTransport
) -> None:
    url = metadata(client)["url"]
    client.emulator.file_faults.drop_before()
    with pytest.raises(OutcomeUnknownError):
        put(files, url)
    assert get(files)[0] == 404
    client.emulator.file_faults.drop_after()
    with pytest.raises(OutcomeUnknownError):
        put(files, url)
    assert get(files) == (200, CONTENT)


def test_a_cut_download_gives_its_beginning_then_fails(
    client: Client, files: FileTransport
) -> None:
    put(files, metadata(client)["url"])
    client.emulator.file_faults.truncate(70)
    received: list[bytes] = []
    url = files.url("/component/get", {"id": "c1"})
    with files.get(url) as answer:
        assert answer.headers["content-length"] == "250"
        with pytest.raises(TruncatedResponseError):
            received.extend(answer.blocks(64))
    assert b"".join(received) == CONTENT[:70]


def test_a_held_back_file_times_out(client: Client, files: FileTransport) -> None:
    put(files, metadata(client)["url"])
    client.emulator.file_faults.delay(5)
    url = files.url("/component/get", {"id": "c1"})
    with pytest.raises(RequestTimeoutError), files.get(url, timeout=0.01):
        pass


# -- completion ----------------------------------------------------------------------


def completion(found: Any, parts: Any) -> dict[str, Any]:
    return {
        "action": "complete_multipart_upload",
        "upload_id": found["upload_id"],
        "component_id": "c1",
        "parts": parts,
    }


@pytest.mark.parametrize(
    "parts",
    [
        None,
        [1],
        [{}],
        [{"part_number": "1", "e_tag": md5(CONTENT)}],
        [{"part_number": 1, "e_tag": md5(CONTENT)}] * 2,
    ],
)
def test_parts_that_cannot_be_read_are_refused(
    client: Client, files: FileTransport, parts: Any
) -> None:
    found = metadata(client, parts=1)
    put(files, found["urls"][0]["signed_url"])
    with pytest.raises(Refused, match="ValidationError"):
        client.call(completion(found, parts))


def test_completing_twice_in_one_request_keeps_the_file(
    client: Client, files: FileTransport
) -> None:
    found = metadata(client, parts=1)
    put(files, found["urls"][0]["signed_url"])
    done = completion(found, [{"part_number": 1, "e_tag": md5(CONTENT)}])
    client.call(done, done)
    assert get(files) == (200, CONTENT)
