"""What the name of a file says of it in HTTP headers."""

from __future__ import annotations

import mimetypes
from urllib.parse import quote


def media_type_of(name: str) -> str:
    """Return the type that a name's ending stands for."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def content_disposition(name: str) -> str:
    """Return the header that has a browser save a file under its name (RFC 6266)."""
    quoted = quote(name, safe="")
    if quoted == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=utf-8''{quoted}"
