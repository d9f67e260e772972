"""Uploads in one part over HTTP: protocol 2.8, 7.2 and 7.3."""

from __future__ import annotations

import base64
import hashlib
import itertools

import pytest
import requests

from ftrack_orm.emulator import Emulator
from tests.support.file_requests import (
    CONTENT,
    ORIGIN,
    ask,
    call,
    metadata,
    put,
    uploaded,
)


def test_metadata_of_a_single_part_is_what_the_protocol_shows(
    emulator: Emulator,
) -> None:
    checksum = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()  # noqa: S324 # the wire's checksum

    found = metadata(emulator, checksum=checksum, parts=None)

    assert found.keys() == {"component_id", "url", "headers"}
    assert found["component_id"] == "c1"
    assert found["url"].startswith(emulator.server_url)
    assert emulator.credentials["api_key"] not in found["url"]
    assert found["headers"] == {
        "Content-Type": "video/quicktime",
        "Content-Length": str(len(CONTENT)),
        "Content-Disposition": 'attachment; filename="plate.mov"',
        "Content-MD5": checksum,
    }


def test_what_is_put_can_be_got(emulator: Emulator) -> None:
    checksum = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()  # noqa: S324 # the wire's checksum
    found = metadata(emulator, checksum=checksum)

    answer = requests.put(
        found["url"], data=CONTENT, headers=found["headers"], timeout=10
    )

    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'  # noqa: S324 # a storage's tag
    got = ask(emulator)
    assert got.status_code == 200
    assert got.content == CONTENT
    assert got.headers["content-length"] == str(len(CONTENT))
    assert "content-encoding" not in got.headers


def test_a_body_without_length_is_taken_too(emulator: Emulator) -> None:
    url = metadata(emulator)["url"]

    answer = put(url, iter([CONTENT[:1000], CONTENT[1000:]]))

    assert answer.status_code == 200
    assert ask(emulator).content == CONTENT


def test_bytes_that_are_not_the_announced_ones_are_refused(emulator: Emulator) -> None:
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()  # noqa: S324 # the wire's checksum

    assert put(metadata(emulator)["url"], CONTENT[:-1]).status_code == 400
    assert put(metadata(emulator, checksum=wrong)["url"], CONTENT).status_code == 400
    url = metadata(emulator)["url"]
    assert put(url, CONTENT, **{"content-md5": wrong}).status_code == 400
    assert ask(emulator).status_code == 404


def test_a_file_that_is_put_again_takes_the_place_of_the_first(
    emulator: Emulator,
) -> None:
    uploaded(emulator)
    uploaded(emulator, b"second")

    assert ask(emulator).content == b"second"


def test_without_a_component_name_and_size_are_needed(emulator: Emulator) -> None:
    for lacking in ({"file_name": None}, {"file_size": None}):
        operation = {
            "action": "get_upload_metadata",
            "component_id": "c1",
            "file_name": "a.mov",
            "file_size": 3,
            **lacking,
        }
        assert call(emulator, operation)["exception"] == "ValidationError"


def test_a_component_created_one_operation_earlier_says_name_and_size(
    emulator: Emulator,
) -> None:
    created, found = call(
        emulator,
        {
            "action": "create",
            "entity_type": "FileComponent",
            "entity_data": {"id": "c1", "name": "a", "file_type": ".jpg", "size": 6},
        },
        {"action": "get_upload_metadata", "component_id": "c1"},
    )

    assert created["data"]["id"] == "c1"
    assert found["headers"]["Content-Type"] == "image/jpeg"
    assert found["headers"]["Content-Length"] == "6"


def test_an_address_of_a_batch_that_was_refused_is_good_for_nothing() -> None:
    tokens = (f"token-{number}" for number in itertools.count(1))
    operation = {
        "action": "get_upload_metadata",
        "component_id": "c1",
        "file_name": "a.mov",
        "file_size": 6,
    }

    with Emulator(ids=lambda: next(tokens)) as emulator:
        refused = call(emulator, operation, {"action": "nonsense"})
        [accepted] = call(emulator, operation)

        assert "exception" in refused
        first = f"{emulator.server_url}/upload/token-1"
        assert put(first, b"abcdef").status_code == 403
        assert accepted["url"] == f"{emulator.server_url}/upload/token-2"
        assert put(accepted["url"], b"abcdef").status_code == 200


def test_an_address_nobody_was_given_is_refused(emulator: Emulator) -> None:
    assert put(f"{emulator.server_url}/upload/guess", CONTENT).status_code == 403


@pytest.mark.parametrize(
    "component_id", ["../../etc/passwd", "a/b", ".", "é", "x" * 300]
)
def test_ids_are_no_paths(emulator: Emulator, component_id: str) -> None:
    found = metadata(emulator, component_id=component_id)
    put(found["url"], CONTENT)

    assert ask(emulator, id=component_id).content == CONTENT


def test_without_a_checksum_none_is_to_be_sent(emulator: Emulator) -> None:
    assert "Content-MD5" not in metadata(emulator, checksum=None)["headers"]


def test_names_that_headers_cannot_hold_are_written_in_ascii(
    emulator: Emulator,
) -> None:
    found = metadata(emulator, file_name='Höhe "3".mov')

    # RFC 6266 and 8187: UTF-8, in percent signs.
    assert found["headers"]["Content-Disposition"] == (
        "attachment; filename*=utf-8''H%C3%B6he%20%223%22.mov"
    )
    assert put(found["url"], CONTENT, **found["headers"]).status_code == 200


def test_browsers_may_send_the_headers_that_were_answered(emulator: Emulator) -> None:
    found = metadata(emulator, checksum="x")
    # A browser writes the length itself.
    sent = sorted({name.lower() for name in found["headers"]} - {"content-length"})

    allowed = requests.options(
        found["url"],
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": ",".join(sent),
        },
        timeout=10,
    )

    assert allowed.status_code == 200
    named = allowed.headers["access-control-allow-headers"].lower().split(",")
    assert {each.strip() for each in named} >= set(sent)


def test_the_upload_of_old_clients_is_refused_by_name(emulator: Emulator) -> None:
    answer = requests.post(
        f"{emulator.server_url}/component/add", data=CONTENT, timeout=10
    )

    assert answer.status_code == 501
    assert "POST /component/add" in answer.json()["detail"]
    [noted] = emulator.file_requests
    assert (noted.method, noted.endpoint, noted.status) == ("POST", "add", 501)
