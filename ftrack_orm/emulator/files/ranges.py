"""Parse the Range header: one range of bytes (RFC 9110, "Range Requests")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_RANGE: Final = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)


class Span(NamedTuple):
    """The part of a file that a ``Range`` header selects.

    Attributes:
        status: 200 for the whole file, 206 for a part, 416 for a start beyond the end,
            400 for a header that cannot be parsed.
        start: offset of the first byte.
        end: offset after the last byte.
        size: bytes of the whole file.
    """

    status: int
    start: int
    end: int
    size: int

    @property
    def headers(self) -> dict[str, str]:
        """Return the response headers ``Content-Length`` and ``Content-Range``."""
        headers = {"content-length": str(self.end - self.start)}
        if self.status == 206:
            headers["content-range"] = f"bytes {self.start}-{self.end - 1}/{self.size}"
        elif self.status == 416:
            headers["content-range"] = f"bytes */{self.size}"
        return headers


def span(headers: Mapping[str, str], e_tag: str, size: int) -> Span:
    """Return the bytes that ``Range`` and ``If-Range`` select.

    Args:
        headers: the request's headers, names in lower case.
        e_tag: entity tag of the file, quoted as in its header.
        size: bytes of the file.
    """
    value = headers.get("range")
    # A server may answer several ranges with the whole file (RFC 9110, "Range").
    is_whole = value is None or "," in value
    if value is None or is_whole or headers.get("if-range", e_tag) != e_tag:
        return Span(200, 0, size, size)
    match = _RANGE.fullmatch(value)
    if match is None or not any(match.groups()):
        return Span(400, 0, 0, size)
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size:
        return Span(416, 0, 0, size)
    if start >= end:
        return Span(400, 0, 0, size)
    return Span(206, start, end, size)
