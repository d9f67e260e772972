"""Which bytes of a file a request asks for: one range, as RFC 9110 (14) has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_RANGE: Final = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)


class Span(NamedTuple):
    """What is answered to a ``Range`` header.

    Attributes:
        status: 200 for the whole, 206 for some of it, 416 for bytes beyond the end,
            400 for what cannot be read.
        start: the first byte.
        end: the byte after the last one.
        size: bytes of the whole.
    """

    status: int
    start: int
    end: int
    size: int

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that say which bytes are answered."""
        found = {"content-length": str(self.end - self.start)}
        if self.status == 206:
            found["content-range"] = f"bytes {self.start}-{self.end - 1}/{self.size}"
        elif self.status == 416:
            found["content-range"] = f"bytes */{self.size}"
        return found


def span(asked: Mapping[str, str], e_tag: str, size: int) -> Span:
    """Return the bytes that ``Range`` and ``If-Range`` ask for.

    Args:
        asked: the request's headers, names in lower case.
        e_tag: tag of the file, quoted as in its header.
        size: bytes of the file.
    """
    wanted = asked.get("range")
    # Several ranges may be answered with the whole (14.2); no client here asks so.
    is_whole = wanted is None or "," in wanted
    if wanted is None or is_whole or asked.get("if-range", e_tag) != e_tag:
        return Span(200, 0, size, size)
    match = _RANGE.fullmatch(wanted)
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
