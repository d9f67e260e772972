"""Derive names from a file's name that do not exceed the limit of its file system."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

LIMIT: Final = 255
"""Bytes of a name, if the system reports no limit."""

_DIGEST_SIZE: Final = 32
_PREFIX_SIZE: Final = 64


def name_with_suffix(file: Path, suffix: str) -> str:
    """Return the file's name followed by `suffix`, the same in every call.

    A name that is too long is cut and followed by a digest of the whole name, so that
    two long names never give the same result.
    """
    limit = _limit(file.parent)
    if len(os.fsencode(file.name + suffix)) <= limit:
        return file.name + suffix
    digest = hashlib.sha256(os.fsencode(file.name)).hexdigest()[:_DIGEST_SIZE]
    end = f".{digest}{suffix}"
    return name_prefix(file.name, limit - len(os.fsencode(end))) + end


def name_prefix(name: str, size: int = _PREFIX_SIZE) -> str:
    """Return the first characters of a name, at most `size` bytes of them."""
    encoding = sys.getfilesystemencoding()
    return os.fsencode(name)[: max(size, 0)].decode(encoding, "ignore")


def _limit(folder: Path) -> int:
    """Return the largest number of bytes of a name in `folder`."""
    # Windows has no `pathconf`; its limit of 255 characters is at least 255 bytes.
    pathconf = getattr(os, "pathconf", None)
    try:
        return int(pathconf(folder, "PC_NAME_MAX")) if pathconf else LIMIT
    except (OSError, ValueError):
        return LIMIT
