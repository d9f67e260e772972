"""Errors of transferring components' files.

What has gone wrong with the storage is chained as the cause. Nothing here quotes an
address that a storage has handed out: such an address is as good as a key.
"""

from __future__ import annotations

from ftrack_orm.errors.root import FtrackError


class ComponentError(FtrackError):
    """The file of a component could not be transferred.

    Attributes:
        component_id: the component, or ``None`` where none was created.
    """

    component_id: str | None


class UploadError(ComponentError):
    """A file could not be uploaded.

    Attributes:
        component_id: the component that was created for it, or ``None``.
        file_name: the file's name.
        reason: why, in words.
        remains: why the component is still there although it should not, or ``None``
            when nothing is left behind.
        journal: the file that remembers the finished parts, where the upload can be
            resumed; the component stays for it then.
    """

    did = "could not be uploaded"

    def __init__(
        self,
        component_id: str | None,
        file_name: str,
        reason: str,
        *,
        remains: str | None = None,
        journal: str | None = None,
        left: str | None = None,
    ) -> None:
        left = left or _left(component_id, remains, journal)
        super().__init__(f"{file_name!r} {self.did}: {reason}. {left}")
        self.component_id = component_id
        self.file_name = file_name
        self.reason = reason
        self.remains = remains
        self.journal = journal


class UploadCancelledError(UploadError):
    """The caller cancelled the upload."""

    did = "was not uploaded"


class UploadInProgressError(UploadError):
    """Another upload of the file is under way; nothing was sent.

    Attributes:
        journal: the file that the other upload holds locked.
    """

    def __init__(self, file_name: str, journal: str) -> None:
        super().__init__(
            None,
            file_name,
            f"another upload holds the journal {journal!r}",
            journal=journal,
            left="Nothing was sent. Call again when the other upload has ended.",
        )


class FileTooLargeError(UploadError):
    """A file is larger than a storage takes (protocol 7.4); nothing was sent."""


class DownloadError(ComponentError):
    """A component's file could not be downloaded; `target` is as it was.

    Attributes:
        component_id: the component.
        target: where the file should have gone.
        reason: why, in words.
    """

    did = "could not be downloaded"

    def __init__(self, component_id: str, target: str, reason: str) -> None:
        super().__init__(
            f"The file of component {component_id} {self.did} to {target!r}: {reason}. "
            "What was there before is untouched."
        )
        self.component_id = component_id
        self.target = target
        self.reason = reason


class DownloadCancelledError(DownloadError):
    """The caller cancelled the download."""

    did = "was not downloaded"


class ComponentFileError(DownloadError):
    """The server has no such component, or no file for it in its own location."""


def left_behind(component_id: str, remains: str) -> str:
    """Return what to say of a component that could not be deleted again."""
    return (
        f"Its component may still be on the server ({remains}): delete "
        f"FileComponent {component_id}."
    )


def resumable(journal: str) -> str:
    """Return how to go on with an upload that left its journal."""
    return f"Call again with resume={journal!r} to go on where it stopped."


def _left(component_id: str | None, remains: str | None, journal: str | None) -> str:
    if journal is not None:
        return resumable(journal)
    if component_id is None:
        return "Nothing was sent."
    if remains is not None:
        return left_behind(component_id, remains)
    return "Nothing is left of it on the server; try again."
