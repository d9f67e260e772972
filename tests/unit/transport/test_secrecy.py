"""Nothing the transport raises, logs or prints shows the API key."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import pytest

from ftrack_orm.errors import FtrackError, TransportError
from ftrack_orm.transport.http import RequestsTransport
from ftrack_orm.transport.replies import read_reply
from tests.leaks import reachable_from
from tests.unit.transport.conftest import API_KEY, OddServer, Request, page


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
    server: OddServer,
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


def test_repr_shows_server_and_user_but_not_the_key() -> None:
    transport = RequestsTransport("https://a.invalid/", "jane", API_KEY)

    assert repr(transport) == (
        "RequestsTransport('https://a.invalid', api_user='jane')"
    )
    assert not [v for v in vars(transport).values() if API_KEY in repr(v)]


def test_a_key_among_results_is_the_users_data_and_stays(
    server: OddServer, transport: RequestsTransport
) -> None:
    # reset_remote answers with an API key (protocol 2.10).
    results = f'[{{"data": {{"api_key": "{API_KEY}"}}}}]'.encode()
    server.answer = lambda request: page(results)

    assert transport.call(b"[{}]").body == results


def test_the_log_tells_where_how_much_and_how_long(
    server: OddServer, transport: RequestsTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="ftrack_orm.transport")
    server.answer = lambda request: page(b"[1]")

    transport.call(b"[{}]")

    (message,) = [r.getMessage() for r in caplog.records if r.name.startswith("ftrack")]
    assert message.startswith(
        f"POST {server.url}/api: 4 bytes sent, HTTP status 200, 3 bytes received, "
    )
    assert message.endswith(" s")
