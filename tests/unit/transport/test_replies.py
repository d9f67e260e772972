"""Every shape of reply, as results or as the error it stands for."""

from __future__ import annotations

import json

import pytest
from pydantic_core import from_json

from ftrack_orm import (
    InvalidCredentialsError,
    NotJSONError,
    ResponseFormatError,
    ResponseLengthError,
    ServerError,
    ServerPermissionDeniedError,
    ServerUnavailableError,
    ServerValidationError,
    TruncatedResponseError,
    WrongAddressError,
)
from ftrack_orm.transport import replies
from ftrack_orm.transport.replies import EXCERPT_LENGTH, read_reply
from ftrack_orm.types import Reply
from tests.support.recorded_responses import path_of

SERVER = "https://studio.invalid"
LOGIN_PAGE = b"<!DOCTYPE html>\n<html><title>Sign in</title>" + b"<br>" * 1000


def reply(body: object, status: int = 200, content_type: str = "text/html") -> Reply:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(SERVER, status, content_type, encoded)


def test_results_come_back_in_order() -> None:
    assert read_reply(reply([{"data": True}, ["a"], None]), 3) == [
        {"data": True},
        ["a"],
        None,
    ]


def test_no_operations_have_no_results() -> None:
    assert read_reply(reply([]), 0) == []


def test_a_recorded_answer_is_read() -> None:
    body = path_of("query_priorities.json").read_bytes()
    recorded = json.loads(body)
    count = len(recorded)

    assert read_reply(reply(body), count) == recorded


@pytest.mark.parametrize("count", [0, 1, 3])
def test_another_number_of_results_is_refused(count: int) -> None:
    with pytest.raises(ResponseLengthError) as caught:
        read_reply(reply([1, 2]), count)

    assert (caught.value.expected, caught.value.received) == (count, 2)


# Names and classes: protocol 1.6.
@pytest.mark.parametrize("status", [200, 400, 403, 500, 503, 404])
@pytest.mark.parametrize(
    ("exception", "error_type"),
    [
        ("InvalidCredentialsError", InvalidCredentialsError),
        ("PermissionError", ServerPermissionDeniedError),
        ("FTAuthenticationError", ServerPermissionDeniedError),
        ("ValidationError", ServerValidationError),
        ("ParseError", ServerError),
        ("ValueError", ServerError),
        ("DuplicateEntryError", ServerError),
        ("IntegrityError", ServerError),
    ],
)
def test_the_servers_exception_decides_the_error_whatever_the_status(
    exception: str, error_type: type[ServerError], status: int
) -> None:
    body = {"exception": exception, "content": "No.", "error_code": None}

    with pytest.raises(ServerError) as caught:
        read_reply(reply(body, status), 1)

    error = caught.value
    assert type(error) is error_type
    assert (error.exception, error.content) == (exception, "No.")
    assert (error.error_code, error.http_status) == (None, status)
    step = ""
    if error_type is InvalidCredentialsError:
        step = (
            " Check user and key: FTRACK_API_USER and FTRACK_API_KEY, or api_user and "
            "api_key."
        )
    assert str(error) == f"Server reported {exception}: No.{step}"


def test_an_error_code_is_kept() -> None:
    body = {"exception": "ValidationError", "content": "", "error_code": "too_long"}

    with pytest.raises(ServerValidationError) as caught:
        read_reply(reply(body), 1)

    assert caught.value.error_code == "too_long"


def test_the_code_for_bad_credentials_counts_more_than_the_name() -> None:
    body = {
        "exception": "PermissionError",
        "content": "",
        "error_code": "api_credentials_invalid",
    }

    with pytest.raises(InvalidCredentialsError):
        read_reply(reply(body), 1)


def test_an_error_may_lack_content_and_code_and_bring_more() -> None:
    body = {"exception": "ParseError", "error": {"at": 3}}

    with pytest.raises(ServerError) as caught:
        read_reply(reply(body), 1)

    assert (caught.value.content, caught.value.error_code) == ("", None)


def test_the_detail_form_is_a_validation_error_that_names_the_place() -> None:
    body = {
        "detail": [
            {"loc": ["body", 0, "action"], "msg": "field required", "type": "missing"},
            {"loc": [], "msg": "too long", "type": "x"},
        ]
    }

    with pytest.raises(ServerValidationError) as caught:
        read_reply(reply(body, 422), 1)

    assert caught.value.content == "body.0.action: field required; too long"
    assert caught.value.http_status == 422


@pytest.mark.parametrize(
    ("detail", "content"),
    [("bad body", "bad body"), (["one", {"msg": "two"}], "one; two")],
)
def test_a_looser_detail_is_shown_as_it_is(detail: object, content: str) -> None:
    with pytest.raises(ServerValidationError) as caught:
        read_reply(reply({"detail": detail}, 422), 1)

    assert caught.value.content == content


@pytest.mark.parametrize(
    ("body", "described"),
    [
        ({"ok": True}, "a JSON object"),
        ("hello", "a JSON string"),
        (None, "null"),
        (17, "the JSON value 17"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_json_of_another_shape_is_described(
    body: object, described: str, status: int
) -> None:
    with pytest.raises(ResponseFormatError) as caught:
        read_reply(reply(body, status), 1)

    assert type(caught.value) is ResponseFormatError
    assert described in str(caught.value)
    assert f"HTTP status {status}" in str(caught.value)
    assert caught.value.server_url == SERVER


def test_results_under_an_error_status_are_not_trusted() -> None:
    with pytest.raises(ResponseFormatError, match="a JSON array"):
        read_reply(reply([{}], 500), 1)


@pytest.mark.parametrize("status", [404, 405, 410, 301, 302])
@pytest.mark.parametrize("body", [LOGIN_PAGE, b"", b'{"detail": "Not Found"}'])
def test_an_address_without_an_api_is_a_wrong_address(status: int, body: bytes) -> None:
    with pytest.raises(WrongAddressError) as caught:
        read_reply(reply(body, status), 1)

    assert caught.value.http_status == status


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("body", [LOGIN_PAGE, b"", b"{}", b'{"cut'])
def test_an_overloaded_server_is_unavailable(status: int, body: bytes) -> None:
    with pytest.raises(ServerUnavailableError) as caught:
        read_reply(Reply(SERVER, status, "text/html", body, 2.5), 1)

    assert (caught.value.http_status, caught.value.retry_after) == (status, 2.5)


@pytest.mark.parametrize("status", [200, 401, 403, 500])
def test_a_page_is_not_json(status: int) -> None:
    with pytest.raises(NotJSONError) as caught:
        read_reply(reply(LOGIN_PAGE, status), 1)

    error = caught.value
    assert (error.http_status, error.content_type) == (status, "text/html")
    assert error.excerpt.startswith("<!DOCTYPE html> <html><title>Sign in</title>")
    assert len(error.excerpt) == EXCERPT_LENGTH == 80


def test_bytes_that_are_no_text_are_not_json() -> None:
    with pytest.raises(NotJSONError):
        read_reply(reply(b"\xff\xd8\xff\xe0"), 1)


WHOLE = '[{"action": "query", "data": [{"name": "é \\u00e9", "n": -1.5e3}]}]'.encode()


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_json_that_breaks_off_anywhere_is_truncated(length: int) -> None:
    with pytest.raises(TruncatedResponseError) as caught:
        read_reply(reply(WHOLE[:length]), 1)

    assert caught.value.received == length


def test_broken_json_is_refused_without_quoting_it() -> None:
    with pytest.raises(ResponseFormatError, match="broken JSON") as caught:
        read_reply(reply(b'[{"api_key": "hush"} <html>'), 1)

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 300 + b"]" * 300,
        b'{"a": ' * 300 + b"1" + b"}" * 300,
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\xed\xa0\x80"',
        b"NaN",
        b"-Infinity",
        b"9" * 5000,
        b"-" + b"9" * 5000,
        b"01",
        b"'x'",
    ],
    ids=lambda value: str(value[:12]),
)
@pytest.mark.parametrize("whole", [b"[%s]", b'[{"data": [{"id": %s}]}]', b'{"x": %s}'])
def test_values_that_are_no_json_are_a_format_error(whole: bytes, value: bytes) -> None:
    with pytest.raises(ResponseFormatError):
        read_reply(reply(whole % value), 1)


def test_a_large_answer_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    decode = from_json

    def count(body: bytes, **options: object) -> object:
        decoded.append(body)
        assert options == {"cache_strings": "all", "allow_inf_nan": False}
        return decode(body)

    monkeypatch.setattr(replies, "from_json", count)
    body = b"[" + b" " * 1_000_000 + b"1]"

    assert read_reply(reply(body), 1) == [1]
    assert decoded == [body]
    assert decoded[0] is body
