"""Files that fail on purpose, and what is remembered of requests for them."""

from __future__ import annotations

import pytest
import requests

from ftrack_orm.emulator import Emulator
from tests.support.file_requests import CONTENT, ask, metadata, put, uploaded


def test_faults_of_files_meet_files_only(emulator: Emulator) -> None:
    url = metadata(emulator)["url"]
    emulator.file_faults.status(503, retry_after="2")
    emulator.file_faults.drop_before()
    emulator.file_faults.drop_after()

    assert metadata(emulator)["url"], "the API is as ever"
    busy = put(url, CONTENT)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    with pytest.raises(requests.ConnectionError):
        put(url, CONTENT)
    with pytest.raises(requests.ConnectionError):
        put(url, CONTENT)
    assert ask(emulator).content == CONTENT, "the third was stored, its answer lost"
    assert [found.status for found in emulator.file_requests] == [503, None, None, 200]


def test_a_download_can_break_off(emulator: Emulator) -> None:
    uploaded(emulator)
    emulator.file_faults.truncate(100)
    emulator.file_faults.truncate(50)

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(emulator)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(emulator, headers={"Range": "bytes=100-"})
    assert emulator.file_requests[-1].range == "bytes=100-"
    assert ask(emulator).content == CONTENT


def test_a_cut_range_announces_what_was_asked_for(emulator: Emulator) -> None:
    uploaded(emulator)
    emulator.file_faults.truncate(3)
    credentials = emulator.credentials
    with requests.get(
        f"{emulator.server_url}/component/get",
        params={
            "id": "c1",
            "username": credentials["api_user"],
            "apiKey": credentials["api_key"],
        },
        headers={"Range": "bytes=0-99"},
        stream=True,
        timeout=10,
    ) as answer:
        assert answer.status_code == 206
        assert answer.headers["content-length"] == "100"
        assert answer.headers["content-range"] == f"bytes 0-99/{len(CONTENT)}"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _ = answer.content


def test_requests_for_files_are_remembered_without_their_secrets(
    emulator: Emulator,
) -> None:
    found = metadata(emulator, parts=2)
    put(found["urls"][1]["signed_url"], b"abc")
    ask(emulator, headers={"Range": "bytes=0-"})

    first, second = emulator.file_requests
    assert (first.method, first.endpoint) == ("PUT", "upload")
    assert (first.component_id, first.part_number, first.status) == ("c1", 2, 200)
    assert (second.method, second.endpoint, second.status) == ("GET", "get", 404)
    shown = repr(emulator.file_requests)
    assert emulator.credentials["api_key"] not in shown
    assert found["urls"][1]["signed_url"].rpartition("/")[2] not in shown


def test_requests_are_remembered_with_the_status_they_got(emulator: Emulator) -> None:
    uploaded(emulator)
    asked = [
        {"Range": "bytes=5-9"},
        {"Range": "bytes=-5"},
        {"Range": "bytes=99999-"},
        {"Range": "bytes=5-", "If-Range": '"other"'},
        {"Range": "bytes=-"},
    ]

    answers = [ask(emulator, headers=headers).status_code for headers in asked]

    assert answers == [206, 206, 416, 200, 400]
    assert [found.status for found in emulator.file_requests[1:]] == answers
