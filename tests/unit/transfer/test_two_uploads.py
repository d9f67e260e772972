"""A second upload of a file with a journal: refused, and without any effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ftrack_orm import UploadError, UploadInProgressError
from ftrack_orm.operations import AnyOperation, Response
from ftrack_orm.transfer.journal import default_journal_path
from ftrack_orm.types import Cancel, FileReply
from tests.support.fake_file_server import Server, Storage, name_of
from tests.support.uploads import resume

pytestmark = pytest.mark.usefixtures("small_parts")


@dataclass
class Interposed(Server):
    """A server that does something before or after it answers an action."""

    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    after: dict[str, Callable[[], object]] = field(default_factory=dict)

    def __call__(
        self, operations: Sequence[AnyOperation], *, cancel: Cancel | None = None
    ) -> list[Response[Any]]:
        name = name_of(operations[0])
        self.before.pop(name, lambda: None)()
        answers = super().__call__(operations, cancel=cancel)
        self.after.pop(name, lambda: None)()
        return answers


class Second:
    """A second upload, and its effects on the server and the storage."""

    def __init__(self, path: Path) -> None:
        self.server = Server()
        self.storage = Storage()
        self.refusal: UploadInProgressError | None = None
        self._path = path

    def __call__(self) -> None:
        with pytest.raises(UploadInProgressError) as caught:
            resume(self.server, self.storage, self._path)
        self.refusal = caught.value

    def in_a_thread(self) -> None:
        thread = Thread(target=self)
        thread.start()
        thread.join()


POINTS = [
    ("before", "create FileComponent"),
    ("after", "create FileComponent"),
    ("before", "complete_multipart_upload"),
    ("after", "complete_multipart_upload"),
]


@pytest.mark.parametrize("in_a_thread", [False, True])
@pytest.mark.parametrize(("when", "action"), POINTS)
def test_a_second_upload_is_refused_while_the_first_talks_to_the_server(
    storage: Storage, path: Path, when: str, action: str, in_a_thread: bool
) -> None:
    second = Second(path)
    come = second.in_a_thread if in_a_thread else second
    server = Interposed()
    (server.before if when == "before" else server.after)[action] = come

    first = resume(server, storage, path)

    assert second.refusal is not None
    assert (second.server.calls, second.storage.puts) == ([], [])
    assert server.components == {first.metadata.component_id}
    assert not default_journal_path(path).exists()


def test_a_second_upload_is_refused_while_the_first_sends_parts(
    server: Server, storage: Storage, path: Path
) -> None:
    second = Second(path)
    storage.answers = {"3": [second.in_a_thread]}

    first = resume(server, storage, path)

    assert second.refusal is not None
    assert second.refusal.journal == str(default_journal_path(path))
    assert "Call again when the other upload has ended" in str(second.refusal)
    assert server.components == {first.metadata.component_id}


def test_progress_may_not_begin_the_same_upload(
    server: Server, storage: Storage, path: Path
) -> None:
    second = Second(path)

    resume(server, storage, path, on_progress=lambda done, total: second())

    assert second.refusal is not None
    assert second.server.calls == []


def test_another_journal_is_another_upload(
    server: Server, storage: Storage, path: Path
) -> None:
    other = path.with_name("other.journal")
    storage.answers = {"3": [lambda: resume(server, Storage(), path, resume=other)]}

    resume(server, storage, path)

    assert len(server.components) == 2
    assert server.places == server.components


def test_another_file_is_never_refused(
    server: Server, storage: Storage, path: Path
) -> None:
    neighbour = path.with_name("plate.0002.exr")
    neighbour.write_bytes(path.read_bytes())
    storage.answers = {"3": [lambda: resume(server, Storage(), neighbour)]}

    resume(server, storage, path)

    assert len(server.places) == 2


@pytest.mark.parametrize("status", [200, 400])
def test_an_upload_after_the_first_has_ended_is_not_refused(
    server: Server, storage: Storage, path: Path, status: int
) -> None:
    storage.answers = {"6": [FileReply(status, {"etag": '"tag"'})]}
    failures = []
    try:
        resume(server, storage, path)
    except UploadError as error:
        failures.append(error.component_id)

    second = resume(server, storage, path)

    assert len(failures) == (status == 400)
    if failures:
        assert failures == [second.metadata.component_id]
    assert len(server.components) == (1 if failures else 2)


def test_a_refused_upload_leaves_the_journal_to_the_first(
    storage: Storage, path: Path
) -> None:
    second = Second(path)
    server = Interposed(after={"create FileComponent": second})
    storage.answers = {"4": [FileReply(400, {})]}

    with pytest.raises(UploadError) as caught:
        resume(server, storage, path, parallel=1)
    found = resume(server, storage, path)

    assert found.metadata.component_id == caught.value.component_id
    assert server.components == {caught.value.component_id}
