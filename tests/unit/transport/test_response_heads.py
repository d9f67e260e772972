"""Replies whose headers break off, and those whose headers are complete."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from ftrack_orm.transport.response_heads import CompleteHeadAdapter
from tests.support.scripted_server import ScriptedServer, page

LINES = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Last: 1\r\n"


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", CompleteHeadAdapter())
        yield session


def test_a_complete_reply_is_returned(
    server: ScriptedServer, client: requests.Session
) -> None:
    server.answer = lambda request: page(b"[1]", extra="X-Last: 1\r\n")

    reply = client.get(server.url)

    assert (reply.status_code, reply.content) == (200, b"[1]")
    assert reply.headers["X-Last"] == "1"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\n",
        LINES[:-12],  # within a header
        LINES[:-1],  # within the end of a line
        LINES,  # without the empty line
    ],
)
def test_headers_that_break_off_are_a_lost_connection(
    server: ScriptedServer, client: requests.Session, head: bytes
) -> None:
    server.answer = lambda request: head

    with pytest.raises(requests.ConnectionError):
        client.get(server.url)


def test_a_connection_that_ends_before_the_reply_is_lost(
    server: ScriptedServer, client: requests.Session
) -> None:
    server.answer = lambda request: None

    with pytest.raises(requests.ConnectionError):
        client.get(server.url)


def test_a_reply_that_is_not_http_is_a_lost_connection(
    server: ScriptedServer, client: requests.Session
) -> None:
    server.answer = lambda request: b"SSH-2.0-OpenSSH_9.6\r\n"

    with pytest.raises(requests.ConnectionError):
        client.get(server.url)


def test_headers_of_a_proxy_that_break_off_are_a_lost_connection(
    server: ScriptedServer, client: requests.Session
) -> None:
    proxies = {"http": server.url}
    server.answer = lambda request: page(b"[1]")
    assert client.get("http://studio.example/a", proxies=proxies).content == b"[1]"
    assert server.requests[0].path == "http://studio.example/a"

    server.answer = lambda request: LINES
    with pytest.raises(requests.ConnectionError):
        client.get("http://studio.example/a", proxies=proxies)
