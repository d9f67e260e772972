"""Uploads in parts over HTTP: protocol 2.9, 7.4 and appendix C, item 10."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import requests

from ftrack_orm.emulator import Emulator
from tests.support.file_requests import CONTENT, ORIGIN, ask, call, metadata, put


def complete(emulator: Emulator, found: Any, tags: dict[int, str]) -> Any:
    operation = {
        "action": "complete_multipart_upload",
        "upload_id": found["upload_id"],
        "component_id": "c1",
        "parts": [
            {"part_number": number, "e_tag": tag} for number, tag in tags.items()
        ],
    }
    return call(emulator, operation)


def sent_parts(emulator: Emulator, found: Any, *, backwards: bool) -> dict[int, str]:
    """Send the content in parts of 1,000 bytes; return their tags in order."""
    tags = {}
    for part in sorted(
        found["urls"], key=lambda part: part["part_number"], reverse=backwards
    ):
        number = part["part_number"]
        piece = CONTENT[(number - 1) * 1000 : number * 1000]
        # A part may be sent again; the last one counts.
        assert put(part["signed_url"], b"x" * len(piece)).status_code == 200
        answer = put(part["signed_url"], piece)
        assert answer.status_code == 200
        tags[number] = answer.headers["ETag"].strip('"')
    return dict(sorted(tags.items()))


@pytest.mark.parametrize("backwards", [False, True])
def test_parts_become_one_file_in_whatever_order_they_come(
    emulator: Emulator, backwards: bool
) -> None:
    count = -(-len(CONTENT) // 1000)
    found = metadata(emulator, parts=count)
    assert found.keys() == {"component_id", "upload_id", "urls"}
    assert [part["part_number"] for part in found["urls"]] == [*range(1, count + 1)]
    tags = sent_parts(emulator, found, backwards=backwards)
    assert ask(emulator).status_code == 404, "nothing is there before it is complete"

    [result] = complete(emulator, found, tags)

    assert result.keys() == {"action", "component_id", "url"}
    assert result["action"] == "complete_multipart_upload"
    assert result["component_id"] == "c1"
    assert ask(emulator).content == CONTENT


def test_an_upload_is_completed_with_all_its_parts_and_once(emulator: Emulator) -> None:
    found = metadata(emulator, parts=11)
    tags = sent_parts(emulator, found, backwards=False)
    fewer = {number: tag for number, tag in tags.items() if number < 11}
    wrong = {**tags, 3: tags[4]}

    for mistaken in (fewer, wrong, dict(reversed(tags.items()))):
        assert complete(emulator, found, mistaken)["exception"] == "ValidationError"
    assert isinstance(complete(emulator, found, tags), list)
    assert complete(emulator, found, tags)["exception"] == "ValidationError"
    assert put(found["urls"][0]["signed_url"], CONTENT[:1000]).status_code == 403
    assert ask(emulator).content == CONTENT


@pytest.mark.parametrize("parts", [0, -1, "2", True, 1.5, 10_001])
def test_a_number_of_parts_is_from_one_to_ten_thousand(
    emulator: Emulator, parts: Any
) -> None:
    found = call(
        emulator,
        {
            "action": "get_upload_metadata",
            "component_id": "c1",
            "file_name": "a",
            "file_size": 1,
            "parts": parts,
        },
    )

    assert found["exception"] == "ValidationError"


def test_browsers_may_put_and_read_the_tag(emulator: Emulator) -> None:
    url = metadata(emulator, parts=1)["urls"][0]["signed_url"]

    allowed = requests.options(
        url,
        headers={"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"},
        timeout=10,
    )
    answer = put(url, CONTENT, Origin=ORIGIN)

    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert "PUT" in allowed.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "etag" in answer.headers["access-control-expose-headers"].lower()


def test_the_tag_of_a_file_of_parts_is_that_of_storages(emulator: Emulator) -> None:
    found = metadata(emulator, parts=11)
    complete(emulator, found, sent_parts(emulator, found, backwards=True))

    # Storages hash the hashes of the parts, and say how many there were.
    pieces = [CONTENT[start : start + 1000] for start in range(0, len(CONTENT), 1000)]
    digests = b"".join(hashlib.md5(each).digest() for each in pieces)  # noqa: S324 # a storage's tag
    expected = f'"{hashlib.md5(digests).hexdigest()}-11"'  # noqa: S324 # a storage's tag
    assert ask(emulator).headers["etag"] == expected


def test_an_upload_ends_with_its_component(emulator: Emulator) -> None:
    # What the JavaScript client does with an upload that was stopped (7.4).
    created = {
        "action": "create",
        "entity_type": "FileComponent",
        "entity_data": {"id": "c1", "name": "a", "file_type": ".mov", "size": 6},
    }
    delete = {"action": "delete", "entity_type": "FileComponent", "entity_key": ["c1"]}
    call(emulator, created)
    whole, found = metadata(emulator), metadata(emulator, parts=11)
    tags = sent_parts(emulator, found, backwards=True)

    call(emulator, delete)

    assert put(whole["url"], CONTENT).status_code == 403
    assert put(found["urls"][0]["signed_url"], CONTENT[:1000]).status_code == 403
    assert complete(emulator, found, tags)["exception"] == "ValidationError"
    assert ask(emulator).status_code == 404


def test_a_component_that_was_made_again_takes_its_file(emulator: Emulator) -> None:
    created = {
        "action": "create",
        "entity_type": "FileComponent",
        "entity_data": {"id": "c1", "name": "a", "file_type": ".mov", "size": 6},
    }
    delete = {"action": "delete", "entity_type": "FileComponent", "entity_key": ["c1"]}
    address = {"action": "get_upload_metadata", "component_id": "c1"}
    call(emulator, created)

    *_, found = call(emulator, delete, created, address)

    assert put(found["url"], CONTENT[:6]).status_code == 200
