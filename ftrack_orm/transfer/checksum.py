"""The MD5 that an answer announces for a file, and that of the bytes received."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Final

_BYTES: Final = 16
_GOOGLE_MD5: Final = re.compile(r"(?:^|[\s,])md5=([A-Za-z0-9+/]+=*)")


class Checksum:
    """Compares the bytes of a file, as they come, with an announced MD5.

    Entity tags are not compared: those of encrypted or multi-part files look like an
    MD5 and are none.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Begin a file.

        Args:
            headers: of an answer with the whole file, names in lower case. Counted are
                ``Content-MD5`` (RFC 1864) and ``x-goog-hash`` of Google's storages.
        """
        self._announced = _announced(headers)
        self._digest = hashlib.md5(usedforsecurity=False)

    def update(self, block: bytes) -> None:
        """Add the next bytes."""
        if self._announced is not None:
            self._digest.update(block)

    @property
    def is_wrong(self) -> bool:
        """Return whether other bytes came than were announced."""
        return self._announced not in (None, self._digest.digest())


def _announced(headers: Mapping[str, str]) -> bytes | None:
    google = _GOOGLE_MD5.search(headers.get("x-goog-hash", ""))
    text = google[1] if google else headers.get("content-md5", "")
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return (
        digest
        if len(digest) == hashlib.md5(usedforsecurity=False).digest_size
        else None
    )
