"""Nothing the transport raises, logs or prints shows the API key."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import quote

import pytest
from urllib3.connection import HTTPConnection as PooledConnection

from ftrack_orm import FtrackError, ResponseFormatError, Session, TransportError
from ftrack_orm.operations import Query
from ftrack_orm.transport.http import RequestsTransport
from ftrack_orm.transport.replies import read_reply
from tests.support.reachable_text import reachable_from, texts_of
from tests.support.scripted_server import API_KEY, Request, ScriptedServer, page


def hang_up(request: Request) -> None:
    return None


def too_short(request: Request) -> bytes:
    return page(b"[", length=10)


def page_with_the_key(request: Request) -> bytes:
    return page(f"<p>{API_KEY} is wrong</p>".encode(), content_type="text/html")


def error_with_the_key(request: Request) -> bytes:
    return page(
        b'{"exception": "InvalidCredentialsError", "content": "No key %s"}'
        % API_KEY.encode()
    )


def redirect_with_the_key(request: Request) -> bytes:
    return page(b"", "302 Found", extra=f"Location: /login?key={API_KEY}\r\n")


def content_type_with_the_key(request: Request) -> bytes:
    return page(b"hello", content_type=API_KEY)


@pytest.mark.parametrize(
    "answer",
    [
        hang_up,
        too_short,
        page_with_the_key,
        error_with_the_key,
        redirect_with_the_key,
        content_type_with_the_key,
    ],
)
def test_no_error_leads_to_the_key(
    server: ScriptedServer,
    transport: RequestsTransport,
    caplog: pytest.LogCaptureFixture,
    answer: Callable[[Request], bytes | None],
) -> None:
    server.answer = answer
    caplog.set_level(logging.DEBUG)

    with pytest.raises(FtrackError) as caught:
        read_reply(transport.call(b"[{}]"), 1)

    assert server.requests[0].headers["ftrack-api-key"] == API_KEY
    assert [text for text in reachable_from(caught.value) if API_KEY in text] == []
    assert API_KEY not in caplog.text


def test_a_failed_connection_does_not_lead_to_the_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    transport = RequestsTransport(f"http://127.0.0.1:{port}", "jane", API_KEY)

    with pytest.raises(TransportError) as caught:
        transport.call(b"[]")

    assert caught.value.__context__ is None
    assert [text for text in reachable_from(caught.value) if API_KEY in text] == []


def interrupted(*args: object, **options: object) -> None:
    raise KeyboardInterrupt


STEPS: dict[str, tuple[type, str]] = {
    "connecting": (PooledConnection, "connect"),
    "sending the head": (HTTPConnection, "endheaders"),
    "sending the body": (HTTPConnection, "send"),
    "waiting": (HTTPConnection, "getresponse"),
    "reading": (HTTPResponse, "read"),
}


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_at_any_step_leads_to_no_key(
    server: ScriptedServer,
    transport: RequestsTransport,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    transport.call(b"[]")  # so that the library is imported whole
    owner, name = STEPS[step]
    monkeypatch.setattr(owner, name, interrupted)

    with pytest.raises(KeyboardInterrupt) as caught:
        transport.call(b"[{}]")

    assert caught.value.__context__ is None
    assert [text for text in reachable_from(caught.value) if API_KEY in text] == []


@pytest.mark.parametrize("step", ["connecting", "sending the head", "waiting"])
@pytest.mark.parametrize("method", ["get", "put"])
def test_ctrl_c_while_a_file_is_on_its_way_leads_to_no_key(
    server: ScriptedServer,
    transport: RequestsTransport,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    method: str,
) -> None:
    files = transport.files
    owner, name = STEPS[step]
    monkeypatch.setattr(owner, name, interrupted)

    def exchange() -> object:
        if method == "put":
            return files.put(files.url("/component/get", {"id": "c1"}), [b"x"], 1)
        return files.get(files.url("/component/get", {"id": "c1"})).__enter__()

    with pytest.raises(KeyboardInterrupt) as caught:
        exchange()

    secrets = (API_KEY, quote(API_KEY, safe=""))
    texts = list(reachable_from(caught.value))
    assert not [text for text in texts for secret in secrets if secret in text]


def test_the_frames_that_hold_a_download_show_no_key(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    files = transport.files
    server.answer = lambda request: page(b"abc", length=10)

    with (
        pytest.raises(TransportError) as caught,
        files.get(files.url("/component/get", {"id": "c1"})) as answer,
    ):
        list(answer.blocks(64))

    assert quote(API_KEY, safe="") in server.requests[0].path
    secrets = (API_KEY, quote(API_KEY, safe=""))
    texts = list(reachable_from(caught.value))
    assert not [text for text in texts for secret in secrets if secret in text]


@pytest.mark.parametrize(
    "failure", [ValueError(API_KEY), TypeError(API_KEY), UnicodeError(API_KEY)]
)
def test_an_exception_of_a_library_is_a_transport_error_without_its_text(
    transport: RequestsTransport, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise failure

    monkeypatch.setattr(HTTPConnection, "putheader", fail)

    with pytest.raises(TransportError) as caught:
        transport.call(b"[]")

    assert [text for text in reachable_from(caught.value) if API_KEY in text] == []


def refused_session() -> None:
    Session(None, "jane", API_KEY)


def session_with_a_bad_key() -> None:
    Session("https://studio.invalid", "jane", API_KEY + "\n")


def session_with_a_bad_address() -> None:
    Session("studio.invalid", "jane", API_KEY)


def session_with_a_bad_header() -> None:
    Session("https://a.invalid", "jane", API_KEY, additional_headers={"x": "\n"})


def call_with_a_bad_push_token() -> None:
    session = Session("https://studio.invalid", "jane", API_KEY)
    session.call([Query("Task")], push_token="a\nb")


def call_that_is_cancelled() -> None:
    cancel = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        session = Session(url, "jane", API_KEY, check_schema="ignore")
        threading.Timer(0.1, cancel.set).start()
        session.call([Query("Task")], cancel=cancel)


@pytest.mark.parametrize(
    "act",
    [
        refused_session,
        session_with_a_bad_key,
        session_with_a_bad_address,
        session_with_a_bad_header,
        call_with_a_bad_push_token,
        call_that_is_cancelled,
    ],
)
def test_no_frame_of_a_session_that_raises_shows_the_key(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]
) -> None:
    monkeypatch.delenv("FTRACK_SERVER", raising=False)
    monkeypatch.setenv("FTRACK_API_KEY", API_KEY)

    with pytest.raises(FtrackError) as caught:
        act()

    assert [text for text in reachable_from(caught.value) if API_KEY in text] == []


def test_an_array_of_an_error_status_is_quoted_without_the_key(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    server.answer = lambda request: page(
        b'["No key %s"]' % API_KEY.encode(), "401 Unauthorized"
    )

    with pytest.raises(ResponseFormatError) as caught:
        read_reply(transport.call(b"[{}]"), 1)

    assert API_KEY not in str(caught.value)
    assert "No key ***" in str(caught.value)


def test_repr_shows_server_and_user_but_not_the_key() -> None:
    transport = RequestsTransport("https://a.invalid/", "jane", API_KEY)

    assert repr(transport) == (
        "RequestsTransport('https://a.invalid', api_user='jane')"
    )
    assert not [text for text in texts_of(transport, 4, {}) if API_KEY in text]


def test_a_key_among_results_is_the_users_data_and_stays(
    server: ScriptedServer, transport: RequestsTransport
) -> None:
    # reset_remote answers with an API key (protocol 2.10).
    results = f'[{{"data": {{"api_key": "{API_KEY}"}}}}]'.encode()
    server.answer = lambda request: page(results)

    assert transport.call(b"[{}]").body == results


def test_the_log_tells_where_how_much_and_how_long(
    server: ScriptedServer,
    transport: RequestsTransport,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="ftrack_orm.transport")
    server.answer = lambda request: page(b"[1]")

    transport.call(b"[{}]")

    (message,) = [r.getMessage() for r in caplog.records if r.name.startswith("ftrack")]
    assert message.startswith(
        f"POST {server.url}/api: 4 bytes sent, HTTP status 200, 3 bytes received, "
    )
    assert message.endswith(" s")
