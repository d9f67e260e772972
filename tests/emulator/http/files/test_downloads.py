"""Downloads over HTTP: protocol 7.2, and RFC 9110 (14) for ranges."""

from __future__ import annotations

import gc
import time
from typing import Any, BinaryIO

import pytest
import requests

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.blobs.in_memory import MemoryBlob
from ftrack_orm.emulator.blobs.on_disk import DiskBlob
from tests.support.file_requests import CONTENT, ask, call, uploaded


def test_a_range_is_given_alone(emulator: Emulator) -> None:
    uploaded(emulator)

    part = ask(emulator, headers={"Range": "bytes=10000-"})

    assert part.status_code == 206
    assert part.content == CONTENT[10000:]
    assert part.headers["content-range"] == f"bytes 10000-{len(CONTENT) - 1}/10240"
    both = ask(emulator, headers={"Range": "bytes=0-9,20-29"})
    # RFC 9110 (14.2): whoever cannot give several parts gives the whole.
    assert (both.status_code, both.content) == (200, CONTENT)
    beyond = ask(emulator, headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416


def test_a_range_of_another_file_is_not_given(emulator: Emulator) -> None:
    uploaded(emulator)
    tag = ask(emulator).headers["etag"]

    same = ask(emulator, headers={"Range": "bytes=5-", "If-Range": tag})
    other = ask(emulator, headers={"Range": "bytes=5-", "If-Range": '"other"'})

    assert (same.status_code, same.content) == (206, CONTENT[5:])
    assert (other.status_code, other.content) == (200, CONTENT)


def test_a_head_says_how_much_there_is(emulator: Emulator) -> None:
    uploaded(emulator)

    answer = ask(emulator, method="HEAD")

    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.content == b""


def test_what_was_removed_is_no_longer_given(emulator: Emulator) -> None:
    uploaded(emulator)

    assert ask(emulator, "remove").status_code == 200
    assert ask(emulator).status_code == 404
    assert ask(emulator, "remove").status_code == 404


def test_asking_about_removal_removes_nothing(emulator: Emulator) -> None:
    uploaded(emulator)

    assert ask(emulator, "remove", method="HEAD").status_code == 405
    assert ask(emulator).content == CONTENT


@pytest.mark.parametrize("endpoint", ["get", "remove", "thumbnail"])
@pytest.mark.parametrize(
    "wrong", [{"apiKey": "x"}, {"username": "nobody"}, {"apiKey": ""}]
)
def test_only_users_are_given_anything(
    emulator: Emulator, endpoint: str, wrong: dict[str, str]
) -> None:
    uploaded(emulator)

    answer = ask(emulator, endpoint, **wrong)

    assert answer.status_code == 403
    assert answer.json()["detail"]
    assert ask(emulator).status_code == 200


def test_the_file_of_a_deleted_component_goes_with_it(emulator: Emulator) -> None:
    created = {
        "action": "create",
        "entity_type": "FileComponent",
        "entity_data": {"id": "c1", "name": "a", "file_type": ".mov", "size": 6},
    }
    delete = {
        "action": "delete",
        "entity_type": "FileComponent",
        "entity_key": ["c1"],
    }
    call(emulator, created)
    uploaded(emulator)

    call(emulator, delete, {"action": "nonsense"})
    assert ask(emulator).status_code == 200, "the batch was refused"
    call(emulator, delete)
    assert ask(emulator).status_code == 404


def get(emulator: Emulator) -> requests.Response:
    """Return the answer to a request for the file before all of it has come."""
    credentials = emulator.credentials
    query = {
        "id": "c1",
        "username": credentials["api_user"],
        "apiKey": credentials["api_key"],
    }
    url = f"{emulator.server_url}/component/get"
    return requests.get(url, query, stream=True, timeout=10)


def test_a_file_that_is_replaced_while_it_is_read_is_read_to_its_end(
    emulator: Emulator,
) -> None:
    first, second = b"1" * 8_000_000, b"2" * 8_000_000
    uploaded(emulator, first)

    with get(emulator) as answer:
        begun = next(answer.iter_content(1000))
        uploaded(emulator, second)
        rest = b"".join(answer.iter_content(1_000_000))

    assert begun + rest == first
    assert ask(emulator).content == second


def test_a_file_is_closed_when_its_reader_goes_away(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[BinaryIO] = []

    def recording(kind: type[MemoryBlob] | type[DiskBlob]) -> None:
        open_ = kind.open

        def open_and_note(self: Any) -> BinaryIO:
            opened.append(open_(self))
            return opened[-1]

        monkeypatch.setattr(kind, "open", open_and_note)

    uploaded(emulator, bytes(20_000_000))
    recording(MemoryBlob)
    recording(DiskBlob)
    # Not by the collector, which comes when it likes.
    gc.disable()
    try:
        with get(emulator) as answer:
            next(answer.iter_content(1000))
        deadline = time.monotonic() + 10
        while not all(file.closed for file in opened) and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        gc.enable()

    assert [file.closed for file in opened] == [True]
