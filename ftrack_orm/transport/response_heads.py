"""Connections that reject a reply whose headers break off.

`http.client` treats the end of a connection as the end of the headers. Such a reply
would lack the remaining headers, among them Content-Length, and have an empty body.
"""

from __future__ import annotations

from http.client import HTTPResponse, IncompleteRead
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager, ProxyManager, pool_classes_by_scheme


class CompleteHeadAdapter(HTTPAdapter):
    """An `HTTPAdapter` that reports incomplete headers as a lost connection."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Create the pools of connections without a proxy."""
        super().init_poolmanager(*arguments, **options)
        _require_complete_heads(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> ProxyManager:
        """Return the pools of connections through a proxy."""
        manager: ProxyManager = super().proxy_manager_for(*arguments, **options)
        _require_complete_heads(manager)
        return manager


class _Head:
    """The stream of a reply while its status line and headers are read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._has_begun = False

    def readline(self, limit: int) -> bytes:
        """Return the next line, or the first `limit` bytes of it.

        Raises:
            IncompleteRead: the connection ended within the headers. Its end before
                the first byte is returned as an empty line, an error for `http.client`.
        """
        line: bytes = self._stream.readline(limit)
        is_whole = line.endswith(b"\n") or len(line) >= limit
        if not is_whole and (line or self._has_begun):
            raise IncompleteRead(b"")
        self._has_begun = True
        return line

    def close(self) -> None:
        """Close the stream; `http.client` calls this if the reply is not HTTP."""
        self._stream.close()


class _Response(HTTPResponse):
    fp: Any

    def begin(self) -> None:
        stream, head = self.fp, _Head(self.fp)
        self.fp = head
        try:
            super().begin()
        finally:
            # `begin` sets `fp` to None if the reply is not HTTP.
            if self.fp is head:
                self.fp = stream


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


# urllib3's protocol of a connection declares attributes as mutable that its own classes
# declare as final.
class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType] # see above


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection  # pyright: ignore[reportAssignmentType] # see above


def _require_complete_heads(manager: PoolManager) -> None:
    # A manager for SOCKS proxies has other pool classes, which must not be replaced.
    if manager.pool_classes_by_scheme == pool_classes_by_scheme:
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
