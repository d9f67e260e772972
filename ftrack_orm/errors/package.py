"""Errors of writing a package of generated models."""

from __future__ import annotations

from collections.abc import Iterable

from ftrack_orm.errors.root import FtrackError


class PackageError(FtrackError):
    """A generated package could not be written; the earlier package is intact.

    Attributes:
        folder: the package's folder.
        reason: the cause as text.
    """

    def __init__(self, folder: str, reason: str, advice: str | None = None) -> None:
        advice = advice or "Its files are unchanged. Try again."
        super().__init__(f"The package in {folder} was not written: {reason}. {advice}")
        self.folder = folder
        self.reason = reason


class ForeignFilesError(PackageError):
    """Files without the generator's header are in the way; nothing was written.

    Attributes:
        files: their names in the folder, sorted.
    """

    def __init__(self, folder: str, files: Iterable[str]) -> None:
        names = tuple(sorted(files))
        super().__init__(
            folder,
            f"these files lack the generator's header: {', '.join(names)}",
            "Nothing was written. Move them away, or choose another --output or "
            "--package.",
        )
        self.files = names
