"""Uploads that go on where another process stopped, and those that begin anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm import ServerError, UploadCancelledError, UploadError
from ftrack_orm.operations import CompleteMultipartUpload
from ftrack_orm.transfer.source import open_source
from ftrack_orm.transfer.upload import UploadResult, upload
from ftrack_orm.types import FileReply
from tests.unit.transfer.storing import FAST, SERVER, Server, Storage, tag_of
from tests.unit.transfer.test_upload import (
    CHUNK,
    CONTENT,
    REFUSED,
    send,
    server,
    small_parts,
    storage,
)

__all__ = ["server", "small_parts", "storage"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)
    return path


def journal_of(path: Path) -> Path:
    return path.with_name(path.name + ".ftrack-upload")


def resume(
    server: Server,
    storage: Storage,
    path: Path,
    data: dict[str, Any] | None = None,
    **options: Any,
) -> UploadResult:
    given = {"retry": FAST, "resume": True, "server_url": SERVER, **options}
    with open_source(path) as source:
        return upload(server, storage, source, data or {}, **given)


def interrupted(server: Server, storage: Storage, path: Path) -> UploadError:
    """Upload until the fourth part is refused; three are finished then."""
    storage.answers = {"4": [FileReply(400, {})]}
    with pytest.raises(UploadError) as caught:
        resume(server, storage, path, parallel=1)
    storage.puts.clear()
    server.calls.clear()
    return caught.value


def test_a_failed_upload_says_where_it_can_be_resumed(
    server: Server, storage: Storage, path: Path
) -> None:
    error = interrupted(server, storage, path)

    assert error.journal == str(journal_of(path))
    assert str(journal_of(path)) in str(error)
    assert server.components == {error.component_id}


def test_a_resumed_upload_sends_the_rest_alone(
    server: Server, storage: Storage, path: Path
) -> None:
    error = interrupted(server, storage, path)
    seen: list[int] = []

    found = resume(server, storage, path, on_progress=lambda done, _: seen.append(done))

    assert sorted(put.url[-1] for put in storage.puts) == ["4", "5", "6"]
    assert found.metadata.component_id == error.component_id
    complete = server.calls[-1][0]
    assert isinstance(complete, CompleteMultipartUpload)
    assert [part.e_tag for part in complete.parts] == [
        tag_of(CONTENT[n * CHUNK : (n + 1) * CHUNK]) for n in range(6)
    ]
    assert seen[0] >= 3 * CHUNK
    assert seen[-1] == len(CONTENT)
    assert not journal_of(path).exists()
    assert server.uploads == 1


def grow(path: Path) -> None:
    path.write_bytes(CONTENT + b"more")


def touch(path: Path) -> None:
    path.write_bytes(CONTENT[::-1])


@pytest.mark.parametrize("change", [grow, touch])
def test_a_file_that_has_changed_is_sent_anew_and_the_old_component_goes(
    server: Server, storage: Storage, path: Path, change: Callable[[Path], None]
) -> None:
    error = interrupted(server, storage, path)
    time.sleep(0.01)
    change(path)

    found = resume(server, storage, path)

    assert len(storage.puts) == 6
    assert server.components == {found.metadata.component_id}
    assert found.metadata.component_id != error.component_id


def test_other_data_makes_another_upload(
    server: Server, storage: Storage, path: Path
) -> None:
    interrupted(server, storage, path)

    found = resume(server, storage, path, data={"version_id": "v2"})

    assert len(storage.puts) == 6
    assert server.components == {found.metadata.component_id}


def test_a_component_that_has_gone_is_made_anew(
    server: Server, storage: Storage, path: Path
) -> None:
    interrupted(server, storage, path)
    server.components.clear()

    found = resume(server, storage, path)

    assert len(storage.puts) == 6
    assert server.places == {found.metadata.component_id}


def test_another_server_gets_an_upload_of_its_own(
    server: Server, storage: Storage, path: Path
) -> None:
    interrupted(server, storage, path)
    other = Server()

    resume(other, storage, path, server_url="https://other.example")

    assert len(storage.puts) == 6
    assert other.actions()[0] == ["create FileComponent", "get_upload_metadata"]


@pytest.mark.parametrize("status", [403, 404])
def test_addresses_that_are_too_old_are_asked_for_anew(
    server: Server, storage: Storage, path: Path, status: int
) -> None:
    error = interrupted(server, storage, path)
    storage.answers = {"5": [FileReply(status, {})]}

    found = resume(server, storage, path, parallel=1)

    sent = [put.url.rpartition("/")[2] for put in storage.puts]
    assert sent == ["4", "5", "1", "2", "3", "4", "5", "6"]
    assert server.components == {found.metadata.component_id}
    assert found.metadata.component_id != error.component_id
    assert not journal_of(path).exists()


def test_new_addresses_that_are_refused_are_an_error(
    server: Server, storage: Storage, path: Path
) -> None:
    storage.answers = {"1": [FileReply(403, {})]}

    with pytest.raises(UploadError, match="403"):
        resume(server, storage, path)

    assert server.uploads == 1


def test_an_upload_that_was_completed_is_not_sent_again(
    server: Server, storage: Storage, path: Path
) -> None:
    error = interrupted(server, storage, path)
    server.places.add(str(error.component_id))

    found = resume(server, storage, path)

    assert storage.puts == []
    assert found.metadata.component_id == error.component_id
    assert found.location.data is not None
    assert not journal_of(path).exists()


def test_a_finished_component_is_not_deleted_for_a_file_that_has_changed(
    server: Server, storage: Storage, path: Path
) -> None:
    error = interrupted(server, storage, path)
    server.places.add(str(error.component_id))
    grow(path)

    found = resume(server, storage, path)

    assert server.components == {error.component_id, found.metadata.component_id}


def test_a_kill_before_the_addresses_were_known_begins_anew(
    server: Server, storage: Storage, path: Path
) -> None:
    error = interrupted(server, storage, path)
    first = journal_of(path).read_bytes().splitlines(keepends=True)[0]
    journal_of(path).write_bytes(first)

    found = resume(server, storage, path)

    assert len(storage.puts) == 6
    assert server.components == {found.metadata.component_id} != {error.component_id}


def test_a_cancelled_upload_can_be_resumed(
    server: Server, storage: Storage, path: Path
) -> None:
    cancel = threading.Event()
    storage.answers = {"3": [cancel.set]}

    with pytest.raises(UploadCancelledError) as caught:
        resume(server, storage, path, parallel=1, cancel=cancel)
    sent = {put.url for put in storage.puts}
    storage.puts.clear()
    found = resume(server, storage, path)

    assert found.metadata.component_id == caught.value.component_id
    assert caught.value.journal == str(journal_of(path))
    # The third part may have come too late to be remembered.
    assert len(sent & {put.url for put in storage.puts}) <= 1


def test_a_single_part_can_be_resumed_too(
    server: Server, storage: Storage, path: Path
) -> None:
    path.write_bytes(b"small")
    storage.answers = {"whole": [FileReply(400, {})]}
    with pytest.raises(UploadError) as caught:
        resume(server, storage, path)

    found = resume(server, storage, path)

    assert found.metadata.component_id == caught.value.component_id
    assert storage.puts[-1].headers == {"Content-Type": "image/x-exr"}
    assert not journal_of(path).exists()


def test_the_journal_may_lie_elsewhere(
    server: Server, storage: Storage, path: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.journal"
    storage.answers = {"4": [FileReply(400, {})]}

    with pytest.raises(UploadError) as caught:
        resume(server, storage, path, resume=elsewhere, parallel=1)

    assert caught.value.journal == str(elsewhere)
    assert elsewhere.exists()
    assert not journal_of(path).exists()


def test_a_refused_component_leaves_no_journal(
    server: Server, storage: Storage, path: Path
) -> None:
    server.failures = {"create FileComponent": [REFUSED]}

    with pytest.raises(ServerError):
        resume(server, storage, path)

    assert not journal_of(path).exists()


def test_a_stream_cannot_be_resumed(server: Server, storage: Storage) -> None:
    with pytest.raises(UploadError, match="a stream cannot be resumed"):
        send(server, storage, resume=True)

    assert server.calls == []


def test_a_file_that_is_no_journal_is_not_overwritten(
    server: Server, storage: Storage, path: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("mine\n")

    with pytest.raises(UploadError, match="is not the journal"):
        resume(server, storage, path, resume=notes)

    assert notes.read_text() == "mine\n"
    assert server.calls == []
