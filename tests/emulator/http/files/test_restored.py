"""Addresses that were handed out before a snapshot was restored."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import requests

from ftrack_orm.emulator import Emulator
from tests.support.file_requests import CONTENT, ask, call, metadata, put, uploaded

SIGN = {"action": "generate_signed_url", "component_id": "c1"}
CREATE = {
    "action": "create",
    "entity_type": "FileComponent",
    "entity_data": {"id": "c1", "name": "a", "file_type": ".mov", "size": 6},
}


def test_an_address_for_an_upload_is_one_that_nobody_was_given(
    emulator: Emulator,
) -> None:
    snapshot = emulator.snapshot()
    whole, parts = metadata(emulator), metadata(emulator, parts=2)
    never = put(f"{emulator.server_url}/upload/guess", CONTENT)

    emulator.restore(snapshot)

    for url in (whole["url"], parts["urls"][0]["signed_url"]):
        answer = put(url, CONTENT)
        assert (answer.status_code, answer.json()) == (403, never.json())
    assert ask(emulator).status_code == 404
    assert put(metadata(emulator)["url"], CONTENT).status_code == 200


def test_parts_that_had_arrived_are_gone(emulator: Emulator) -> None:
    snapshot = emulator.snapshot()
    found = metadata(emulator, parts=1)
    e_tag = put(found["urls"][0]["signed_url"], CONTENT).headers["etag"].strip('"')
    complete = {
        "action": "complete_multipart_upload",
        "upload_id": found["upload_id"],
        "component_id": "c1",
        "parts": [{"part_number": 1, "e_tag": e_tag}],
    }

    emulator.restore(snapshot)

    assert call(emulator, complete)["exception"] == "ValidationError"
    assert ask(emulator).status_code == 404


def test_a_signed_address_is_one_that_nobody_was_given(emulator: Emulator) -> None:
    call(emulator, CREATE)
    uploaded(emulator)
    [found] = call(emulator, SIGN)
    never = requests.get(found["signed_url"] + "x", timeout=10)

    emulator.restore(emulator.snapshot())

    answer = requests.get(found["signed_url"], timeout=10)
    assert (answer.status_code, answer.json()) == (403, never.json())
    assert ask(emulator).content == CONTENT
    [again] = call(emulator, SIGN)
    assert requests.get(again["signed_url"], timeout=10).content == CONTENT


def test_bytes_that_are_on_their_way_arrive_nowhere(emulator: Emulator) -> None:
    snapshot = emulator.snapshot()
    url = urlsplit(metadata(emulator)["url"])
    size = len(CONTENT)
    with socket.create_connection((url.hostname, url.port)) as connection:
        head = f"PUT {url.path} HTTP/1.1\r\nhost: x\r\ncontent-length: {size}\r\n\r\n"
        connection.sendall(head.encode() + CONTENT[:100])
        # The answer to another request says that this one has been begun.
        assert ask(emulator).status_code == 404

        emulator.restore(snapshot)
        connection.sendall(CONTENT[100:])
        answer = connection.recv(1000)

    assert answer.startswith(b"HTTP/1.1 403")
    assert ask(emulator).status_code == 404
