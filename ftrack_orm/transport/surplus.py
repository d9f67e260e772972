"""Closes a connection on which bytes came beyond the end of an answer.

http.client reads ahead into a buffer, and closes that with the answer: surplus bytes
are lost without a trace, and the rest of them is taken for the next answer.
"""

from __future__ import annotations

from io import BufferedIOBase
from typing import Any


class SurplusReader:
    """The reader of one answer; looks for bytes after its end when it is closed."""

    def __init__(self, reader: BufferedIOBase, connection: Any) -> None:
        self._reader = reader
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def close(self) -> None:
        """Close the reader, and the connection where more bytes are waiting."""
        has_surplus = not self._reader.closed and self._has_surplus()
        self._reader.close()
        if has_surplus:
            # Here, for urllib3 gives the connection to others at the answer's end.
            self._connection.close()

    def _has_surplus(self) -> bool:
        sock = self._connection.sock
        if sock is None:
            return False
        seconds = sock.gettimeout()
        try:
            # Without a timeout of 0 an empty buffer waits for the next bytes.
            sock.settimeout(0)
            try:
                return bool(self._reader.peek(1))  # type: ignore[attr-defined] # buffered
            finally:
                sock.settimeout(seconds)
        except BlockingIOError:
            return False
        except (OSError, ValueError):
            # Also SSLWantReadError: TLS had nothing whole to give.
            return False


def watch_for_surplus(raw: Any) -> None:
    """Have the end of an answer watched.

    Args:
        raw: the answer as urllib3 has it, not read yet. Nothing is watched where a
            version of it is built otherwise.
    """
    answer: Any = getattr(raw, "_fp", None)
    reader = getattr(answer, "fp", None)
    connection = getattr(raw, "connection", None)
    if reader is not None and getattr(connection, "sock", None) is not None:
        answer.fp = SurplusReader(reader, connection)
