"""Files to and from an emulator in process: protocol 2.9, 7.2 and 7.4."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ftrack_orm import ConnectionLostError, RequestTimeoutError, TruncatedResponseError
from ftrack_orm.emulator.blobs.uploads import Uploads, UploadTarget
from ftrack_orm.types import FileTransport, HasFiles
from tests.support.emulator_client import Client, Refused

CONTENT = bytes(range(250))


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 # a storage's tag


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


@pytest.mark.parametrize("path", ["/component/add", "/upload/guess", "/get", "/"])
def test_there_is_nothing_at_other_addresses(files: FileTransport, path: str) -> None:
    with files.get(files.url(path, {"id": "c1"})) as answer:
        assert answer.status == 404


def test_a_lost_answer_leaves_the_file_stored(
    client: Client, files: FileTransport
) -> None:
    url = metadata(client)["url"]
    client.emulator.file_faults.drop_before()
    with pytest.raises(ConnectionLostError):
        put(files, url)
    assert get(files)[0] == 404
    client.emulator.file_faults.drop_after()
    with pytest.raises(ConnectionLostError):
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


# -- after a snapshot was restored ---------------------------------------------------


def test_an_address_from_before_is_one_that_nobody_was_given(
    client: Client, files: FileTransport
) -> None:
    snapshot = client.emulator.snapshot()
    whole, parts = metadata(client), metadata(client, parts=1)
    client.emulator.restore(snapshot)
    assert put(files, whole["url"]) == 403
    assert put(files, parts["urls"][0]["signed_url"]) == 403
    assert get(files)[0] == 404


def test_parts_from_before_are_gone(client: Client, files: FileTransport) -> None:
    snapshot = client.emulator.snapshot()
    found = metadata(client, parts=1)
    put(files, found["urls"][0]["signed_url"])
    client.emulator.restore(snapshot)
    store = client.emulator._files.files
    assert store.parts(found["upload_id"]) == {}
    with pytest.raises(Refused, match="ValidationError"):
        client.call(completion(found, [{"part_number": 1, "e_tag": md5(CONTENT)}]))


def test_a_signed_address_from_before_leads_nowhere(
    client: Client, files: FileTransport
) -> None:
    client.create("FileComponent", id="c1", name="a", file_type=".mov")
    put(files, metadata(client)["url"])
    [signed] = client.call({"action": "generate_signed_url", "component_id": "c1"})
    with files.get(signed["signed_url"]) as answer:
        assert b"".join(answer.blocks(64)) == CONTENT
    client.emulator.restore(client.emulator.snapshot())
    with files.get(signed["signed_url"]) as answer:
        assert answer.status == 403
    assert get(files) == (200, CONTENT)


def test_a_restore_waits_for_what_a_request_still_does(
    client: Client, files: FileTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = client.emulator.snapshot()
    begun, go = threading.Event(), threading.Event()
    add = Uploads.add

    def wait_first(uploads: Uploads, slots: dict[str, UploadTarget]) -> None:
        begun.set()
        assert go.wait(10)
        add(uploads, slots)

    monkeypatch.setattr(Uploads, "add", wait_first)
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(metadata, client)
        assert begun.wait(10)
        restoring = pool.submit(client.emulator.restore, snapshot)
        with pytest.raises(TimeoutError):
            restoring.result(0.05)
        go.set()
        restoring.result(10)
        assert put(files, asking.result(10)["url"]) == 403


@pytest.mark.parametrize("parts", [None, 1])
def test_bytes_that_arrive_meanwhile_are_refused(
    client: Client, files: FileTransport, parts: int | None
) -> None:
    snapshot = client.emulator.snapshot()
    found = metadata(client, parts=parts)
    url = found["url"] if parts is None else found["urls"][0]["signed_url"]

    def blocks() -> Iterator[bytes]:
        yield CONTENT[:100]
        client.emulator.restore(snapshot)
        yield CONTENT[100:]

    assert files.put(url, blocks(), len(CONTENT)).status == 403
    assert get(files)[0] == 404
