"""The HTTP transport against servers that behave, and that do not."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ftrack_orm import (
    ConnectionFailedError,
    ConnectionLostError,
    InvalidSettingError,
    RequestTimeoutError,
    TruncatedResponseError,
    WrongAddressError,
)
from ftrack_orm.transport.http import MAX_REDIRECTS, RequestsTransport
from ftrack_orm.types import Transport
from tests.support.scripted_server import API_KEY, Request, ScriptedServer, page

BODY = b'[{"action": "query_server_information"}]'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_it_is_a_transport(transport: RequestsTransport) -> None:
    assert isinstance(transport, Transport)


def test_a_batch_is_posted_to_the_api_with_the_protocols_headers(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    reply = transport.call(BODY)

    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/api")
    assert request.body == BODY
    sent = request.headers
    assert sent["content-type"] == "application/json"
    assert sent["accept"] == "application/json"
    assert sent["ftrack-user"] == "jane"
    assert sent["ftrack-api-key"] == API_KEY
    assert sent["ftrack-strict-api"] == "true"
    assert sent["ftrack-clienttoken"] == transport.client_token
    assert sent["content-length"] == str(len(BODY))
    assert "authorization" not in sent
    assert reply.status == 200
    assert reply.body == b"[]"
    assert reply.content_type == "application/json"
    assert reply.server_url == server.url


def test_the_default_client_token_names_the_client_and_differs_each_time() -> None:
    first = RequestsTransport("https://a.invalid", "jane", "k").client_token
    second = RequestsTransport("https://a.invalid", "jane", "k").client_token

    assert first.startswith("ftrack-python-orm--")
    assert len(first.removeprefix("ftrack-python-orm--")) == 36
    assert first != second


def test_options_change_what_is_sent(server: ScriptedServer) -> None:
    transport = RequestsTransport(
        server.url + "//",
        "jane",
        API_KEY,
        api_endpoint="/studio/api/",
        strict_api=False,
        client_token="mine",
        additional_headers={"x-sso": "a", "ftrack-user": "anna"},
    )

    transport.call(BODY, headers={"ftrack-pushtoken": "p", "x-sso": "b"})
    transport.close()

    (request,) = server.requests
    assert request.path == "/studio/api"
    assert request.headers["ftrack-strict-api"] == "false"
    assert request.headers["ftrack-clienttoken"] == "mine"
    assert request.headers["ftrack-user"] == "anna"
    assert request.headers["ftrack-pushtoken"] == "p"
    assert request.headers["x-sso"] == "b"


def test_headers_of_one_call_are_not_kept_for_the_next(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    transport.call(BODY, headers={"ftrack-pushtoken": "p"})
    transport.call(BODY)

    assert "ftrack-pushtoken" not in server.requests[1].headers


def test_a_cookie_of_the_server_is_sent_back(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: page(b"[]", extra="Set-Cookie: session=abc\r\n")

    transport.call(BODY)
    transport.call(BODY)

    assert server.requests[1].headers["cookie"] == "session=abc"


def test_a_compressed_answer_is_unpacked(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    results = json.dumps([{"data": ["x" * 1000] * 1000}]).encode()
    server.answer = lambda request: page(
        gzip.compress(results), extra="Content-Encoding: gzip\r\n"
    )

    assert transport.call(BODY).body == results
    assert "gzip" in server.requests[0].headers["accept-encoding"]


def test_a_chunked_answer_is_joined(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\n[1\r\n2\r\n,2\r\n1\r\n]\r\n0\r\n\r\n"
    )

    assert transport.call(BODY).body == b"[1,2]"


def test_error_statuses_are_replies_too(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: page(b"{}", "500 Internal Server Error")

    assert transport.call(BODY).status == 500


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("12", 12, 12),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 0),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 1e9, 1e12),
    ],
)
def test_the_wait_a_server_asks_for_is_read_in_seconds(
    server: ScriptedServer,
    transport: RequestsTransport,
    header: str,
    low: float,
    high: float,
) -> None:
    server.answer = lambda request: page(
        b"", "503 Service Unavailable", extra=f"Retry-After: {header}\r\n"
    )

    wait = transport.call(BODY).retry_after

    assert wait is not None
    assert low <= wait <= high


def test_a_wait_that_cannot_be_read_is_none(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: page(b"", extra="Retry-After: soon\r\n")

    assert transport.call(BODY).retry_after is None


def test_a_port_where_nobody_listens_is_a_failed_connection() -> None:
    transport = RequestsTransport(f"http://127.0.0.1:{free_port()}", "jane", API_KEY)

    with pytest.raises(ConnectionFailedError, match="no server listens") as caught:
        transport.call(BODY)

    assert caught.value.server_url == transport.server_url


def test_an_unknown_host_is_a_failed_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("NO_PROXY", "*")
    transport = RequestsTransport("https://no-such.invalid", "jane", API_KEY)

    with pytest.raises(ConnectionFailedError, match="no host of that name"):
        transport.call(BODY)


def test_a_server_without_tls_is_a_failed_connection() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(answer_tls_with_text, listener)
        port = listener.getsockname()[1]
        transport = RequestsTransport(f"https://127.0.0.1:{port}", "jane", API_KEY)
        with pytest.raises(ConnectionFailedError, match="no secure connection"):
            transport.call(BODY)


def answer_tls_with_text(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_slow_answer_times_out(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    released = threading.Event()

    def wait(request: Request) -> None:
        released.wait(10)

    server.answer = wait
    started = time.perf_counter()

    with pytest.raises(RequestTimeoutError) as caught:
        transport.call(BODY, timeout=0.2)

    released.set()
    assert caught.value.seconds == 0.2
    assert time.perf_counter() - started < 5


def test_a_connection_closed_before_the_answer_leaves_the_outcome_unknown(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: None

    with pytest.raises(ConnectionLostError, match="closed by the other side"):
        transport.call(BODY)

    assert server.requests[0].body == BODY


def test_an_answer_shorter_than_announced_is_truncated(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: page(b'[{"a": 1}', length=400)

    with pytest.raises(TruncatedResponseError, match="closed too early") as caught:
        transport.call(BODY)

    assert caught.value.received == 9


def test_a_chunked_answer_without_its_end_is_truncated(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n[1"
    )

    with pytest.raises(TruncatedResponseError):
        transport.call(BODY)


def test_an_answer_that_cannot_be_unpacked_is_truncated(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: page(
        b"not gzip at all", extra="Content-Encoding: gzip\r\n"
    )

    with pytest.raises(TruncatedResponseError, match="compression is broken"):
        transport.call(BODY)


def test_a_redirect_that_keeps_the_method_is_followed_on_the_same_server(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    def move(request: Request) -> bytes:
        if request.path == "/api":
            return page(b"", "308 Permanent Redirect", extra="Location: /v2/api\r\n")
        return page(b"[1]")

    server.answer = move

    assert transport.call(BODY).body == b"[1]"
    moved = server.requests[1]
    assert (moved.method, moved.path, moved.body) == ("POST", "/v2/api", BODY)
    assert moved.headers["ftrack-api-key"] == API_KEY


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other"])
def test_a_redirect_that_would_drop_the_batch_is_a_wrong_address(
    server: ScriptedServer, transport: RequestsTransport, status: str
) -> None:
    server.answer = lambda request: page(b"", status, extra="Location: /login\r\n")

    with pytest.raises(WrongAddressError, match="/login") as caught:
        transport.call(BODY)

    assert caught.value.http_status == int(status[:3])
    assert caught.value.location == f"{server.url}/login"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location",
    ["http://localhost:1/api", "http://127.0.0.1:1/api", "http://127.0.0.1:x/", "ftp:"],
)
def test_credentials_never_follow_a_redirect_to_another_server(
    server: ScriptedServer, transport: RequestsTransport, location: str
) -> None:
    server.answer = lambda request: page(
        b"", "307 Temporary Redirect", extra=f"Location: {location}\r\n"
    )

    with pytest.raises(WrongAddressError):
        transport.call(BODY)


def test_redirects_in_a_circle_end(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: page(
        b"", "307 Temporary Redirect", extra="Location: /api\r\n"
    )

    with pytest.raises(WrongAddressError):
        transport.call(BODY)

    assert len(server.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "company.ftrackapp.com",
        "ftp://company.ftrackapp.com",
        "https://",
        "https://[broken",
        "https://company.ftrackapp.com:port",
        "https://company.ftrackapp.com/?a=b",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_at_once(address: str) -> None:
    with pytest.raises(InvalidSettingError, match=r"https://company\.ftrackapp\.com"):
        RequestsTransport(address, "jane", API_KEY)


def test_an_address_with_a_password_is_refused_without_quoting_it() -> None:
    with pytest.raises(InvalidSettingError) as caught:
        RequestsTransport("https://jane:hush@company.ftrackapp.com", "jane", API_KEY)

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("key", ["secret\n", "secret\r\nx: 1", "secret日本"])
def test_a_key_no_header_can_carry_is_refused_without_quoting_it(key: str) -> None:
    with pytest.raises(InvalidSettingError, match="ftrack-api-key") as caught:
        RequestsTransport("https://a.invalid", "jane", key)

    assert "secret" not in str(caught.value)
    assert caught.value.setting == "api_key"


def test_a_user_or_token_no_header_can_carry_is_named_as_the_argument() -> None:
    with pytest.raises(InvalidSettingError) as user:
        RequestsTransport("https://a.invalid", "jane ", API_KEY)
    with pytest.raises(InvalidSettingError) as token:
        RequestsTransport("https://a.invalid", "jane", API_KEY, client_token="a\nb")

    assert (user.value.setting, token.value.setting) == ("api_user", "client_token")


def test_additional_headers_are_a_mapping() -> None:
    headers: Any = ["x-tool: docs"]
    with pytest.raises(InvalidSettingError) as caught:
        RequestsTransport("https://a.invalid", "j", "k", additional_headers=headers)

    assert caught.value.setting == "additional_headers"


def test_a_header_name_with_a_line_break_is_refused() -> None:
    with pytest.raises(InvalidSettingError, match="header name"):
        RequestsTransport(
            "https://a.invalid", "jane", "k", additional_headers={"x\r\ny": "1"}
        )


def test_two_threads_may_call_at_once() -> None:
    both_arrived = threading.Barrier(2, timeout=10)

    def answer(request: Request) -> bytes:
        both_arrived.wait()
        return page(request.body)

    server = ScriptedServer(answer)
    threads = [threading.Thread(target=server.serve) for _ in range(2)]
    for thread in threads:
        thread.start()
    transport = RequestsTransport(server.url, "jane", API_KEY, timeout=10)

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(transport.call, [b"[1]", b"[2]"]))

    transport.close()
    server.stop()
    for thread in threads:
        thread.join()
    assert [reply.body for reply in replies] == [b"[1]", b"[2]"]


def test_closing_twice_is_harmless_and_a_later_call_connects_again(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    transport.call(BODY)
    transport.close()
    transport.close()

    assert transport.call(BODY).status == 200


def test_requests_is_not_imported_before_the_first_call() -> None:
    code = (
        "import sys; from ftrack_orm.transport.http import RequestsTransport; "
        "RequestsTransport('https://a.invalid', 'jane', 'k'); "
        "sys.exit('requests' in sys.modules or 'urllib3' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
