"""Files over HTTP: protocol 2.8, 2.9, 7.2 to 7.4 and appendix C, item 10."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from ftrack_orm.emulator.server import Emulator
from tests.unit.schema.recorded_schema import recorded

ORIGIN = "https://studio.example"
CONTENT = bytes(range(256)) * 40


def call(emulator: Emulator, *operations: dict[str, Any]) -> Any:
    credentials = emulator.credentials
    return requests.post(
        f"{emulator.server_url}/api",
        json=list(operations),
        headers={
            "ftrack-user": credentials["api_user"],
            "ftrack-api-key": credentials["api_key"],
        },
        timeout=10,
    ).json()


def metadata(emulator: Emulator, **more: Any) -> Any:
    operation = {
        "action": "get_upload_metadata",
        "component_id": "c1",
        "file_name": "plate.mov",
        "file_size": len(CONTENT),
        **more,
    }
    [result] = call(emulator, operation)
    return result


def ask(
    emulator: Emulator, endpoint: str = "get", /, **query: Any
) -> requests.Response:
    credentials = emulator.credentials
    given = {
        "id": "c1",
        "username": credentials["api_user"],
        "apiKey": credentials["api_key"],
        **query,
    }
    headers = given.pop("headers", None)
    method = given.pop("method", "GET")
    url = f"{emulator.server_url}/component/{endpoint}"
    return requests.request(method, url, params=given, headers=headers, timeout=10)


def put(url: str, content: Any, **headers: str) -> requests.Response:
    return requests.put(url, data=content, headers=headers, timeout=10)


def uploaded(emulator: Emulator, content: bytes = CONTENT) -> None:
    url = metadata(emulator, file_size=len(content))["url"]
    assert put(url, content).status_code == 200


# -- single part (2.8, 7.3) ----------------------------------------------------------


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


# -- many parts (2.9, 7.4) -----------------------------------------------------------


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


@pytest.mark.parametrize("parts", [0, -1, "2", True, 1.5])
def test_a_number_of_parts_is_positive(emulator: Emulator, parts: Any) -> None:
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


# -- giving (7.2) --------------------------------------------------------------------


def test_a_range_is_given_alone(emulator: Emulator) -> None:
    uploaded(emulator)

    part = ask(emulator, headers={"Range": "bytes=10000-"})

    assert part.status_code == 206
    assert part.content == CONTENT[10000:]
    assert part.headers["content-range"] == f"bytes 10000-{len(CONTENT) - 1}/10240"
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
    assert answer.content == b""


def test_what_was_removed_is_no_longer_given(emulator: Emulator) -> None:
    uploaded(emulator)

    assert ask(emulator, "remove").status_code == 200
    assert ask(emulator).status_code == 404
    assert ask(emulator, "remove").status_code == 404


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


def picture(form: str, mode: str, size: tuple[int, int]) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, 0 if mode == "L" else (200, 30, 30)).save(target, form)
    return target.getvalue()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [({}, (300, 150)), ({"size": "100"}, (100, 50)), ({"size": "4000"}, (800, 400))],
)
def test_a_thumbnail_fits_and_is_never_enlarged(
    emulator: Emulator, asked: dict[str, str], expected: tuple[int, int]
) -> None:
    uploaded(emulator, picture("PNG", "RGB", (800, 400)))

    answer = ask(emulator, "thumbnail", **asked)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == expected


def test_a_clear_picture_stays_clear(emulator: Emulator) -> None:
    uploaded(emulator, picture("PNG", "RGBA", (50, 80)))

    answer = ask(emulator, "thumbnail", size="40")

    found = Image.open(io.BytesIO(answer.content))
    assert (found.format, found.size) == ("PNG", (25, 40))


def test_what_is_no_picture_has_no_thumbnail(emulator: Emulator) -> None:
    uploaded(emulator)

    assert ask(emulator, "thumbnail").status_code == 404
    assert ask(emulator, "thumbnail", id="nothing").status_code == 404
    assert ask(emulator, "thumbnail", size="big").status_code == 400


def test_there_is_a_picture_for_what_has_none(emulator: Emulator) -> None:
    answer = requests.get(f"{emulator.server_url}/img/thumbnail2.png", timeout=10)

    assert Image.open(io.BytesIO(answer.content)).format == "PNG"


def test_a_signed_address_needs_no_key(emulator: Emulator) -> None:
    call(
        emulator,
        {
            "action": "create",
            "entity_type": "FileComponent",
            "entity_data": {"id": "c1", "name": "a", "file_type": ".mov", "size": 6},
        },
    )
    uploaded(emulator)
    [found] = call(emulator, {"action": "generate_signed_url", "component_id": "c1"})

    answer = requests.get(found["signed_url"], timeout=10)

    assert answer.content == CONTENT
    assert 'filename="a.mov"' in answer.headers["content-disposition"]
    assert emulator.credentials["api_key"] not in found["signed_url"]
    assert requests.get(found["signed_url"] + "x", timeout=10).status_code == 403


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


@pytest.mark.parametrize(
    "component_id", ["../../etc/passwd", "a/b", ".", "é", "x" * 300]
)
def test_ids_are_no_paths(emulator: Emulator, component_id: str) -> None:
    found = metadata(emulator, component_id=component_id)
    put(found["url"], CONTENT)

    assert ask(emulator, id=component_id).content == CONTENT


# -- kept, and failing ---------------------------------------------------------------


def test_files_in_a_directory_of_ones_own_outlive_the_emulator(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Emulator(schema=recorded(), data=data) as first:
        uploaded(first)
    with Emulator(schema=recorded(), data=data) as second:
        assert ask(second).content == CONTENT


def test_files_in_a_temporary_directory_go_with_the_emulator(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Emulator(schema=recorded()) as emulator:
        uploaded(emulator)
        assert list(tmp_path.rglob("c1"))

    assert list(tmp_path.iterdir()) == []


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


def test_asking_about_removal_removes_nothing(emulator: Emulator) -> None:
    uploaded(emulator)

    assert ask(emulator, "remove", method="HEAD").status_code == 405
    assert ask(emulator).content == CONTENT


def test_a_broken_picture_has_no_thumbnail(emulator: Emulator) -> None:
    whole = picture("PNG", "RGB", (800, 400))
    for broken in (whole[: len(whole) // 2], whole[:20] + b"\xff" * 40):
        uploaded(emulator, broken)
        assert ask(emulator, "thumbnail").status_code == 404
