"""The parts of a file, sent until the storage has each of them (protocol 7.4)."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from ftrack_orm import ConnectionLostError
from ftrack_orm.transfer.chunks import Part
from ftrack_orm.transfer.parts import PartSender, PartUpload, RefusedError
from ftrack_orm.transfer.progress import ProgressMeter
from ftrack_orm.transfer.source import open_source
from ftrack_orm.transfer.workers import Workers
from ftrack_orm.types import FileReply
from tests.support.fake_file_server import FAST, Storage, tag_of

CONTENT = bytes(range(250))
PARTS = [
    PartUpload(Part(number, 100 * (number - 1), size), f"https://store/{number}", None)
    for number, size in ((1, 100), (2, 100), (3, 50))
]
WHOLE = PartUpload(Part(1, 0, 250), "https://store/whole", {"Content-Type": "image/x"})
LOST = ConnectionLostError("https://store.example", "the connection was closed")


class Sending:
    """A sender of `CONTENT`, and the parts that it reports as stored."""

    def __init__(self, **answers: list[Any]) -> None:
        names = {name.removeprefix("part_"): value for name, value in answers.items()}
        self.storage = Storage(answers=names)
        self.stored: dict[int, str] = {}
        # Its total is unknown, and in the end the bytes that it counted.
        self.meter = ProgressMeter(None, None)
        self.workers = Workers(self.meter, None)

    def send(self, uploads: Iterable[PartUpload], parallel: int = 1) -> None:
        with open_source(io.BytesIO(CONTENT), "plate.exr") as source:
            PartSender(
                self.storage,
                source,
                self.workers,
                retry=FAST,
                on_stored=self.stored.__setitem__,
            ).send(uploads, parallel=parallel)
        self.meter.finish()


def test_each_part_is_its_slice_of_the_file() -> None:
    sending = Sending()

    sending.send(PARTS, parallel=2)

    slices = {
        "https://store/1": CONTENT[:100],
        "https://store/2": CONTENT[100:200],
        "https://store/3": CONTENT[200:],
    }
    puts = sending.storage.puts
    assert {put.url: put.content for put in puts} == slices
    assert all(put.announced == len(put.content) for put in puts)
    assert sending.stored == {
        number: tag_of(slices[f"https://store/{number}"]) for number in (1, 2, 3)
    }
    assert sending.meter.total == 250


@pytest.mark.parametrize("answer", [LOST, FileReply(500, {}), FileReply(429, {})])
def test_a_part_that_meets_a_temporary_failure_is_sent_again(answer: Any) -> None:
    sending = Sending(part_2=[answer, answer])

    sending.send(PARTS)

    assert [sending.storage.tries(name) for name in "123"] == [1, 3, 1]
    assert sorted(sending.stored) == [1, 2, 3]
    # Bytes that were sent again are counted once.
    assert sending.meter.total == 250


def test_a_refused_part_is_not_sent_again_and_ends_the_upload() -> None:
    sending = Sending(part_2=[FileReply(403, {})])

    with pytest.raises(RefusedError, match="part 2 with HTTP status 403") as caught:
        sending.send(PARTS)

    assert caught.value.status == 403
    assert [sending.storage.tries(name) for name in "123"] == [1, 1, 0]
    assert sorted(sending.stored) == [1]


def test_the_last_failure_is_raised_when_no_attempt_is_left() -> None:
    sending = Sending(part_1=[LOST] * FAST.attempts)
    with pytest.raises(ConnectionLostError):
        sending.send(PARTS)
    assert sending.storage.tries("1") == FAST.attempts

    sending = Sending(part_1=[FileReply(503, {})] * FAST.attempts)
    with pytest.raises(RefusedError, match="status 503"):
        sending.send(PARTS)
    assert sending.storage.tries("1") == FAST.attempts


@pytest.mark.parametrize(
    "reply",
    [
        FileReply(200, {}),
        FileReply(201, {"etag": '"a"'}),
        FileReply(302, {"etag": '"a"'}),
    ],
)
def test_a_part_is_stored_only_with_status_200_and_a_tag(reply: FileReply) -> None:
    sending = Sending(part_1=[reply])

    with pytest.raises(RefusedError):
        sending.send(PARTS)

    assert sending.stored == {}


def test_a_tag_is_reported_without_its_quotes() -> None:
    sending = Sending(
        part_1=[FileReply(200, {"etag": 'W/"a1"'})],
        part_2=[FileReply(200, {"etag": "b2"})],
    )

    sending.send(PARTS)

    assert [sending.stored[1], sending.stored[2]] == ["a1", "b2"]


def test_a_whole_file_is_stored_with_any_success_and_its_own_headers() -> None:
    sending = Sending(whole=[FileReply(204, {})])
    sending.send([WHOLE])
    (put,) = sending.storage.puts
    assert (put.content, put.headers) == (CONTENT, WHOLE.headers)
    assert sending.stored == {1: ""}

    sending = Sending(whole=[FileReply(302, {})])
    with pytest.raises(RefusedError, match="answered it with HTTP status 302"):
        sending.send([WHOLE])


def test_the_text_of_an_upload_does_not_contain_its_address() -> None:
    assert repr(PARTS[1]) == "<upload of part 2>"
    assert "store" not in f"{PARTS} {WHOLE!r}"


def test_a_refusal_stops_the_parts_that_are_being_sent() -> None:
    sending = Sending(part_1=[FileReply(403, {})])
    begun = threading.Event()

    class Waiting(Storage):
        """A storage that takes part 2 only after part 1 was refused."""

        def put(
            self, url: str, blocks: Iterable[bytes], *rest: Any, **options: Any
        ) -> FileReply:
            if url.endswith("/2"):
                begun.set()
                sending.workers.stop.wait(5)
            else:
                begun.wait(5)
            return super().put(url, blocks, *rest, **options)

    sending.storage = Waiting(answers=sending.storage.answers)

    with pytest.raises(RefusedError):
        sending.send(PARTS[:2], parallel=2)

    assert [put.url for put in sending.storage.puts] == ["https://store/1"]
    assert sending.stored == {}
