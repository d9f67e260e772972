"""Errors of snapshots."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors.root import FtrackError


class SnapshotError(FtrackError):
    """A snapshot cannot be made or used."""


class UnknownProjectError(SnapshotError):
    """The server has no project of some names, or the user may not see it.

    Attributes:
        names: the names.
    """

    def __init__(self, names: Sequence[str]) -> None:
        listed = ", ".join(map(repr, names))
        super().__init__(
            f"The server has no project {listed} that this user may see. Check the "
            "spelling, or use a user with a role on it."
        )
        self.names = tuple(names)


class SnapshotFileError(SnapshotError):
    """A snapshot file cannot be used; it is left as it was.

    Attributes:
        path: the file.
        reason: why it cannot be used.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The snapshot {path} cannot be used: {reason}. Make one with "
            "`ftrack-orm snapshot pull`."
        )
        self.path = path
        self.reason = reason
