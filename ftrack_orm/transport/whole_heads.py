"""Connections on which the head of an answer is whole, or the exchange fails.

`http.client` takes the end of a connection for the end of a head: an answer that
breaks off in its headers has none of the rest, no length, and so an empty body.
"""

from __future__ import annotations

from http.client import HTTPResponse, IncompleteRead
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager, ProxyManager, pool_classes_by_scheme


class WholeHeadAdapter(HTTPAdapter):
    """An `HTTPAdapter` for which a head that breaks off is a lost connection."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Prepare the connections without a proxy."""
        super().init_poolmanager(*arguments, **options)
        _use_whole_heads(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> ProxyManager:
        """Return the connections by way of a proxy."""
        manager: ProxyManager = super().proxy_manager_for(*arguments, **options)
        _use_whole_heads(manager)
        return manager


class _Head:
    """The stream of an answer while its head is read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._has_begun = False

    def readline(self, limit: int) -> bytes:
        """Return the next line, or the first `limit` bytes of it.

        Raises:
            IncompleteRead: the connection ended in the head. Its end before the first
                byte is an empty line, which `http.client` reports itself.
        """
        line: bytes = self._stream.readline(limit)
        is_whole = line.endswith(b"\n") or len(line) >= limit
        if not is_whole and (line or self._has_begun):
            raise IncompleteRead(b"")
        self._has_begun = True
        return line

    def close(self) -> None:
        """Close the stream, as `http.client` does with one that is no HTTP."""
        self._stream.close()


class _Response(HTTPResponse):
    fp: Any

    def begin(self) -> None:
        stream, head = self.fp, _Head(self.fp)
        self.fp = head
        try:
            super().begin()
        finally:
            if self.fp is head:
                self.fp = stream


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


# urllib3 declares attributes here as mutable that its own classes declare as final.
class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType] # see above


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection  # pyright: ignore[reportAssignmentType] # see above


def _use_whole_heads(manager: PoolManager) -> None:
    # A manager for SOCKS proxies has connections of another kind; they stay.
    if manager.pool_classes_by_scheme == pool_classes_by_scheme:
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
