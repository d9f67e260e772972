"""An upload step by step: what is sent, in which order, and what is left when not."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm import (
    FileTooLargeError,
    FtrackError,
    OutcomeUnknownError,
    ServerError,
    TransportError,
    UploadCancelledError,
    UploadError,
)
from ftrack_orm.operations import CompleteMultipartUpload, Create, GetUploadMetadata
from ftrack_orm.transfer import chunks
from ftrack_orm.transfer.source import open_source
from ftrack_orm.transfer.upload import upload
from ftrack_orm.types import FileReply
from tests.support.fake_file_server import FAST, SERVER, Server, Storage, tag_of
from tests.support.uploads import (
    CHUNK,
    CONTENT,
    LATE,
    LOST,
    REFUSED,
    SERVER_LOCATION,
    UNKNOWN,
    UNREACHABLE,
    send,
)

pytestmark = pytest.mark.usefixtures("small_parts")

# -- the happy way -------------------------------------------------------------------


def test_a_small_file_is_registered_sent_whole_and_placed(
    server: Server, storage: Storage
) -> None:
    found = send(server, storage, b"hello", "data.json")

    [create, ask], [place] = server.calls
    component_id = found.metadata.component_id
    assert uuid.UUID(component_id).version == 4
    assert create == Create(
        "FileComponent",
        {"id": component_id, "name": "data", "file_type": ".json", "size": 5},
        (component_id,),
    )
    checksum = base64.b64encode(hashlib.md5(b"hello").digest()).decode()  # noqa: S324 # the wire's checksum
    assert ask == GetUploadMetadata(component_id, "data.json", 5, checksum, None)
    [put] = storage.puts
    assert put.content == b"hello"
    assert put.headers == {"Content-Type": "image/x-exr"}
    assert isinstance(place, Create)
    assert place.entity_type == "ComponentLocation"
    assert place.entity_data == {
        "id": place.entity_data["id"],
        "component_id": component_id,
        "resource_identifier": component_id,
        "location_id": SERVER_LOCATION,
    }
    assert isinstance(create, Create)
    assert found.component.data == create.entity_data
    assert found.location.data == place.entity_data


def test_a_large_file_goes_in_parts_that_are_put_together_in_order(
    server: Server, storage: Storage
) -> None:
    found = send(server, storage)

    [_, ask], [complete, place] = server.calls
    assert isinstance(ask, GetUploadMetadata)
    assert (ask.parts, ask.checksum) == (6, None)
    assert {put.url.rpartition("/")[2]: put.content for put in storage.puts} == {
        str(n + 1): CONTENT[n * CHUNK : (n + 1) * CHUNK] for n in range(6)
    }
    assert [put.headers for put in storage.puts] == [None] * 6
    assert isinstance(complete, CompleteMultipartUpload)
    assert complete.upload_id == "u1"
    assert complete.component_id == found.metadata.component_id
    assert [(part.part_number, part.e_tag) for part in complete.parts] == [
        (n + 1, tag_of(CONTENT[n * CHUNK : (n + 1) * CHUNK])) for n in range(6)
    ]
    assert isinstance(place, Create)


@pytest.mark.parametrize("size", [2 * CHUNK, CHUNK, 1, 0])
def test_what_fits_two_chunks_goes_whole(
    server: Server, storage: Storage, size: int
) -> None:
    send(server, storage, b"x" * size)

    assert [(len(put.content), put.announced) for put in storage.puts] == [(size, size)]


def test_data_wins_over_what_the_name_says(server: Server, storage: Storage) -> None:
    data = {"id": "c9", "name": "main", "file_type": ".mov", "version_id": "v1"}

    send(server, storage, b"x", data=data)

    create, ask = server.calls[0]
    assert isinstance(create, Create)
    assert create.entity_data == {**data, "size": 1}
    assert isinstance(ask, GetUploadMetadata)
    assert ask.file_name == "main.mov"


@pytest.mark.parametrize("parallel", [1, 3])
def test_no_more_parts_than_asked_for_are_on_their_way(
    server: Server, storage: Storage, parallel: int
) -> None:
    storage.pause = 0.01

    send(server, storage, parallel=parallel)

    assert storage.most_at_once == parallel


def test_progress_never_falls_and_ends_with_everything(
    server: Server, storage: Storage
) -> None:
    storage.pause = 0.06
    storage.answers = {"1": [LOST], "4": [LOST, LOST]}
    seen: list[tuple[int, int]] = []
    threads = set()

    def on_progress(done: int, total: int) -> None:
        seen.append((done, total))
        threads.add(threading.current_thread())

    send(server, storage, on_progress=on_progress, parallel=2)

    assert seen[0][0] < seen[-1][0]
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert {total for _, total in seen} == {len(CONTENT)}
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert threads == {threading.current_thread()}


def test_progress_of_an_empty_file_is_told_once(
    server: Server, storage: Storage
) -> None:
    seen: list[tuple[int, int]] = []

    send(server, storage, b"", on_progress=lambda *step: seen.append(step))

    assert seen == [(0, 0)]


# -- tried again ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        LOST,
        UNREACHABLE,
        LATE,
        FileReply(429, {}),
        FileReply(500, {}),
        FileReply(503, {"retry-after": "0"}),
    ],
)
@pytest.mark.parametrize("content", [b"small", CONTENT])
def test_what_may_pass_is_tried_again(
    server: Server, storage: Storage, content: bytes, answer: Any
) -> None:
    name = "whole" if content == b"small" else "3"
    storage.answers = {name: [answer, answer]}

    send(server, storage, content)

    assert storage.tries(name) == 3
    assert server.places == server.components
    assert len(server.places) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413])
@pytest.mark.parametrize("content", [b"small", CONTENT])
def test_a_refusal_is_not_tried_again(
    server: Server, storage: Storage, content: bytes, status: int
) -> None:
    name = "whole" if content == b"small" else "3"
    storage.answers = {name: [FileReply(status, {})]}

    with pytest.raises(UploadError, match=f"HTTP status {status}") as caught:
        send(server, storage, content)

    assert storage.tries(name) == 1
    assert server.components == set()
    assert caught.value.remains is None
    assert "Nothing is left" in str(caught.value)


@pytest.mark.parametrize(
    "answer", [FileReply(201, {"etag": '"x"'}), FileReply(200, {"etag": '""'})]
)
def test_a_part_needs_status_200_and_a_tag(
    server: Server, storage: Storage, answer: FileReply
) -> None:
    storage.answers = {"2": [answer]}

    with pytest.raises(UploadError):
        send(server, storage)

    assert server.components == set()


def test_a_whole_file_needs_no_tag(server: Server, storage: Storage) -> None:
    storage.answers = {"whole": [FileReply(204, {})]}

    send(server, storage, b"small")

    assert len(server.places) == 1


def test_a_redirected_file_is_not_stored(server: Server, storage: Storage) -> None:
    storage.answers = {"whole": [FileReply(307, {"location": "/elsewhere"})]}

    with pytest.raises(UploadError, match="HTTP status 307"):
        send(server, storage, b"small")


def test_trying_ends_as_the_policy_says_and_the_cause_is_chained(
    server: Server, storage: Storage
) -> None:
    storage.answers = {"3": [LOST] * 10}

    with pytest.raises(UploadError) as caught:
        send(server, storage)

    assert storage.tries("3") == FAST.attempts
    assert caught.value.__cause__ is LOST
    assert caught.value.file_name == "plate.exr"
    assert server.components == set()


# -- failures of the server ------------------------------------------------------------


@pytest.mark.parametrize("failure", [REFUSED, UNREACHABLE])
def test_a_component_that_was_not_created_is_not_cleaned_up(
    server: Server, storage: Storage, failure: FtrackError
) -> None:
    server.failures = {"create FileComponent": [failure]}

    with pytest.raises(type(failure)) as caught:
        send(server, storage)

    assert caught.value is failure
    assert len(server.calls) == 1
    assert storage.puts == []


def test_a_component_that_may_have_been_created_is_cleaned_up(
    server: Server, storage: Storage
) -> None:
    server.failures = {"create FileComponent": [UNKNOWN]}

    with pytest.raises(OutcomeUnknownError):
        send(server, storage)

    assert server.actions()[1:] == [["delete"]]


def test_a_component_whose_id_was_given_is_never_deleted_on_suspicion(
    server: Server, storage: Storage
) -> None:
    lost = OutcomeUnknownError(SERVER, "reset")
    server.failures = {"create FileComponent": [lost]}

    with pytest.raises(OutcomeUnknownError) as caught:
        send(server, storage, data={"id": "mine"})

    assert len(server.calls) == 1
    assert "delete FileComponent mine" in caught.value.__notes__[0]


@pytest.mark.parametrize("failure", [REFUSED, UNKNOWN])
def test_a_file_that_cannot_be_completed_leaves_nothing(
    server: Server, storage: Storage, failure: FtrackError
) -> None:
    server.failures = {"create ComponentLocation": [failure]}

    with pytest.raises(UploadError) as caught:
        send(server, storage)

    assert caught.value.__cause__ is failure
    assert server.components == set()


def test_a_clean_up_that_fails_is_told(server: Server, storage: Storage) -> None:
    storage.answers = {"3": [FileReply(403, {})]}
    server.failures = {"delete": [UNREACHABLE]}

    with pytest.raises(UploadError) as caught:
        send(server, storage)

    [component_id] = server.components
    assert caught.value.component_id == component_id
    assert caught.value.remains is not None
    assert "refused" in caught.value.remains
    assert f"delete FileComponent {component_id}" in str(caught.value)


def test_a_component_that_has_gone_by_itself_does_not_remain(
    storage: Storage,
) -> None:
    class Forgetful(Server):
        def __call__(self, operations: Any, *, cancel: Any = None) -> Any:
            if any(getattr(step, "action", "") == "delete" for step in operations):
                self.components.clear()
            return super().__call__(operations, cancel=cancel)

    storage.answers = {"3": [FileReply(403, {})]}
    missing = ServerError("ValueError", "Could not find entity")
    forgetful = Forgetful(failures={"delete": [missing]})
    with pytest.raises(UploadError) as caught:
        send(forgetful, storage)

    assert caught.value.remains is None


def test_an_answer_without_addresses_leaves_nothing(storage: Storage) -> None:
    class Silent(Server):
        def __call__(self, operations: Any, *, cancel: Any = None) -> Any:
            found = super().__call__(operations, cancel=cancel)
            if len(found) == 2:
                found[1].data.clear()
            return found

    server = Silent()
    with pytest.raises(TransportError, match="returned no address"):
        send(server, storage)

    assert server.components == set()


def test_a_file_that_is_too_large_is_refused_before_anything_is_sent(
    server: Server, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNKS", ((100, 10),))

    with pytest.raises(FileTooLargeError):
        send(server, storage)

    assert server.calls == []


def test_a_file_that_shrinks_meanwhile_leaves_nothing(
    server: Server, storage: Storage, tmp_path: Path
) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)
    storage.answers = {"1": [lambda: path.write_bytes(b"short")]}

    with open_source(path) as source, pytest.raises(UploadError, match="it ends after"):
        upload(server, storage, source, {}, server_url=SERVER, parallel=1, retry=FAST)

    assert server.components == set()


def test_a_file_that_is_written_to_meanwhile_leaves_nothing(
    server: Server, storage: Storage, tmp_path: Path
) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)
    time.sleep(0.01)

    def write() -> None:
        with path.open("r+b") as file:
            file.write(b"changed")

    storage.answers = {"6": [write]}

    with open_source(path) as source, pytest.raises(UploadError, match="was changed"):
        upload(server, storage, source, {}, server_url=SERVER, parallel=1, retry=FAST)

    assert server.components == set()
    assert server.places == set()


# -- cancelled -------------------------------------------------------------------------


def test_a_cancelled_upload_stops_within_a_second_though_a_part_hangs(
    server: Server, storage: Storage
) -> None:
    cancel, hang = threading.Event(), threading.Event()

    def get_stuck() -> None:
        cancel.set()
        hang.wait(20)

    storage.answers = {"2": [get_stuck]}
    started = time.monotonic()

    with pytest.raises(UploadCancelledError) as caught:
        send(server, storage, cancel=cancel)
    took = time.monotonic() - started
    hang.set()

    assert took < 1
    assert server.components == set()
    assert caught.value.remains is None
    assert caught.value.__cause__ is None


def test_a_cancelled_upload_does_not_wait_for_the_next_attempt(
    server: Server, storage: Storage
) -> None:
    cancel = threading.Event()
    storage.answers = {"2": [FileReply(503, {"retry-after": "20"})]}
    threading.Timer(0.1, cancel.set).start()
    started = time.monotonic()

    with pytest.raises(UploadCancelledError):
        send(server, storage, cancel=cancel)

    assert time.monotonic() - started < 2


def test_an_upload_that_is_cancelled_beforehand_sends_nothing(
    server: Server, storage: Storage
) -> None:
    cancel = threading.Event()
    cancel.set()

    with pytest.raises(UploadCancelledError) as caught:
        send(server, storage, cancel=cancel)

    assert server.calls == []
    assert caught.value.component_id is None


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, UploadError, OSError])
@pytest.mark.parametrize("content", [b"small", CONTENT])
def test_what_progress_raises_reaches_the_caller_and_leaves_nothing(
    server: Server, storage: Storage, kind: type[BaseException], content: bytes
) -> None:
    error = kind(None, "a", "b") if kind is UploadError else kind("enough")

    def on_progress(done: int, total: int) -> None:
        if done:
            raise error

    with pytest.raises(kind) as caught:
        send(server, storage, content, on_progress=on_progress)

    assert caught.value is error
    assert server.components == set()
    assert server.places == set()


def test_parallel_must_be_a_number_of_parts(server: Server, storage: Storage) -> None:
    with pytest.raises(UploadError, match="parallel=0"):
        send(server, storage, parallel=0)

    assert server.calls == []
