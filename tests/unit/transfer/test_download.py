"""A download in one attempt or several; the target is whole or as it was."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ftrack_orm import (
    ComponentFileError,
    ConnectionFailedError,
    DownloadCancelledError,
    DownloadError,
    TransportError,
    WrongAddressError,
)
from ftrack_orm.transfer.download import download
from tests.support.fake_downloads import (
    BROKEN,
    CONTENT,
    Answer,
    Library,
    broken,
    rest,
    whole,
)
from tests.support.fake_file_server import FAST


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "plate.exr"
    path.write_bytes(b"before")
    return path


def untouched(target: Path) -> bool:
    """Return whether the target is as it was, and nothing lies beside it."""
    return target.read_bytes() == b"before" and list(target.parent.iterdir()) == [
        target
    ]


def test_a_file_replaces_what_was_there(target: Path) -> None:
    download(Library(), "c1", target)

    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def test_an_empty_file_is_a_file(target: Path) -> None:
    seen: list[tuple[int, int]] = []

    download(
        Library(replies=[whole(content=b"")]),
        "c1",
        target,
        on_progress=lambda *step: seen.append(step),
    )

    assert target.read_bytes() == b""
    assert seen == [(0, 0)]


def test_a_broken_download_asks_for_the_rest_alone(target: Path) -> None:
    library = Library(replies=[broken(4000), rest(4000)])
    seen: list[tuple[int, int]] = []

    download(
        library, "c1", target, retry=FAST, on_progress=lambda *step: seen.append(step)
    )

    assert target.read_bytes() == CONTENT
    assert "Range" not in library.asked[0]
    assert library.asked[1]["Range"] == "bytes=4000-"
    assert library.asked[1]["If-Range"] == '"v1"'
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_file_that_has_changed_meanwhile_is_taken_from_its_beginning(
    target: Path,
) -> None:
    changed = CONTENT[::-1] + b"more"
    library = Library(replies=[broken(4000), whole('"v2"', changed)])

    download(library, "c1", target, retry=FAST)

    assert target.read_bytes() == changed


@pytest.mark.parametrize("e_tag", [None, 'W/"v1"'])
def test_without_a_strong_tag_it_begins_again(target: Path, e_tag: str | None) -> None:
    library = Library(replies=[broken(4000, e_tag)])

    download(library, "c1", target, retry=FAST)

    assert target.read_bytes() == CONTENT
    assert "Range" not in library.asked[1]


@pytest.mark.parametrize(
    "odd",
    [
        rest(4000, claimed=3000),
        rest(4000, '"v2"'),
        Answer(206, {}, b"x"),
        Answer(416, {}),
    ],
)
def test_another_part_than_was_asked_for_is_not_written(
    target: Path, odd: Answer
) -> None:
    library = Library(replies=[broken(4000), odd])

    download(library, "c1", target, retry=FAST)

    assert target.read_bytes() == CONTENT
    assert "Range" not in library.asked[2]


@pytest.mark.parametrize(
    "failure",
    [
        BROKEN,
        ConnectionFailedError("https://studio.example", "refused"),
        Answer(500),
        Answer(429, {"retry-after": "0"}),
    ],
)
def test_what_may_pass_is_tried_again(
    target: Path, failure: Answer | TransportError
) -> None:
    library = Library(replies=[failure, failure])

    download(library, "c1", target, retry=FAST)

    assert len(library.asked) == 3
    assert target.read_bytes() == CONTENT


def test_attempts_are_counted_anew_when_more_has_come(target: Path) -> None:
    breaks = 3 * FAST.attempts
    replies: list[Answer | TransportError] = [broken(1000)]
    for place in range(1000, 1000 + breaks * 10, 10):
        end = Answer(206, rest(place).headers, CONTENT[place : place + 10], BROKEN)
        replies.append(end)
    replies.append(rest(1000 + breaks * 10))

    download(Library(replies=replies), "c1", target, retry=FAST)

    assert target.read_bytes() == CONTENT


def test_trying_ends_and_leaves_the_target_as_it_was(target: Path) -> None:
    library = Library(replies=[Answer(503)] * 10)

    with pytest.raises(DownloadError, match="HTTP status 503"):
        download(library, "c1", target, retry=FAST)

    assert len(library.asked) == FAST.attempts
    assert untouched(target)


@pytest.mark.parametrize("status", [403, 404])
def test_a_component_without_a_file_is_told_at_once(target: Path, status: int) -> None:
    library = Library(replies=[Answer(status)])

    with pytest.raises(ComponentFileError) as caught:
        download(library, "c1", target, retry=FAST)

    assert caught.value.component_id == "c1"
    assert caught.value.target == str(target)
    assert len(library.asked) == 1
    assert untouched(target)


@pytest.mark.parametrize(
    "failure",
    [Answer(400), Answer(302), WrongAddressError("https://studio.example", 302)],
)
def test_other_refusals_are_not_tried_again(
    target: Path, failure: Answer | TransportError
) -> None:
    library = Library(replies=[failure])

    with pytest.raises(DownloadError):
        download(library, "c1", target, retry=FAST)

    assert len(library.asked) == 1
    assert untouched(target)


def test_fewer_bytes_than_announced_are_no_file(target: Path) -> None:
    short = Answer(200, {"content-length": "5"}, b"four")

    with pytest.raises(DownloadError, match="4 bytes arrived"):
        download(Library(replies=[short] * 10), "c1", target, retry=FAST)

    assert untouched(target)


def test_without_a_length_the_total_is_unknown_until_the_end(target: Path) -> None:
    seen: list[tuple[int, int]] = []
    slow = Answer(200, {}, CONTENT, lambda: time.sleep(0.15))

    download(
        Library(replies=[slow]),
        "c1",
        target,
        on_progress=lambda *step: seen.append(step),
    )

    assert {total for _, total in seen[:-1]} == {0}
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_packed_body_is_not_measured_by_its_length(target: Path) -> None:
    headers = {"content-length": "5", "content-encoding": "gzip", "etag": '"v1"'}

    download(Library(replies=[Answer(200, headers, CONTENT)]), "c1", target)

    assert target.read_bytes() == CONTENT


def test_a_cancelled_download_stops_within_a_second_though_the_server_hangs(
    target: Path,
) -> None:
    cancel, hang = threading.Event(), threading.Event()

    def get_stuck() -> None:
        cancel.set()
        hang.wait(20)

    hanging = Answer(200, whole().headers, CONTENT[:10], get_stuck)
    started = time.monotonic()

    with pytest.raises(DownloadCancelledError):
        download(Library(replies=[hanging]), "c1", target, cancel=cancel)
    took = time.monotonic() - started
    hang.set()

    assert took < 1
    assert untouched(target)


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, OSError])
def test_what_progress_raises_reaches_the_caller(
    target: Path, kind: type[BaseException]
) -> None:
    error = kind("enough")

    def on_progress(done: int, total: int) -> None:
        raise error

    with pytest.raises(kind) as caught:
        download(Library(), "c1", target, on_progress=on_progress)

    assert caught.value is error
    assert untouched(target)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="cannot be written"):
        download(Library(), "c1", tmp_path / "missing" / "plate.exr")


def test_a_directory_is_no_target(tmp_path: Path) -> None:
    library = Library()

    with pytest.raises(DownloadError, match="it is a directory"):
        download(library, "c1", tmp_path)

    assert library.asked == []
