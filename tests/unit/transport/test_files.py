"""Files over sockets: what is on the wire, and what failures become."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from ftrack_orm import (
    ConnectionFailedError,
    RequestTimeoutError,
    TransportError,
    TruncatedResponseError,
    WrongAddressError,
)
from ftrack_orm.transport.files import RequestsFiles
from ftrack_orm.transport.http import RequestsTransport
from ftrack_orm.types import FileTransport, HasFiles
from tests.support.reachable_text import reachable_from
from tests.support.scripted_server import API_KEY, Request, ScriptedServer, page

SIGNED = "X-Signature=as-good-as-a-key"


@pytest.fixture
def files(transport: RequestsTransport) -> FileTransport:
    return transport.files


def test_a_transport_has_one_set_of_files(transport: RequestsTransport) -> None:
    assert isinstance(transport, HasFiles)
    assert transport.files is transport.files


def test_an_address_on_the_server_carries_the_user_last(
    server: ScriptedServer, files: FileTransport
) -> None:
    url = files.url("/component/thumbnail", {"id": "c 1", "size": "300"})

    assert url.startswith(f"{server.url}/component/thumbnail?")
    assert parse_qsl(urlsplit(url).query) == [
        ("id", "c 1"),
        ("size", "300"),
        ("username", "jane"),
        ("apiKey", API_KEY),
    ]


# -- up --------------------------------------------------------------------------------


def test_exactly_the_given_headers_are_sent(
    server: ScriptedServer, files: FileTransport
) -> None:
    headers = {"Content-Type": "image/x-exr", "content-length": "999"}

    reply = files.put(f"{server.url}/a", [b"four", b"five"], 8, headers=headers)

    [request] = server.requests
    assert reply.status == 200
    assert (request.method, request.path, request.body) == ("PUT", "/a", b"fourfive")
    assert request.headers == {
        "host": server.url.removeprefix("http://"),
        "content-type": "image/x-exr",
        "content-length": "8",
    }


def test_a_file_name_in_any_script_can_be_sent(
    server: ScriptedServer, files: FileTransport
) -> None:
    name = 'attachment; filename="版.exr"'

    files.put(f"{server.url}/a", [b"x"], 1, headers={"Content-Disposition": name})

    sent = server.requests[0].headers["content-disposition"]
    assert sent.encode("latin-1").decode() == name


def test_an_empty_file_has_a_length_too(
    server: ScriptedServer, files: FileTransport
) -> None:
    files.put(f"{server.url}/a", [], 0)

    assert server.requests[0].headers["content-length"] == "0"
    assert "transfer-encoding" not in server.requests[0].headers


@pytest.mark.parametrize("status", ["200 OK", "307 Moved", "403 No", "503 Later"])
def test_any_status_is_returned_with_its_headers(
    server: ScriptedServer, files: FileTransport, status: str
) -> None:
    extra = 'ETag: "abc"\r\nLocation: /elsewhere\r\n'
    server.answer = lambda request: page(b"why", status, extra=extra)

    reply = files.put(f"{server.url}/a", [b"x"], 1)

    assert reply.status == int(status[:3])
    assert reply.headers["etag"] == '"abc"'
    assert len(server.requests) == 1


def test_no_password_of_a_netrc_file_and_no_cookie_is_sent(
    server: ScriptedServer,
    files: FileTransport,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login jane password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer = lambda request: page(b"", extra="Set-Cookie: a=b\r\n")

    files.put(f"{server.url}/a", [b"x"], 1)
    with files.get(f"{server.url}/a"):
        pass

    for request in server.requests:
        assert not {"authorization", "cookie"} & set(request.headers)


def test_what_the_blocks_raise_reaches_the_caller(
    server: ScriptedServer, files: FileTransport
) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"x"
        raise KeyError("no more")

    with pytest.raises(KeyError, match="no more"):
        files.put(f"{server.url}/a", blocks(), 10)


# -- down ------------------------------------------------------------------------------


def test_a_body_comes_in_blocks(server: ScriptedServer, files: FileTransport) -> None:
    server.answer = lambda request: page(b"abcdefgh", extra='ETag: "v1"\r\n')

    with files.get(f"{server.url}/a", headers={"Range": "bytes=5-"}) as answer:
        assert answer.status == 200
        assert answer.headers["etag"] == '"v1"'
        assert list(answer.blocks(3)) == [b"abc", b"def", b"gh"]

    assert server.requests[0].headers["range"] == "bytes=5-"


def test_redirects_are_followed_without_credentials(
    server: ScriptedServer, files: FileTransport
) -> None:
    def answer(request: Request) -> bytes:
        if request.path.startswith("/component/get"):
            return page(b"", "302 Found", extra="Location: /store?sig=1\r\n")
        return page(b"content")

    server.answer = answer

    with files.get(files.url("/component/get", {"id": "c1"})) as reply:
        assert b"".join(reply.blocks(10)) == b"content"

    assert server.requests[1].path == "/store?sig=1"
    assert API_KEY not in str(server.requests[1])


def test_redirects_without_end_are_given_up(
    server: ScriptedServer, files: FileTransport
) -> None:
    server.answer = lambda request: page(b"", "302 Found", extra="Location: /a\r\n")

    with pytest.raises(WrongAddressError), files.get(f"{server.url}/a"):
        pass

    assert len(server.requests) == 6


def test_a_redirect_out_of_the_web_is_not_followed(
    server: ScriptedServer, files: FileTransport
) -> None:
    extra = "Location: file:///etc/passwd\r\n"
    server.answer = lambda request: page(b"", "302 Found", extra=extra)

    with pytest.raises(WrongAddressError), files.get(f"{server.url}/a"):
        pass


def test_a_body_that_breaks_off_is_an_error_after_what_came(
    server: ScriptedServer, files: FileTransport
) -> None:
    server.answer = lambda request: page(b"abc", length=10)
    got: list[bytes] = []

    with (
        files.get(f"{server.url}/a") as answer,
        pytest.raises(TruncatedResponseError) as caught,
    ):
        got += answer.blocks(3)

    assert b"".join(got) == b"abc"
    assert caught.value.received == 3


# -- failures --------------------------------------------------------------------------


def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_refused_connection_names_the_host_alone(files: FileTransport) -> None:
    host = nobody()

    with pytest.raises(ConnectionFailedError) as caught:
        files.put(f"{host}/up?{SIGNED}", [b"x"], 1)
    with pytest.raises(ConnectionFailedError), files.get(f"{host}/up?{SIGNED}"):
        pass

    assert caught.value.server_url == host


def test_a_lost_answer_is_one_that_may_be_asked_for_again(
    server: ScriptedServer, files: FileTransport
) -> None:
    server.answer = lambda request: None

    with pytest.raises(TruncatedResponseError):
        files.put(f"{server.url}/a", [b"x"], 1)
    with pytest.raises(TruncatedResponseError), files.get(f"{server.url}/a"):
        pass


def test_an_answer_that_is_late_is_a_timeout(
    server: ScriptedServer, files: FileTransport
) -> None:
    hang = threading.Event()

    def answer(request: Request) -> None:
        hang.wait(5)

    server.answer = answer
    with pytest.raises(RequestTimeoutError) as caught:
        files.put(f"{server.url}/a", [b"x"], 1, timeout=0.1)
    hang.set()

    assert caught.value.seconds == 0.1


def test_it_can_be_used_again_after_it_was_closed(
    server: ScriptedServer, files: FileTransport
) -> None:
    files.put(f"{server.url}/a", [b"x"], 1)
    files.close()
    files.close()

    assert files.put(f"{server.url}/a", [b"x"], 1).status == 200


@pytest.mark.parametrize("odd", ["hang up", "redirect", "nobody"])
def test_no_failure_leads_to_the_key_or_to_a_signed_address(
    server: ScriptedServer,
    files: FileTransport,
    caplog: pytest.LogCaptureFixture,
    odd: str,
) -> None:
    def answer(request: Request) -> bytes | None:
        extra = f"Location: /component/get?apiKey={API_KEY}&{SIGNED}\r\n"
        return page(b"", "302 Found", extra=extra) if odd == "redirect" else None

    server.answer = answer
    caplog.set_level(logging.DEBUG)
    host = nobody() if odd == "nobody" else server.url
    other = RequestsFiles(host, "jane", API_KEY, timeout=5)
    caught: list[TransportError] = []

    def get() -> None:
        with other.get(other.url("/component/get", {"id": "c1", "x": SIGNED})):
            raise AssertionError

    def put() -> None:
        other.put(other.url("/upload", {"x": SIGNED}), [b"x"], 1)

    for step in (get, put):
        try:
            step()
        except TransportError as error:
            caught.append(error)
    other.close()

    assert len(caught) == (1 if odd == "redirect" else 2)
    found = [text for error in caught for text in reachable_from(error)]
    logged = [record.getMessage() for record in caplog.records]
    secrets = (API_KEY, API_KEY.replace("/", "%2F"), "as-good-as-a-key")
    assert [text for text in (*found, *logged) if any(s in text for s in secrets)] == []
    assert any("urllib3" in record.name for record in caplog.records)


def test_what_other_requests_log_stays_as_it_is(
    server: ScriptedServer, files: FileTransport, caplog: pytest.LogCaptureFixture
) -> None:
    import requests

    files.put(f"{server.url}/a", [b"x"], 1)
    caplog.set_level(logging.DEBUG)

    requests.get(f"{server.url}/mine", timeout=5)

    assert "/mine" in caplog.text
