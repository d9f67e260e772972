"""Addresses of files that need no key: protocol 2.9, 2.15, 6.3."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import requests
from PIL import Image

from ftrack_orm.emulator import CountedIds, Emulator
from tests.support.file_requests import CONTENT, call, metadata, put, uploaded as upload

SERVER_LOCATION = "3a372bde-05bc-11e4-8908-20c9d081909b"
SIGN = {"action": "generate_signed_url", "component_id": "c1"}


def make(emulator: Emulator, content: bytes = CONTENT) -> None:
    """Make a user with a thumbnail, and have its component in the server location."""
    call(
        emulator,
        create("FileComponent", id="c1", name="a", file_type=".mov", size=6),
        create("FileComponent", id="c2", name="b", file_type=".mov", size=6),
        create("ComponentLocation", component_id="c1", location_id=SERVER_LOCATION),
        create("User", id="u1", username="jane", thumbnail_id="c1"),
    )
    upload(emulator, content)


def create(entity_type: str, **data: Any) -> dict[str, Any]:
    return {"action": "create", "entity_type": entity_type, "entity_data": data}


def value(emulator: Emulator, expression: str, name: str) -> Any:
    """Return an attribute of the one entity that an expression finds."""
    [found] = call(emulator, {"action": "query", "expression": expression})
    [entity] = found["data"]
    return entity[name]


def thumbnail_url(emulator: Emulator) -> str:
    found = value(
        emulator, "select thumbnail_url from User where id is u1", "thumbnail_url"
    )
    assert found["value"] == found["url"]
    return str(found["url"])


def get(url: str) -> requests.Response:
    return requests.get(url, timeout=10)


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (800, 400), (200, 30, 30)).save(target, "PNG")
    return target.getvalue()


def test_a_signed_address_needs_no_key(emulator: Emulator) -> None:
    make(emulator)
    [found] = call(emulator, SIGN)

    answer = get(found["signed_url"])

    assert answer.content == CONTENT
    assert 'filename="a.mov"' in answer.headers["content-disposition"]
    assert emulator.credentials["api_key"] not in found["signed_url"]
    assert get(found["signed_url"] + "x").status_code == 403


def test_a_thumbnail_is_shown_at_the_address_that_was_answered(
    emulator: Emulator,
) -> None:
    make(emulator, picture())

    url = thumbnail_url(emulator)

    assert Image.open(io.BytesIO(get(url).content)).size == (300, 150)
    assert Image.open(io.BytesIO(get(url + "&size=80").content)).size == (80, 40)


def test_a_file_is_at_the_address_of_its_place(emulator: Emulator) -> None:
    make(emulator)

    found = value(emulator, "select url from ComponentLocation", "url")

    assert found["url"] == found["value"]
    assert get(found["url"]).content == CONTENT


def test_a_file_of_parts_is_at_the_address_that_completion_answers(
    emulator: Emulator,
) -> None:
    found = metadata(emulator, parts=1)
    e_tag = put(found["urls"][0]["signed_url"], CONTENT).headers["etag"].strip('"')
    [done] = call(
        emulator,
        {
            "action": "complete_multipart_upload",
            "upload_id": found["upload_id"],
            "component_id": "c1",
            "parts": [{"part_number": 1, "e_tag": e_tag}],
        },
    )

    assert get(done["url"]).content == CONTENT


def test_an_address_is_for_one_file_and_one_use(emulator: Emulator) -> None:
    make(emulator, picture())
    url = thumbnail_url(emulator)

    for other in (
        url.replace("id=c1", "id=c2"),
        url.replace("/thumbnail", "/get"),
        url.replace("/thumbnail", "/remove"),
    ):
        assert get(other).status_code == 403
    assert get(url).status_code == 200, "and nothing was removed"


def test_no_answer_has_a_key_in_it(emulator: Emulator) -> None:
    make(emulator)
    answers = [
        thumbnail_url(emulator),
        call(emulator, SIGN),
        metadata(emulator),
        value(emulator, "select url from ComponentLocation", "url"),
    ]

    assert emulator.credentials["api_key"] not in json.dumps(answers)


@pytest.mark.parametrize("is_repeatable", [True, False])
def test_addresses_are_the_same_in_runs_that_are_to_repeat(is_repeatable: bool) -> None:
    found = []
    for _ in range(2):
        with Emulator(ids=CountedIds() if is_repeatable else None) as emulator:
            make(emulator)
            url = thumbnail_url(emulator)
            found.append(url.removeprefix(emulator.server_url))

    assert (found[0] == found[1]) is is_repeatable


def test_what_is_asked_for_twice_is_answered_alike(emulator: Emulator) -> None:
    make(emulator)

    assert thumbnail_url(emulator) == thumbnail_url(emulator)
