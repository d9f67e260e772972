"""Compare the MD5 in the headers of a reply with that of the received bytes."""

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
    """Compares the received bytes of a file with the MD5 in the reply's headers.

    Entity tags are not compared: those of encrypted or multi-part files look like an
    MD5 but are not the MD5 of the file.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Read the expected MD5.

        Args:
            headers: the headers of a reply with the whole file, names in lower case.
                ``Content-MD5`` (RFC 1864) and ``x-goog-hash`` of Google's storages are
                used; without them nothing is compared.
        """
        self._expected = _expected_digest(headers)
        self._digest = hashlib.md5(usedforsecurity=False)

    def update(self, block: bytes) -> None:
        """Add the next received bytes."""
        if self._expected is not None:
            self._digest.update(block)

    @property
    def is_wrong(self) -> bool:
        """Return whether the received bytes do not have the expected MD5."""
        return self._expected not in (None, self._digest.digest())


def _expected_digest(headers: Mapping[str, str]) -> bytes | None:
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
