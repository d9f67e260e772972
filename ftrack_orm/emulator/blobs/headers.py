"""HTTP headers that follow from the name of a file."""

from __future__ import annotations

import mimetypes
from urllib.parse import quote


def media_type_of(name: str) -> str:
    """Return the media type for the suffix of a file name."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def content_disposition(name: str) -> str:
    """Return the Content-Disposition with which browsers save the file (RFC 6266)."""
    encoded = quote(name, safe="")
    if encoded == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=utf-8''{encoded}"
