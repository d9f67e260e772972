"""Close a connection that received trailing data after the end of a reply.

http.client reads ahead into a buffer and discards it with the reply. Trailing data in
the buffer would be lost unnoticed, and the rest of it would be read as the beginning
of the next reply.
"""

from __future__ import annotations

from io import BufferedIOBase
from typing import Any


class TrailingDataReader:
    """The reader of one reply; on close it checks for bytes after the reply's end."""

    def __init__(self, reader: BufferedIOBase, connection: Any) -> None:
        self._reader = reader
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def close(self) -> None:
        """Close the reader, and also the connection if there is trailing data."""
        has_trailing_data = not self._reader.closed and self._has_trailing_data()
        self._reader.close()
        if has_trailing_data:
            # Not later: urllib3 returns the connection to its pool when the reader is
            # closed.
            self._connection.close()

    def _has_trailing_data(self) -> bool:
        sock = self._connection.sock
        if sock is None:
            return False
        seconds = sock.gettimeout()
        try:
            # With an empty buffer `peek` reads from the socket, and would block.
            sock.settimeout(0)
            try:
                return bool(self._reader.peek(1))  # type: ignore[attr-defined] # buffered
            finally:
                sock.settimeout(seconds)
        except BlockingIOError:
            return False
        except (OSError, ValueError):
            # SSLWantReadError is one: no complete TLS record has arrived.
            return False


def close_on_trailing_data(raw: Any) -> None:
    """Close the connection of a reply when its body ends, if there is trailing data.

    Args:
        raw: the `HTTPResponse` of urllib3, not read yet. Nothing happens if it lacks
            the private attributes used here, as it may in other versions of urllib3.
    """
    response: Any = getattr(raw, "_fp", None)
    reader = getattr(response, "fp", None)
    connection = getattr(raw, "connection", None)
    if reader is not None and getattr(connection, "sock", None) is not None:
        response.fp = TrailingDataReader(reader, connection)
