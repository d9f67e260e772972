"""Ctrl-C in every line of an upload and of a download: what is left afterwards."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from ftrack_orm.operations import AnyOperation, Response
from ftrack_orm.transfer.download import download
from ftrack_orm.transfer.upload import upload
from ftrack_orm.types import Cancel, FileReply
from tests.support.fake_downloads import CONTENT, Library
from tests.support.fake_file_server import Server, Storage, name_of
from tests.support.uploads import resume, send

MOST_LINES = 2000

# An interruption of the line that closes a file leaves that to Python itself.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("small_parts"),
]


@pytest.fixture(autouse=True)
def files_are_closed() -> Iterator[None]:
    yield
    gc.collect()


class Interruption:
    """Raises KeyboardInterrupt once, before the line number `stop` of a module."""

    def __init__(self, module: str, stop: int) -> None:
        self.place: tuple[str, int] | None = None
        self._module = module
        self._left = stop

    def __call__(self, frame: FrameType, event: str, argument: object) -> Interruption:
        code: CodeType = frame.f_code
        if event == "line" and code.co_filename == self._module:
            self._left -= 1
            if self._left == 0:
                self.place = (code.co_name, frame.f_lineno)
                raise KeyboardInterrupt
        return self

    @contextmanager
    def at_work(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self)
        try:
            yield
        finally:
            sys.settrace(before)


def interruptions(
    function: Callable[..., object], run: Callable[[], object]
) -> Iterator[tuple[Interruption, str]]:
    """Interrupt `run` in each line of the function's module, once in each run.

    Yields the interruption and its notes, while there are lines left.
    """
    for stop in range(1, MOST_LINES):
        interruption = Interruption(function.__code__.co_filename, stop)
        notes: list[str] = []
        try:
            with interruption.at_work():
                run()
        except KeyboardInterrupt as error:
            notes = getattr(error, "__notes__", [])
        if interruption.place is None:
            return
        yield interruption, " ".join(notes)
    raise AssertionError("it does not end")


@pytest.mark.parametrize("content", [b"small", CONTENT[:5000]])
def test_an_interrupted_upload_leaves_nothing_or_a_finished_component(
    server: Server, storage: Storage, content: bytes
) -> None:
    places = set()
    for interruption, notes in interruptions(
        upload, lambda: send(server, storage, content)
    ):
        places.add(interruption.place)
        unfinished = server.components - server.places
        assert {one for one in unfinished if one not in notes} == set(), interruption
        server.components.clear()
        server.places.clear()

    assert len(places) > 50


def test_an_interrupted_upload_with_a_journal_can_be_resumed(
    server: Server, storage: Storage, path: Path
) -> None:
    for interruption, _ in interruptions(
        upload, lambda: resume(server, storage, path, parallel=1)
    ):
        before = set(server.components)
        found = resume(server, storage, path)
        # A component that was placed before the interruption stays.
        assert server.components == server.places, interruption.place
        assert found.metadata.component_id in server.components
        assert len(before | server.components) <= len(before) + 1
        assert [one.name for one in path.parent.iterdir()] == [path.name]
        server.components.clear()
        server.places.clear()


def test_a_clean_up_that_is_interrupted_names_the_component(storage: Storage) -> None:
    class Interrupted(Server):
        def __call__(
            self, operations: Sequence[AnyOperation], *, cancel: Cancel | None = None
        ) -> list[Response[Any]]:
            if name_of(operations[0]) == "delete":
                raise KeyboardInterrupt
            return super().__call__(operations, cancel=cancel)

    server = Interrupted()
    storage.answers = {"3": [FileReply(400, {})]}

    with pytest.raises(KeyboardInterrupt) as caught:
        send(server, storage)

    [component_id] = server.components
    assert component_id in caught.value.__notes__[0]


def test_an_interruption_names_the_journal(
    server: Server, storage: Storage, path: Path
) -> None:
    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        resume(server, storage, path, on_progress=interrupt)

    journal = path.with_name(path.name + ".ftrack-upload")
    assert caught.value.__notes__ == [
        f"Call again with resume={str(journal)!r} to go on where it stopped."
    ]
    assert journal.exists()


def test_an_interrupted_download_leaves_the_old_file_or_the_new_one(
    tmp_path: Path,
) -> None:
    target = tmp_path / "plate.exr"
    contents = set()
    target.write_bytes(b"before")
    for interruption, _ in interruptions(
        download, lambda: download(Library(), "c1", target)
    ):
        assert [one.name for one in tmp_path.iterdir()] == [target.name], interruption
        contents.add(target.read_bytes())
        target.write_bytes(b"before")

    assert contents <= {b"before", CONTENT}
    assert b"before" in contents
