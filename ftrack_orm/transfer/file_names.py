"""Names made from a file's name that its file system takes, however long it is."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

LIMIT: Final = 255
"""Bytes of a name, where the system gives no limit."""

_DIGEST: Final = 32
_BEGINNING: Final = 64


def name_beside(file: Path, suffix: str) -> str:
    """Return the file's name with `suffix`; the same for every call.

    Of a name that is too long for that its beginning stays, followed by a digest of
    all of it: two long names never give the same result.
    """
    limit = _limit(file.parent)
    if len(os.fsencode(file.name + suffix)) <= limit:
        return file.name + suffix
    digest = hashlib.sha256(os.fsencode(file.name)).hexdigest()[:_DIGEST]
    end = f".{digest}{suffix}"
    return beginning(file.name, limit - len(os.fsencode(end))) + end


def beginning(name: str, size: int = _BEGINNING) -> str:
    """Return the first characters of a name, `size` bytes of them at most."""
    encoding = sys.getfilesystemencoding()
    return os.fsencode(name)[: max(size, 0)].decode(encoding, "ignore")


def _limit(folder: Path) -> int:
    """Return how many bytes a name in `folder` may have."""
    # Windows has no such call; its limit of 255 characters is 255 bytes at least.
    pathconf = getattr(os, "pathconf", None)
    try:
        return int(pathconf(folder, "PC_NAME_MAX")) if pathconf else LIMIT
    except (OSError, ValueError):
        return LIMIT
