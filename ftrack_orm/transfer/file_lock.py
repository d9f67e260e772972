"""Advisory locks on open files; the system releases them when the process ends."""

from __future__ import annotations

import os
import sys
from typing import Final

if sys.platform == "win32":
    import msvcrt

    # Windows refuses reads of a locked byte, so the locked byte is beyond any content.
    _LOCKED_BYTE: Final = 1 << 30

    def lock(descriptor: int) -> bool:
        """Lock an open file; return false if another open file holds the lock.

        Raises:
            OSError: the file system has no locks.
        """
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Release the lock of an open file."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    # Not `lockf`: its locks belong to the process, so they do not exclude threads.
    import fcntl

    def lock(descriptor: int) -> bool:
        """Lock an open file; return false if another open file holds the lock.

        Raises:
            OSError: the file system has no locks.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Release the lock of an open file, also in processes forked meanwhile."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_at(descriptor: int, path: str | os.PathLike[str]) -> bool:
    """Return whether `path` still leads to the open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
