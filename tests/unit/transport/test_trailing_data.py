"""Connections on which bytes follow the end of a reply."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest

from ftrack_orm.transport.trailing_data import close_on_trailing_data

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


class Exchange:
    """A connection to a server of which the test is the other side."""

    def __init__(self) -> None:
        ours, self.server = socket.socketpair()
        self.connection = HTTPConnection("studio.example")
        self.connection.sock = ours
        ours.settimeout(5)

    def read(self) -> bytes:
        """Return the body of the next reply, read to its end."""
        self.connection.request("GET", "/")
        response = self.connection.getresponse()
        close_on_trailing_data(
            SimpleNamespace(_fp=response, connection=self.connection)
        )
        return response.read()

    @property
    def is_open(self) -> bool:
        return self.connection.sock is not None


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    exchange = Exchange()
    yield exchange
    exchange.connection.close()
    exchange.server.close()


def test_a_connection_without_trailing_data_is_used_again(exchange: Exchange) -> None:
    exchange.server.sendall(HEAD + b"[]")
    assert exchange.read() == b"[]"
    assert exchange.is_open
    assert exchange.connection.sock.gettimeout() == 5

    exchange.server.sendall(HEAD + b"{}")
    assert exchange.read() == b"{}"


@pytest.mark.parametrize("trailing", [b"x", HEAD + b"{}", b"\r\n"])
def test_trailing_data_close_the_connection(
    exchange: Exchange, trailing: bytes
) -> None:
    exchange.server.sendall(HEAD + b"[]" + trailing)

    assert exchange.read() == b"[]"
    assert not exchange.is_open


def test_trailing_data_outside_the_buffer_close_the_connection(
    exchange: Exchange,
) -> None:
    exchange.server.sendall(HEAD)
    exchange.connection.request("GET", "/")
    response = exchange.connection.getresponse()
    raw = SimpleNamespace(_fp=response, connection=exchange.connection)
    close_on_trailing_data(raw)
    exchange.server.sendall(b"[]")
    assert response.read(1) == b"["
    exchange.server.sendall(b"late")

    assert response.read() == b"]"
    assert not exchange.is_open


def test_a_reply_without_private_attributes_is_left_unchanged() -> None:
    raw = SimpleNamespace(status=200)
    closed = SimpleNamespace(
        _fp=SimpleNamespace(fp="reader"), connection=SimpleNamespace(sock=None)
    )

    close_on_trailing_data(raw)
    close_on_trailing_data(closed)

    assert vars(raw) == {"status": 200}
    assert closed._fp.fp == "reader"
